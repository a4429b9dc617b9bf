// The decoded bytes of a layer, pulled by the thread that writes files.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstring>

#include "queue.h"
#include "sha256.h"

class Source {
 public:
  // While `hashing` is off the bytes are those of the blob, which has been hashed already.
  Source(BlockQueue& queue, const std::atomic<bool>& hashing) : queue_(queue), hashing_(hashing) {}

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

  uint64_t Size() const { return total_; }
  std::string Hex() { return hash_.Hex(); }

 private:
  bool Next() {
    position_ = 0;
    block_.size = 0;
    if (!queue_.Pop(block_)) {
      block_.size = 0;
      return false;
    }
    if (hashing_) hash_.Update(block_.data.get(), block_.size);
    total_ += block_.size;
    return true;
  }

  BlockQueue& queue_;
  Block block_;
  size_t position_ = 0;
  uint64_t total_ = 0;
  const std::atomic<bool>& hashing_;
  Sha256 hash_;
};
