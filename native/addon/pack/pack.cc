#include "pack.h"

#include <pthread.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "../unpack/write_all.h"

namespace {

constexpr size_t kPlainPiece = 256u << 10, kGzipPiece = 512u << 10, kZstdPiece = 2u << 20;
constexpr size_t kWindow = 32u << 10;

size_t PieceSize(Compression compression) {
  if (compression == Compression::gzip) return kGzipPiece;
  return compression == Compression::zstd ? kZstdPiece : kPlainPiece;
}

}  // namespace

Pack::Pack(PackOptions options, std::function<void(Event)> notify)
    : options_(std::move(options)), notify_(std::move(notify)), pieceSize_(PieceSize(options_.compression)) {
  unsigned workers = options_.compression == Compression::none ? 0 : std::max(1u, options_.threads);
  limit_ = std::max<size_t>(8, 3 * workers);
  running_ = workers + (options_.fd >= 0 ? 2 : 1);
  threads_.emplace_back([this] { ReadThread(); });
  if (options_.fd >= 0) threads_.emplace_back([this] { WriteThread(); });
  for (unsigned i = 0; i < workers; i++) threads_.emplace_back([this] { WorkThread(); });
}

Pack::~Pack() {
  Abort();
  for (std::thread& thread : threads_) thread.join();
}

void Pack::Abort() {
  faults_.Set(FaultKind::aborted, "aborted");
  Stop();
}

void Pack::Stop() {
  std::lock_guard<std::mutex> guard(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

Pack::State Pack::Read(Block* out) {
  std::lock_guard<std::mutex> guard(mutex_);
  if (options_.fd < 0 && TakeOut(out)) return State::data;
  asked_ = !done_;
  return done_ ? State::end : State::wait;
}

// With the lock held.
bool Pack::TakeOut(Block* out) {
  if (stopped_ || out_.empty()) return false;
  *out = std::move(out_.front());
  out_.pop_front();
  underWay_--;
  changed_.notify_all();
  return true;
}

void Pack::WriteThread() {
  pthread_setname_np(pthread_self(), "layer-write");
  Block block;
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [&] { return stopped_ || allOut_ || !out_.empty(); });
      if (!TakeOut(&block)) break;
    }
    if (int rc = WriteAll(options_.fd, block.data.get(), block.size); rc < 0) {
      faults_.Set(FaultKind::system, "write", -rc);
      Stop();
      break;
    }
  }
  Leave();
}

void Pack::Leave() {
  if (running_.fetch_sub(1) != 1) return;
  bool isPlain = options_.compression == Compression::none;
  if (faults_.Get().kind == FaultKind::none) result_.digest = isPlain ? result_.diffId : hash_.Hex();
  {
    std::lock_guard<std::mutex> guard(mutex_);
    done_ = true;
  }
  notify_(Event::done);
}

void Pack::ReadThread() {
  pthread_setname_np(pthread_self(), "layer-read");
  bool ok = ReadAll();
  {
    std::lock_guard<std::mutex> guard(mutex_);
    readEnded_ = true;
    stopped_ = stopped_ || !ok;
    changed_.notify_all();
  }
  Leave();
}

bool Pack::ReadAll() {
  Reassembler reassembler(options_.folders, faults_);
  if (!reassembler.Run(options_.tarSplit, *this)) return false;
  result_.diffId = rawHash_.Hex();
  // Before the last piece is given out: nobody may hold a whole stream that is wrong.
  if (!options_.expectedDiffId.empty() && options_.expectedDiffId != result_.diffId) {
    return faults_.Set(FaultKind::corrupt, "layer content incorrect digest: file integrity checksum failed");
  }
  return Dispatch(true);
}

bool Pack::Raw(const uint8_t* data, size_t size) {
  while (size > 0) {
    size_t room = 0;
    uint8_t* into = Room(&room);
    size_t n = std::min(room, size);
    if (!into) return false;
    memcpy(into, data, n);
    if (!Commit(n)) return false;
    data += n;
    size -= n;
  }
  return true;
}

bool Pack::BeginFile() {
  if (!options_.perFile) return true;
  if (piece_.size > 0 && !Dispatch(false)) return false;
  fileHash_ = std::make_unique<Sha256>();
  result_.files.push_back({"", pieces_, 0});
  return true;
}

bool Pack::EndFile() {
  if (!options_.perFile) return true;
  if (piece_.size > 0 && !Dispatch(false)) return false;
  result_.files.back().digest = fileHash_->Hex();
  result_.files.back().endPiece = pieces_;
  fileHash_.reset();
  return true;
}

