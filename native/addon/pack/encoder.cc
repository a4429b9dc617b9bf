#include "encoder.h"

#include <zlib.h>

namespace {

// Twice as fast as 6, a thirtieth larger.
constexpr int kZlibDefault = 4;

// Raw deflate that ends on a byte: pieces joined are one stream.
class Zlib : public Encoder {
 public:
  explicit Zlib(int level) { ok_ = deflateInit2(&stream_, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK; }
  ~Zlib() override { deflateEnd(&stream_); }

  bool Run(const Piece& piece, std::vector<uint8_t>* out) override {
    if (!ok_ || deflateReset(&stream_) != Z_OK) return false;
    if (!piece.before.empty()) {
      deflateSetDictionary(&stream_, piece.before.data(), static_cast<uInt>(piece.before.size()));
    }
    out->resize(deflateBound(&stream_, piece.size) + 64);
    stream_.next_in = piece.data.get();
    stream_.avail_in = static_cast<uInt>(piece.size);
    stream_.next_out = out->data();
    stream_.avail_out = static_cast<uInt>(out->size());
    int rc = deflate(&stream_, piece.last ? Z_FINISH : Z_SYNC_FLUSH);
    out->erase(out->end() - stream_.avail_out, out->end());
    return rc == (piece.last ? Z_STREAM_END : Z_OK) && stream_.avail_in == 0;
  }

 private:
  z_stream stream_ = {};
  bool ok_ = false;
};

}  // namespace

std::unique_ptr<Encoder> MakeEncoder(Compression compression, int level, bool allowIsal) {
  if (compression == Compression::zstd) return MakeZstdEncoder(level ? level : 3);
  if (compression != Compression::gzip) return nullptr;
  std::unique_ptr<Encoder> isal = level == 0 && allowIsal ? MakeIsalEncoder() : nullptr;
  return isal ? std::move(isal) : std::make_unique<Zlib>(level ? level : kZlibDefault);
}
