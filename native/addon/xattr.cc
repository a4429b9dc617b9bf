// Extended attributes, never through a symbolic link at the end of the path.
#include <sys/xattr.h>

#include "api.h"

static Napi::Value Get(const Info& info) {
  std::string path = text(info, 0), name = text(info, 1);
  std::string value(65536, '\0');
  ssize_t n = lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
  if (n < 0) return result(info, -1);
  return Napi::Buffer<char>::Copy(info.Env(), value.data(), static_cast<size_t>(n));
}

static Napi::Value Set(const Info& info) {
  auto value = info[2].As<Napi::Uint8Array>();
  return result(info, lsetxattr(text(info, 0).c_str(), text(info, 1).c_str(), value.Data(), value.ByteLength(), 0));
}

static Napi::Value Remove(const Info& info) {
  return result(info, lremovexattr(text(info, 0).c_str(), text(info, 1).c_str()));
}

// The names, each with its terminating zero.
static Napi::Value List(const Info& info) {
  std::string names(65536, '\0');
  ssize_t n = llistxattr(text(info, 0).c_str(), names.data(), names.size());
  if (n < 0) return result(info, -1);
  return Napi::String::New(info.Env(), names.data(), static_cast<size_t>(n));
}

void RegisterXattr(Napi::Env env, Napi::Object exports) {
  exports["lgetxattr"] = Napi::Function::New(env, Get);
  exports["lsetxattr"] = Napi::Function::New(env, Set);
  exports["lremovexattr"] = Napi::Function::New(env, Remove);
  exports["llistxattr"] = Napi::Function::New(env, List);
}
