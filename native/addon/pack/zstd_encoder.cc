// zstd, one frame a piece, by the encoder that Node carries or by libzstd.so.1. Frames follow each other in a stream
// as they like (RFC 8878, 3): pieces are compressed side by side.
#include <dlfcn.h>

#include "encoder.h"

namespace {

struct Api {
  void* (*create)() = nullptr;
  size_t (*free)(void*) = nullptr;
  size_t (*set)(void*, int, int) = nullptr;
  size_t (*bound)(size_t) = nullptr;
  size_t (*run)(void*, void*, size_t, const void*, size_t) = nullptr;
  unsigned (*isError)(size_t) = nullptr;
};

enum { kCompressionLevel = 100, kChecksumFlag = 201 };

template <typename F>
bool Find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  return function != nullptr;
}

bool FindAll(void* library, Api& api) {
  return Find(library, "ZSTD_createCCtx", api.create) && Find(library, "ZSTD_freeCCtx", api.free) &&
         Find(library, "ZSTD_CCtx_setParameter", api.set) && Find(library, "ZSTD_compressBound", api.bound) &&
         Find(library, "ZSTD_compress2", api.run) && Find(library, "ZSTD_isError", api.isError);
}

const Api* Load() {
  static Api api;
  if (FindAll(RTLD_DEFAULT, api)) return &api;
  void* library = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL);
  return library && FindAll(library, api) ? &api : nullptr;
}

class ZstdFrames : public Encoder {
 public:
  ZstdFrames(const Api* api, int level) : api_(api), context_(api->create()) {
    api_->set(context_, kCompressionLevel, level);
    api_->set(context_, kChecksumFlag, 1);
  }
  ~ZstdFrames() override { api_->free(context_); }

  bool Run(const Piece& piece, std::vector<uint8_t>* out) override {
    out->resize(api_->bound(piece.size));
    size_t size = api_->run(context_, out->data(), out->size(), piece.data.get(), piece.size);
    if (api_->isError(size)) return false;
    out->resize(size);
    return true;
  }

 private:
  const Api* api_;
  void* context_;
};

}  // namespace

std::unique_ptr<Encoder> MakeZstdEncoder(int level) {
  static const Api* api = Load();
  if (!api) return nullptr;
  return std::make_unique<ZstdFrames>(api, level);
}
