// The unpacker as JavaScript sees it.
#include "../api.h"
#include "addon_parts.h"
#include "unpack.h"

namespace {

struct Handle {
  Napi::ThreadSafeFunction notify;
  std::unique_ptr<Unpack> unpack;
};

Handle* Of(const Info& info) { return info[0].As<Napi::External<Handle>>().Data(); }

UnpackOptions OptionsOf(const Napi::Object& object) {
  UnpackOptions options;
  options.dir = TextOf(object, "dir");
  options.tarSplit = TextOf(object, "tarSplit");
  options.expectedDigest = TextOf(object, "expectedDigest");
  options.expectedDiffId = TextOf(object, "expectedDiffId");
  options.expectedSize = static_cast<int64_t>(NumberOf(object, "expectedSize", -1));
  options.rootless = object.Get("rootless").ToBoolean();
  options.ignoreChownErrors = object.Get("ignoreChownErrors").ToBoolean();
  options.allowIsal = object.Get("allowIsal").ToBoolean();
  options.maxEntries = static_cast<uint64_t>(NumberOf(object, "maxEntries", 0));
  options.keepFree = static_cast<uint64_t>(NumberOf(object, "keepFree", 0));
  options.maxRatio = static_cast<uint64_t>(NumberOf(object, "maxRatio", 0));
  return options;
}

Napi::Array ArrayOf(Napi::Env env, const std::set<uint32_t>& values) {
  Napi::Array out = Napi::Array::New(env, values.size());
  uint32_t i = 0;
  for (uint32_t value : values) out[i++] = Napi::Number::New(env, value);
  return out;
}

void Deliver(Handle* handle, Unpack::Event event) {
  auto call = [event](Napi::Env env, Napi::Function callback) {
    callback.Call({Napi::Boolean::New(env, event == Unpack::Event::done)});
  };
  handle->notify.BlockingCall(call);
  if (event == Unpack::Event::done) handle->notify.Release();
}

}  // namespace

// unpackStart(options, notify: (done: boolean) => void)
static Napi::Value Start(const Info& info) {
  auto* handle = new Handle();
  handle->notify = Napi::ThreadSafeFunction::New(info.Env(), info[1].As<Napi::Function>(), "unpack", 0, 1);
  auto notify = [handle](Unpack::Event event) { Deliver(handle, event); };
  handle->unpack = std::make_unique<Unpack>(OptionsOf(info[0].As<Napi::Object>()), notify);
  return Napi::External<Handle>::New(info.Env(), handle, [](Napi::Env, Handle* self) { delete self; });
}

// unpackWrite(handle, chunk): -1 failed, 0 wait for a notification, 1 go on
static Napi::Value Write(const Info& info) {
  auto chunk = info[1].As<Napi::Uint8Array>();
  return plain(info, Of(info)->unpack->Write(chunk.Data(), chunk.ByteLength()));
}

static Napi::Value End(const Info& info) {
  Of(info)->unpack->End();
  return info.Env().Undefined();
}

static Napi::Value Abort(const Info& info) {
  Of(info)->unpack->Abort();
  return info.Env().Undefined();
}

// unpackResult(handle): after the last notification
static Napi::Value Result(const Info& info) {
  Napi::Env env = info.Env();
  Unpack& unpack = *Of(info)->unpack;
  Fault fault = unpack.GetFault();
  if (fault.kind != FaultKind::none) return FaultOf(env, fault);
  const UnpackResult& result = unpack.Result();
  Napi::Object out = Napi::Object::New(env);
  out["digest"] = Napi::String::New(env, result.digest);
  out["size"] = Napi::Number::New(env, static_cast<double>(result.size));
  out["diffId"] = Napi::String::New(env, result.diffId);
  out["diffSize"] = Napi::Number::New(env, static_cast<double>(result.diffSize));
  out["compression"] = Napi::Number::New(env, static_cast<int>(result.compression));
  out["uids"] = ArrayOf(env, result.uids);
  out["gids"] = ArrayOf(env, result.gids);
  return out;
}

void RegisterUnpack(Napi::Env env, Napi::Object exports) {
  exports["unpackStart"] = Napi::Function::New(env, Start);
  exports["unpackWrite"] = Napi::Function::New(env, Write);
  exports["unpackEnd"] = Napi::Function::New(env, End);
  exports["unpackAbort"] = Napi::Function::New(env, Abort);
  exports["unpackResult"] = Napi::Function::New(env, Result);
}
