#include "unpack.h"

#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

namespace {

constexpr size_t kInputLimit = 4u << 20, kRawLimit = 4u << 20, kRawBlock = 256u << 10;
constexpr size_t kSniff = 6;
// Small blobs may have any ratio.
constexpr uint64_t kRatioFrom = 1u << 30;

}  // namespace

Unpack::Unpack(UnpackOptions options, std::function<void(Event)> notify)
    : options_(std::move(options)), notify_(std::move(notify)), input_(kInputLimit), raw_(kRawLimit) {
  decode_ = std::thread([this] { DecodeThread(); });
  write_ = std::thread([this] { WriteThread(); });
}

Unpack::~Unpack() {
  Abort();
  decode_.join();
  write_.join();
}

int Unpack::Write(const uint8_t* data, size_t size) {
  Block block{std::unique_ptr<uint8_t[]>(new uint8_t[size]), size};
  memcpy(block.data.get(), data, size);
  return input_.Offer(std::move(block));
}

void Unpack::End() { input_.End(); }

void Unpack::Abort() {
  faults_.Set(FaultKind::aborted, "aborted");
  input_.Stop();
  raw_.Stop();
}

void Unpack::Leave() {
  if (running_.fetch_sub(1) == 1) notify_(Event::done);
}

void Unpack::DecodeThread() {
  pthread_setname_np(pthread_self(), "layer-decode");
  if (Decode()) raw_.End();
  else raw_.Stop();
  input_.Stop();
  // Whoever waits for room must see that there will be none.
  if (input_.TakeStarved()) notify_(Event::drained);
  Leave();
}

bool Unpack::Decode() {
  Block block;
  while (input_.Pop(block)) {
    if (input_.TakeStarved()) notify_(Event::drained);
    hash_.Update(block.data.get(), block.size);
    result_.size += block.size;
    if (options_.expectedSize >= 0 && result_.size > static_cast<uint64_t>(options_.expectedSize)) {
      return faults_.Set(FaultKind::corrupt,
                         "blob is larger than the " + std::to_string(options_.expectedSize) + " bytes announced");
    }
    if (!Feed(block)) return false;
  }
  if (faults_.Get().kind != FaultKind::none) return false;
  if (!decoder_ && !Begin()) return false;
  if (!decoder_->AtEnd())
    return CheckBlob() && faults_.Set(FaultKind::corrupt, "unexpected end of the compressed stream");
  return (out_.size == 0 || Emit()) && CheckBlob() && CheckDiff();
}

// Chooses the decoder by the first bytes. False if there is none for them.
bool Unpack::Begin() {
  const auto* head = reinterpret_cast<const uint8_t*>(head_.data());
  result_.compression = Sniff(head, head_.size());
  decoder_ = MakeDecoder(result_.compression, options_.allowIsal);
  if (!decoder_) {
    static const char* names[] = {"none", "bzip2", "gzip", "xz", "zstd"};
    std::string name = names[static_cast<int>(result_.compression)];
    return faults_.Set(FaultKind::unsupported, "unsupported compression of a layer: " + name);
  }
  Block first{std::unique_ptr<uint8_t[]>(new uint8_t[head_.size()]), head_.size()};
  memcpy(first.data.get(), head_.data(), head_.size());
  return Feed(first);
}

bool Unpack::Feed(const Block& block) {
  if (!decoder_) {
    head_.append(reinterpret_cast<const char*>(block.data.get()), block.size);
    return head_.size() < kSniff || Begin();
  }
  for (size_t at = 0;;) {
    if (!out_.data) out_ = {std::unique_ptr<uint8_t[]>(new uint8_t[kRawBlock]), 0};
    if (at == block.size && decoder_->AtEnd()) return true;
    Step step{block.data.get() + at, block.size - at, out_.data.get() + out_.size, kRawBlock - out_.size};
    if (const char* error = decoder_->Run(step)) return faults_.Set(FaultKind::corrupt, error);
    at += step.consumed;
    out_.size += step.produced;
    if (out_.size == kRawBlock && !Emit()) return false;
    if (step.consumed == 0 && step.produced == 0) {
      return at == block.size || faults_.Set(FaultKind::corrupt, "compressed stream does not go on");
    }
  }
}

bool Unpack::Emit() {
  // A blob that is not compressed is hashed once.
  if (result_.compression != Compression::none) rawHash_.Update(out_.data.get(), out_.size);
  produced_ += out_.size;
  if (options_.maxRatio && produced_ > kRatioFrom && produced_ / options_.maxRatio > result_.size) {
    return faults_.Set(FaultKind::refused,
                       "layer expands to more than " + std::to_string(options_.maxRatio) + " times its size");
  }
  return raw_.Push(std::move(out_));
}

bool Unpack::CheckBlob() {
  result_.digest = hash_.Hex();
  if (options_.expectedSize >= 0 && result_.size != static_cast<uint64_t>(options_.expectedSize)) {
    return faults_.Set(FaultKind::corrupt, "blob has " + std::to_string(result_.size) + " bytes instead of the " +
                                               std::to_string(options_.expectedSize) + " announced");
  }
  if (options_.expectedDigest.empty() || options_.expectedDigest == result_.digest) return true;
  return faults_.Set(FaultKind::corrupt, "Digest did not match, expected sha256:" + options_.expectedDigest +
                                             ", got sha256:" + result_.digest);
}

void Unpack::WriteThread() {
  pthread_setname_np(pthread_self(), "layer-write");
  // A file mode creation mask of this thread alone: modes come out as the layer has them.
  bool ok = unshare(CLONE_FS) == 0 || faults_.Set(FaultKind::system, "unshare", errno);
  if (ok) umask(0);
  ok = ok && WriteFiles();
  if (!ok) input_.Stop();
  raw_.Stop();
  Leave();
}

bool Unpack::WriteFiles() {
  Source source(raw_);
  Tree tree(faults_, {options_.rootless, options_.ignoreChownErrors, options_.keepFree});
  TarSplit split;
  if (int rc = split.Open(options_.tarSplit); rc < 0) return faults_.Set(FaultKind::system, "open tar-split", -rc);
  Layer layer(source, tree, split, faults_, {options_.maxEntries});
  if (!tree.Open(options_.dir) || !layer.Run()) return false;
  if (int rc = split.Close(); rc < 0) return faults_.Set(FaultKind::system, "write tar-split", -rc);
  result_.uids = std::move(layer.uids);
  result_.gids = std::move(layer.gids);
  return true;
}

bool Unpack::CheckDiff() {
  result_.diffSize = produced_;
  result_.diffId = result_.compression == Compression::none ? result_.digest : rawHash_.Hex();
  if (options_.expectedDiffId.empty() || options_.expectedDiffId == result_.diffId) return true;
  return faults_.Set(FaultKind::corrupt, "layer does not match its diff id, expected sha256:" +
                                             options_.expectedDiffId + ", got sha256:" + result_.diffId);
}
