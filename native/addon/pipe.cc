#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api.h"

static Napi::Value Pair(const Info& info, int rc, const int* fds) {
  if (rc < 0) return result(info, -1);
  Napi::Array out = Napi::Array::New(info.Env(), 2);
  out[0u] = Napi::Number::New(info.Env(), fds[0]);
  out[1u] = Napi::Number::New(info.Env(), fds[1]);
  return out;
}

static Napi::Value Pipe(const Info& info) {
  int fds[2];
  return Pair(info, pipe2(fds, O_CLOEXEC), fds);
}

static Napi::Value SocketPair(const Info& info) {
  int fds[2];
  int type = text(info, 0) == "seqpacket" ? SOCK_SEQPACKET : SOCK_STREAM;
  return Pair(info, socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds), fds);
}

// read(fd, buffer): bytes, 0 at the end, -EAGAIN
static Napi::Value Read(const Info& info) {
  auto buffer = info[1].As<Napi::Uint8Array>();
  ssize_t n;
  do n = read(static_cast<int>(number(info, 0)), buffer.Data(), buffer.ByteLength());
  while (n < 0 && errno == EINTR);
  return result(info, n);
}

// write(fd, buffer, offset)
static Napi::Value Write(const Info& info) {
  auto buffer = info[1].As<Napi::Uint8Array>();
  size_t offset = static_cast<size_t>(number(info, 2));
  ssize_t n;
  do n = write(static_cast<int>(number(info, 0)), buffer.Data() + offset, buffer.ByteLength() - offset);
  while (n < 0 && errno == EINTR);
  return result(info, n);
}

void RegisterPipe(Napi::Env env, Napi::Object exports) {
  exports["pipe"] = Napi::Function::New(env, Pipe);
  exports["socketPair"] = Napi::Function::New(env, SocketPair);
  exports["read"] = Napi::Function::New(env, Read);
  exports["write"] = Napi::Function::New(env, Write);
}
