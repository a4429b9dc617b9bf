// Options and faults between JavaScript and the threads that work on layers.
#pragma once

#include "../api.h"
#include "fault.h"

inline std::string TextOf(const Napi::Object& object, const char* key) {
  Napi::Value value = object.Get(key);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

inline double NumberOf(const Napi::Object& object, const char* key, double missing) {
  Napi::Value value = object.Get(key);
  return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : missing;
}

inline const char* NameOf(FaultKind kind) {
  switch (kind) {
    case FaultKind::corrupt: return "corrupt";
    case FaultKind::refused: return "refused";
    case FaultKind::unsupported: return "unsupported";
    case FaultKind::aborted: return "aborted";
    default: return "system";
  }
}

inline Napi::Value FaultOf(Napi::Env env, const Fault& fault) {
  Napi::Object out = Napi::Object::New(env);
  out["fault"] = Napi::String::New(env, NameOf(fault.kind));
  out["message"] = Napi::String::New(env, fault.text);
  out["errno"] = Napi::Number::New(env, -fault.error);
  return out;
}
