// Deflate by libisal.so.2: ten times as fast as zlib's level 6, a tenth larger.
#include <dlfcn.h>

#include <cstring>

#include "encoder.h"
#include <zlib.h>

namespace {

// The head of ISA-L's `struct isal_zstream`, and room for the rest of it. The layout belongs to soname 2; it is tried
// out before it is trusted.
struct Stream {
  uint8_t* next_in;
  uint32_t avail_in, total_in;
  uint8_t* next_out;
  uint32_t avail_out, total_out;
  void* hufftables;
  uint32_t level, level_buf_size;
  uint8_t* level_buf;
  uint16_t end_of_stream, flush, gzip_flag, hist_bits;
  uint8_t rest[262144 - 64];
};

struct Api {
  void (*init)(Stream*) = nullptr;
  int (*setDictionary)(Stream*, uint8_t*, uint32_t) = nullptr;
  int (*run)(Stream*) = nullptr;
};

enum { kNoFlush = 0, kSyncFlush = 1, kLevel = 3 };
constexpr size_t kLevelBuffer = 1u << 20;  // ISAL_DEF_LVL3_EXTRA_LARGE is below

class IsalDeflate : public Encoder {
 public:
  explicit IsalDeflate(const Api& api)
      : api_(api), stream_(std::make_unique<Stream>()), buffer_(new uint8_t[kLevelBuffer]) {}

  bool Run(const Piece& piece, std::vector<uint8_t>* out) override {
    Stream& s = *stream_;
    api_.init(&s);
    s.level = kLevel;
    s.level_buf = buffer_.get();
    s.level_buf_size = kLevelBuffer;
    auto* before = const_cast<uint8_t*>(piece.before.data());
    if (!piece.before.empty() && api_.setDictionary(&s, before, static_cast<uint32_t>(piece.before.size())) != 0) return false;
    s.end_of_stream = piece.last;
    s.flush = piece.last ? kNoFlush : kSyncFlush;
    s.next_in = piece.data.get();
    s.avail_in = static_cast<uint32_t>(piece.size);
    out->resize(piece.size + piece.size / 8 + 4096);
    s.next_out = out->data();
    s.avail_out = static_cast<uint32_t>(out->size());
    if (api_.run(&s) != 0 || s.avail_in != 0 || s.avail_out == 0) return false;
    out->erase(out->end() - s.avail_out, out->end());
    return true;
  }

 private:
  const Api& api_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<uint8_t[]> buffer_;
};

bool Encode(const Api& api, Piece& piece, const char* text, std::vector<uint8_t>* all) {
  std::vector<uint8_t> out;
  piece.size = strlen(text);
  piece.data.reset(new uint8_t[piece.size]);
  memcpy(piece.data.get(), text, piece.size);
  if (!IsalDeflate(api).Run(piece, &out)) return false;
  all->insert(all->end(), out.begin(), out.end());
  piece.before.assign(piece.data.get(), piece.data.get() + piece.size);
  return true;
}

// Two pieces, the second one with the first for its dictionary, must come out of zlib as they went in.
bool Trusted(const Api& api) {
  if (!api.init || !api.setDictionary || !api.run) return false;
  std::vector<uint8_t> all;
  Piece piece;
  uint8_t plain[64] = {};
  bool ok = Encode(api, piece, "tspod tspod tspod, ", &all);
  piece.last = true;
  ok = ok && Encode(api, piece, "tspod again", &all);
  z_stream stream = {};
  if (!ok || inflateInit2(&stream, -15) != Z_OK) return false;
  stream.next_in = all.data();
  stream.avail_in = static_cast<uInt>(all.size());
  stream.next_out = plain;
  stream.avail_out = sizeof plain;
  int rc = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return rc == Z_STREAM_END && strcmp(reinterpret_cast<char*>(plain), "tspod tspod tspod, tspod again") == 0;
}

const Api* Load() {
  static Api api;
  void* library = dlopen("libisal.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!library) return nullptr;
  api.init = reinterpret_cast<void (*)(Stream*)>(dlsym(library, "isal_deflate_init"));
  api.setDictionary = reinterpret_cast<int (*)(Stream*, uint8_t*, uint32_t)>(dlsym(library, "isal_deflate_set_dict"));
  api.run = reinterpret_cast<int (*)(Stream*)>(dlsym(library, "isal_deflate"));
  return Trusted(api) ? &api : nullptr;
}

}  // namespace

std::unique_ptr<Encoder> MakeIsalEncoder() {
  static const Api* api = Load();
  return api ? std::make_unique<IsalDeflate>(*api) : nullptr;
}
