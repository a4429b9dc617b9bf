// The decoded bytes of a layer, pulled by the thread that writes files.
#pragma once

#include <algorithm>
#include <cstring>

#include "queue.h"

class Source {
 public:
  explicit Source(BlockQueue& queue) : queue_(queue) {}

  // The bytes at hand (at least one), or 0 at the end.
  size_t Peek(const uint8_t** data) {
    if (position_ == block_.size && !Next()) return 0;
    *data = block_.data.get() + position_;
    return block_.size - position_;
  }

  void Consume(size_t n) { position_ += n; }

  // How many of the bytes could be had.
  size_t Read(uint8_t* into, size_t wanted) {
    size_t got = 0;
    const uint8_t* data;
    while (got < wanted) {
      size_t n = std::min(Peek(&data), wanted - got);
      if (n == 0) break;
      memcpy(into + got, data, n);
      Consume(n);
      got += n;
    }
    return got;
  }

 private:
  bool Next() {
    position_ = 0;
    block_.size = 0;
    return queue_.Pop(block_);
  }

  BlockQueue& queue_;
  Block block_;
  size_t position_ = 0;
};