uint8_t* Pack::Room(size_t* room) {
  if (piece_.size == pieceSize_ && !Dispatch(false)) return nullptr;
  if (!piece_.data) piece_.data.reset(new uint8_t[pieceSize_]);
  *room = pieceSize_ - piece_.size;
  return piece_.data.get() + piece_.size;
}

bool Pack::Commit(size_t size) {
  const uint8_t* data = piece_.data.get() + piece_.size;
  rawHash_.Update(data, size);
  if (fileHash_) fileHash_->Update(data, size);
  if (options_.compression == Compression::gzip) {
    crc_ = static_cast<uint32_t>(crc32(crc_, data, static_cast<uInt>(size)));
  }
  result_.diffSize += size;
  piece_.size += size;
  return true;
}

// Gives the piece that was filled to the workers. False when nobody wants it any more.
bool Pack::Dispatch(bool last) {
  Piece next;
  if (options_.compression == Compression::gzip) {
    size_t keep = std::min(kWindow, piece_.size);
    if (keep > 0) next.before.assign(piece_.data.get() + piece_.size - keep, piece_.data.get() + piece_.size);
  }
  piece_.last = last;
  piece_.index = pieces_++;
  std::unique_lock<std::mutex> lock(mutex_);
  if (last) total_ = pieces_;
  changed_.wait(lock, [&] { return stopped_ || underWay_ < limit_; });
  if (stopped_) return false;
  underWay_++;
  if (options_.compression != Compression::none) {
    waiting_.push_back(std::move(piece_));
    changed_.notify_all();
  } else {
    lock.unlock();
    Deliver(piece_.index, {std::move(piece_.data), piece_.size});
  }
  piece_ = std::move(next);
  return true;
}

void Pack::WorkThread() {
  pthread_setname_np(pthread_self(), "layer-encode");
  auto encoder = MakeEncoder(options_.compression, options_.level, options_.allowIsal);
  if (!encoder) faults_.Set(FaultKind::unsupported, "this machine cannot encode this compression");
  if (!encoder) Stop();
  std::vector<uint8_t> bytes;
  for (;;) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || readEnded_ || !waiting_.empty(); });
    if (stopped_ || waiting_.empty()) break;
    Piece piece = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    // zstd ends with any frame.
    bool nothing = piece.size == 0 && piece.index > 0 && options_.compression == Compression::zstd;
    if (nothing) bytes.clear();
    if (!nothing && !encoder->Run(piece, &bytes)) {
      faults_.Set(FaultKind::system, "compress", ENOMEM);
      Stop();
      break;
    }
    Frame(piece, &bytes);
    Block block{std::unique_ptr<uint8_t[]>(new uint8_t[bytes.size()]), bytes.size()};
    memcpy(block.data.get(), bytes.data(), bytes.size());
    piece.data.reset();
    Deliver(piece.index, std::move(block));
  }
  Leave();
}

// What gzip has around the deflated bytes (RFC 1952).
void Pack::Frame(const Piece& piece, std::vector<uint8_t>* bytes) {
  if (options_.compression != Compression::gzip) return;
  static const uint8_t header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
  if (piece.index == 0) bytes->insert(bytes->begin(), header, header + sizeof header);
  if (!piece.last) return;
  for (uint64_t number : {static_cast<uint64_t>(crc_), result_.diffSize}) {
    for (int i = 0; i < 4; i++) bytes->push_back(static_cast<uint8_t>(number >> (8 * i)));
  }
}

// In order, whoever is last to have what comes next.
void Pack::Deliver(size_t index, Block bytes) {
  bool tell;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    ready_[index] = std::move(bytes);
    while (!ready_.empty() && ready_.begin()->first == next_) {
      result_.offsets.push_back(result_.size);
      next_++;
      HandOut(std::move(ready_.begin()->second));
      ready_.erase(ready_.begin());
    }
    allOut_ = next_ == total_;
    if (options_.fd >= 0) changed_.notify_all();
    tell = asked_ && options_.fd < 0 && !out_.empty();
    if (tell) asked_ = false;
  }
  if (tell) notify_(Event::ready);
}

void Pack::HandOut(Block bytes) {
  // A stream that is not compressed is hashed once.
  if (options_.compression != Compression::none) hash_.Update(bytes.data.get(), bytes.size);
  result_.size += bytes.size;
  out_.push_back(std::move(bytes));
}
