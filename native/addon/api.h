// What every file of the addon shares: arguments in, a number out. A negative number is -errno.
#pragma once

#include <errno.h>
#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

using Info = Napi::CallbackInfo;

inline std::string text(const Info& info, size_t index) {
  Napi::Value value = info[index];
  if (value.IsString()) return value.As<Napi::String>().Utf8Value();
  if (!value.IsTypedArray()) return std::string();
  // A name that is not UTF-8 comes as its bytes.
  auto bytes = value.As<Napi::Uint8Array>();
  return std::string(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
}

inline int64_t number(const Info& info, size_t index) {
  Napi::Value value = info[index];
  return value.IsNumber() ? value.As<Napi::Number>().Int64Value() : 0;
}

inline bool flag(const Info& info, size_t index) {
  Napi::Value value = info[index];
  return value.IsBoolean() && value.As<Napi::Boolean>().Value();
}

inline bool missing(const Info& info, size_t index) { return info[index].IsUndefined() || info[index].IsNull(); }

inline std::vector<std::string> texts(const Napi::Value& value) {
  std::vector<std::string> out;
  if (!value.IsArray()) return out;
  Napi::Array array = value.As<Napi::Array>();
  out.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++) {
    Napi::Value item = array[i];
    out.push_back(item.ToString().Utf8Value());
  }
  return out;
}

inline std::vector<int64_t> numbers(const Napi::Value& value) {
  std::vector<int64_t> out;
  if (!value.IsArray()) return out;
  Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    Napi::Value item = array[i];
    out.push_back(item.ToNumber().Int64Value());
  }
  return out;
}

// The value of a system call as JavaScript sees it.
inline Napi::Value result(const Info& info, int64_t value) {
  return Napi::Number::New(info.Env(), static_cast<double>(value < 0 ? -errno : value));
}

// The same for code that already holds -errno.
inline Napi::Value plain(const Info& info, int64_t value) {
  return Napi::Number::New(info.Env(), static_cast<double>(value));
}

void RegisterChecksum(Napi::Env env, Napi::Object exports);
void RegisterLock(Napi::Env env, Napi::Object exports);
void RegisterMount(Napi::Env env, Napi::Object exports);
void RegisterChown(Napi::Env env, Napi::Object exports);
void RegisterCgroup(Napi::Env env, Napi::Object exports);
void RegisterNetns(Napi::Env env, Napi::Object exports);
void RegisterNode(Napi::Env env, Napi::Object exports);
void RegisterPack(Napi::Env env, Napi::Object exports);
void RegisterPath(Napi::Env env, Napi::Object exports);
void RegisterPipe(Napi::Env env, Napi::Object exports);
void RegisterProcess(Napi::Env env, Napi::Object exports);
void RegisterRemove(Napi::Env env, Napi::Object exports);
void RegisterRun(Napi::Env env, Napi::Object exports);
void RegisterSocket(Napi::Env env, Napi::Object exports);
void RegisterSpawn(Napi::Env env, Napi::Object exports);
void RegisterTerminal(Napi::Env env, Napi::Object exports);
void RegisterUnpack(Napi::Env env, Napi::Object exports);
void RegisterWatch(Napi::Env env, Napi::Object exports);
void RegisterXattr(Napi::Env env, Napi::Object exports);
