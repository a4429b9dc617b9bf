// One layer being unpacked: a thread that decodes what comes in and hashes both sides of that, and one that parses
// the tar and writes files. Memory is bounded by the two queues between the three threads.
#pragma once

#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>

#include "decoder.h"
#include "fault.h"
#include "layer.h"
#include "queue.h"
#include "sha256.h"

struct UnpackOptions {
  std::string dir, tarSplit;
  std::string expectedDigest, expectedDiffId;  // 64 hex characters, or empty
  int64_t expectedSize = -1;
  bool rootless = false, ignoreChownErrors = false, allowIsal = true;
  uint64_t maxEntries = 0, keepFree = 0, maxRatio = 0;
};

struct UnpackResult {
  std::string digest, diffId;
  uint64_t size = 0, diffSize = 0;
  Compression compression = Compression::none;
  std::set<uint32_t> uids, gids;
};

class Unpack {
 public:
  enum class Event { drained, done };

  // `notify` is called from other threads; `done` comes once, last.
  Unpack(UnpackOptions options, std::function<void(Event)> notify);
  ~Unpack();

  // -1: failed, 0: wait for `drained`, 1: go on.
  int Write(const uint8_t* data, size_t size);
  void End();
  void Abort();
  // Both are good after `done`.
  Fault GetFault() { return faults_.Get(); }
  const UnpackResult& Result() const { return result_; }

 private:
  void DecodeThread();
  bool Decode();
  bool Feed(const Block& block);
  bool Emit();
  bool Begin();
  bool CheckBlob();
  void WriteThread();
  bool WriteFiles();
  bool CheckDiff();
  void Leave();

  UnpackOptions options_;
  std::function<void(Event)> notify_;
  Faults faults_;
  BlockQueue input_, raw_;
  UnpackResult result_;
  Sha256 hash_, rawHash_;
  std::unique_ptr<Decoder> decoder_;
  std::string head_;  // the first bytes, until the compression is known
  Block out_;
  uint64_t produced_ = 0;
  std::atomic<int> running_{2};
  std::thread decode_, write_;
};
