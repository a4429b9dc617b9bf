// A bounded queue between two threads.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

struct Block {
  std::unique_ptr<uint8_t[]> data;
  size_t size = 0;
};

class BlockQueue {
 public:
  explicit BlockQueue(size_t limit) : limit_(limit) {}

  // Waits for room. False when nobody will read any more.
  bool Push(Block block) {
    std::unique_lock<std::mutex> lock(mutex_);
    room_.wait(lock, [&] { return stopped_ || bytes_ < limit_; });
    return Add(std::move(block));
  }

  // Does not wait: the limit is then the caller's to respect. -1 stopped, 0 full now, 1 go on.
  int Offer(Block block) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!Add(std::move(block))) return -1;
    bool full = bytes_ >= limit_;
    if (full) starved_ = true;
    return full ? 0 : 1;
  }

  // Waits for a block. False at the end, and when stopped.
  bool Pop(Block& block) {
    std::unique_lock<std::mutex> lock(mutex_);
    filled_.wait(lock, [&] { return stopped_ || ended_ || !blocks_.empty(); });
    if (stopped_ || blocks_.empty()) return false;
    block = std::move(blocks_.front());
    blocks_.pop_front();
    bytes_ -= block.size;
    room_.notify_one();
    return true;
  }

  // True once after a refused Offer, when half of the queue is free again.
  bool TakeStarved() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!starved_ || bytes_ > limit_ / 2) return false;
    starved_ = false;
    return true;
  }

  // The writer is done.
  void End() {
    std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    filled_.notify_all();
  }

  // Either side gives up.
  void Stop() {
    std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    blocks_.clear();
    bytes_ = 0;
    room_.notify_all();
    filled_.notify_all();
  }

 private:
  bool Add(Block block) {
    if (stopped_) return false;
    bytes_ += block.size;
    blocks_.push_back(std::move(block));
    filled_.notify_one();
    return true;
  }

  size_t limit_, bytes_ = 0;
  bool ended_ = false, stopped_ = false, starved_ = false;
  std::deque<Block> blocks_;
  std::mutex mutex_;
  std::condition_variable room_, filled_;
};
