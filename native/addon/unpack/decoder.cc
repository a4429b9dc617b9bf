#include "decoder.h"

#include <algorithm>
#include <cstring>

namespace {

class Plain : public Decoder {
 public:
  const char* Run(Step& step) override {
    step.consumed = step.produced = std::min(step.inSize, step.outSize);
    memcpy(step.out, step.in, step.consumed);
    return nullptr;
  }
  bool AtEnd() const override { return true; }
};

bool Starts(const uint8_t* data, size_t size, const char* magic, size_t length) {
  return size >= length && memcmp(data, magic, length) == 0;
}

}  // namespace

Compression Sniff(const uint8_t* data, size_t size) {
  if (Starts(data, size, "\x1f\x8b\x08", 3)) return Compression::gzip;
  if (Starts(data, size, "\x28\xb5\x2f\xfd", 4)) return Compression::zstd;
  // A skippable frame may come first: zstd:chunked and seekable streams have them.
  if (size >= 4 && (data[0] & 0xf0) == 0x50 && memcmp(data + 1, "\x2a\x4d\x18", 3) == 0) return Compression::zstd;
  if (Starts(data, size, "BZh", 3)) return Compression::bzip2;
  if (Starts(data, size, "\xfd\x37zXZ\0", 6)) return Compression::xz;
  return Compression::none;
}

std::unique_ptr<Decoder> MakeDecoder(Compression compression, bool allowIsal) {
  if (compression == Compression::gzip) return MakeGzip(allowIsal);
  if (compression == Compression::zstd) return MakeZstd();
  if (compression == Compression::none) return std::make_unique<Plain>();
  return nullptr;
}
