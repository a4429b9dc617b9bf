// zstd, any number of frames, by the decoder that Node carries or by libzstd.so.1. The window is limited by the
// library's default of 128 MiB: a frame that asks for more is refused.
#include <dlfcn.h>

#include "decoder.h"

namespace {

struct Buffer {  // ZSTD_inBuffer and ZSTD_outBuffer
  const void* data;
  size_t size, position;
};

struct Api {
  void* (*create)() = nullptr;
  size_t (*free)(void*) = nullptr;
  size_t (*run)(void*, Buffer*, Buffer*) = nullptr;
  unsigned (*isError)(size_t) = nullptr;
  const char* (*errorName)(size_t) = nullptr;
};

bool Find(void* library, Api& api) {
  api.create = reinterpret_cast<void* (*)()>(dlsym(library, "ZSTD_createDStream"));
  api.free = reinterpret_cast<size_t (*)(void*)>(dlsym(library, "ZSTD_freeDStream"));
  api.run = reinterpret_cast<size_t (*)(void*, Buffer*, Buffer*)>(dlsym(library, "ZSTD_decompressStream"));
  api.isError = reinterpret_cast<unsigned (*)(size_t)>(dlsym(library, "ZSTD_isError"));
  api.errorName = reinterpret_cast<const char* (*)(size_t)>(dlsym(library, "ZSTD_getErrorName"));
  return api.create && api.free && api.run && api.isError && api.errorName;
}

const Api* Load() {
  static Api api;
  if (Find(RTLD_DEFAULT, api)) return &api;
  void* library = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL);
  return library && Find(library, api) ? &api : nullptr;
}

class Zstd : public Decoder {
 public:
  explicit Zstd(const Api* api) : api_(api), stream_(api->create()) {}
  ~Zstd() override { api_->free(stream_); }

  const char* Run(Step& step) override {
    Buffer in = {step.in, step.inSize, 0}, out = {step.out, step.outSize, 0};
    size_t rc = api_->run(stream_, &out, &in);
    step.consumed = in.position;
    step.produced = out.position;
    if (api_->isError(rc)) return api_->errorName(rc);
    if (step.consumed || step.produced) atEnd_ = rc == 0;
    return nullptr;
  }

  bool AtEnd() const override { return atEnd_; }

 private:
  const Api* api_;
  void* stream_;
  bool atEnd_ = false;
};

}  // namespace

std::unique_ptr<Decoder> MakeZstd() {
  static const Api* api = Load();
  if (!api) return nullptr;
  return std::make_unique<Zstd>(api);
}
