// Terminal modes and size.
#include <sys/ioctl.h>
#include <termios.h>

#include <cstring>

#include "api.h"

// Input and output pass unchanged. Returns the modes as they were, for SetModes.
static Napi::Value MakeRaw(const Info& info) {
  int fd = static_cast<int>(number(info, 0));
  struct termios old, raw;
  if (tcgetattr(fd, &old) < 0) return result(info, -1);
  raw = old;
  cfmakeraw(&raw);
  if (tcsetattr(fd, TCSANOW, &raw) < 0) return result(info, -1);
  return Napi::Buffer<char>::Copy(info.Env(), reinterpret_cast<char*>(&old), sizeof old);
}

static Napi::Value SetModes(const Info& info) {
  auto bytes = info[1].As<Napi::Uint8Array>();
  struct termios modes;
  if (bytes.ByteLength() != sizeof modes) return plain(info, -EINVAL);
  memcpy(&modes, bytes.Data(), sizeof modes);
  return result(info, tcsetattr(static_cast<int>(number(info, 0)), TCSADRAIN, &modes));
}

// Rows * 65536 + columns.
static Napi::Value WindowSize(const Info& info) {
  struct winsize size;
  if (ioctl(static_cast<int>(number(info, 0)), TIOCGWINSZ, &size) < 0) return result(info, -1);
  return plain(info, static_cast<int64_t>(size.ws_row) << 16 | size.ws_col);
}

void RegisterTerminal(Napi::Env env, Napi::Object exports) {
  exports["makeRaw"] = Napi::Function::New(env, MakeRaw);
  exports["setModes"] = Napi::Function::New(env, SetModes);
  exports["windowSize"] = Napi::Function::New(env, WindowSize);
}
