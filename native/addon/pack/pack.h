// A layer on its way out: one thread puts the tar together again, several compress pieces of it, and whoever finishes
// the next piece in order hashes and hands it out. Memory is bounded by the number of pieces under way.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "../unpack/queue.h"
#include "../unpack/sha256.h"
#include "encoder.h"
#include "reassembler.h"

struct PackOptions {
  std::vector<std::string> folders;
  std::string tarSplit;
  std::string expectedDiffId;  // 64 hex characters, or empty
  Compression compression = Compression::none;
  int level = 0;
  bool allowIsal = true;
  // zstd: the content of every file in frames of its own.
  bool perFile = false;
  unsigned threads = 2;
  // Where the stream goes, instead of to Read. The descriptor stays the caller's.
  int fd = -1;
};

struct PackedFile {
  std::string digest;      // of the content
  size_t piece, endPiece;  // the frames that hold it; see PackResult::offsets
};

struct PackResult {
  std::string digest, diffId;
  uint64_t size = 0, diffSize = 0;
  std::vector<PackedFile> files;
  std::vector<uint64_t> offsets;  // where each piece starts in the stream
};

class Pack : private TarSink {
 public:
  enum class Event { ready, done };
  enum class State { data, wait, end };

  // `notify` is called from other threads; `done` comes once, last.
  Pack(PackOptions options, std::function<void(Event)> notify);
  ~Pack() override;

  // `wait`: a notification follows.
  State Read(Block* out);
  void Abort();
  // Both are good after `done`.
  Fault GetFault() { return faults_.Get(); }
  const PackResult& Result() const { return result_; }

 private:
  bool Raw(const uint8_t* data, size_t size) override;
  bool BeginFile() override;
  uint8_t* Room(size_t* room) override;
  bool Commit(size_t size) override;
  bool EndFile() override;

  void ReadThread();
  bool ReadAll();
  bool Dispatch(bool last);
  void WorkThread();
  void WriteThread();
  bool TakeOut(Block* out);
  void Deliver(size_t index, Block bytes);
  void HandOut(Block bytes);
  void Frame(const Piece& piece, std::vector<uint8_t>* bytes);
  void Stop();
  void Leave();

  PackOptions options_;
  std::function<void(Event)> notify_;
  Faults faults_;
  PackResult result_;
  // Of the reading thread.
  Piece piece_;
  size_t pieces_ = 0, pieceSize_, limit_;
  Sha256 rawHash_;
  std::unique_ptr<Sha256> fileHash_;
  uint32_t crc_ = 0;
  // Shared.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> waiting_;
  std::map<size_t, Block> ready_;
  std::deque<Block> out_;
  size_t underWay_ = 0, next_ = 0, total_ = SIZE_MAX;
  bool readEnded_ = false, allOut_ = false, stopped_ = false, done_ = false, asked_ = false;
  Sha256 hash_;
  std::atomic<unsigned> running_;
  std::vector<std::thread> threads_;
};
