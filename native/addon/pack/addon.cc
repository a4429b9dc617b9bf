// Layers on their way out, as JavaScript sees them.
#include <memory>

#include "../api.h"
#include "../unpack/addon_parts.h"
#include "pack.h"

namespace {

struct Handle {
  Napi::ThreadSafeFunction notify;
  std::unique_ptr<Pack> pack;
};

Handle* Of(const Info& info) { return info[0].As<Napi::External<Handle>>().Data(); }

PackOptions OptionsOf(const Napi::Object& object) {
  PackOptions options;
  options.folders = texts(object.Get("folders"));
  options.tarSplit = TextOf(object, "tarSplit");
  options.expectedDiffId = TextOf(object, "expectedDiffId");
  options.compression = static_cast<Compression>(static_cast<int>(NumberOf(object, "compression", 0)));
  options.level = static_cast<int>(NumberOf(object, "level", 0));
  options.threads = static_cast<unsigned>(NumberOf(object, "threads", 2));
  options.fd = static_cast<int>(NumberOf(object, "fd", -1));
  options.allowIsal = object.Get("allowIsal").ToBoolean();
  options.perFile = object.Get("perFile").ToBoolean();
  return options;
}

void Deliver(Handle* handle, Pack::Event event) {
  auto call = [](Napi::Env, Napi::Function callback) { callback.Call({}); };
  handle->notify.BlockingCall(call);
  if (event == Pack::Event::done) handle->notify.Release();
}

Napi::Array FilesOf(Napi::Env env, const PackResult& result) {
  Napi::Array out = Napi::Array::New(env, result.files.size());
  auto offset = [&](size_t piece) {
    return static_cast<double>(piece < result.offsets.size() ? result.offsets[piece] : result.size);
  };
  for (uint32_t i = 0; i < result.files.size(); i++) {
    const PackedFile& file = result.files[i];
    Napi::Object item = Napi::Object::New(env);
    item["digest"] = Napi::String::New(env, file.digest);
    item["start"] = Napi::Number::New(env, offset(file.piece));
    item["end"] = Napi::Number::New(env, offset(file.endPiece));
    out[i] = item;
  }
  return out;
}

}  // namespace

// packStart(options, notify: () => void)
static Napi::Value Start(const Info& info) {
  auto* handle = new Handle();
  handle->notify = Napi::ThreadSafeFunction::New(info.Env(), info[1].As<Napi::Function>(), "pack", 0, 1);
  auto notify = [handle](Pack::Event event) { Deliver(handle, event); };
  handle->pack = std::make_unique<Pack>(OptionsOf(info[0].As<Napi::Object>()), notify);
  return Napi::External<Handle>::New(info.Env(), handle, [](Napi::Env, Handle* self) { delete self; });
}

// packRead(handle): bytes, 0 to wait for a notification, 1 at the end
static Napi::Value Read(const Info& info) {
  Block bytes;
  Pack::State state = Of(info)->pack->Read(&bytes);
  if (state != Pack::State::data) return Napi::Number::New(info.Env(), state == Pack::State::end ? 1 : 0);
  return Napi::Buffer<uint8_t>::Copy(info.Env(), bytes.data.get(), bytes.size);
}

static Napi::Value Abort(const Info& info) {
  Of(info)->pack->Abort();
  return info.Env().Undefined();
}

// packResult(handle): after the end
static Napi::Value Result(const Info& info) {
  Napi::Env env = info.Env();
  Pack& pack = *Of(info)->pack;
  Fault fault = pack.GetFault();
  if (fault.kind != FaultKind::none) return FaultOf(env, fault);
  const PackResult& result = pack.Result();
  Napi::Object out = Napi::Object::New(env);
  out["digest"] = Napi::String::New(env, result.digest);
  out["size"] = Napi::Number::New(env, static_cast<double>(result.size));
  out["diffId"] = Napi::String::New(env, result.diffId);
  out["diffSize"] = Napi::Number::New(env, static_cast<double>(result.diffSize));
  out["files"] = FilesOf(env, result);
  return out;
}

void RegisterPack(Napi::Env env, Napi::Object exports) {
  exports["packStart"] = Napi::Function::New(env, Start);
  exports["packRead"] = Napi::Function::New(env, Read);
  exports["packAbort"] = Napi::Function::New(env, Abort);
  exports["packResult"] = Napi::Function::New(env, Result);
}
