// Open file description locks: they belong to the fd, not to the process, and conflict with the POSIX record locks
// that containers/storage takes.
#include <fcntl.h>

#include <thread>

#include "api.h"

static int64_t Lock(int fd, short type, bool wait) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  int rc;
  do rc = fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
  while (rc < 0 && errno == EINTR);
  return rc < 0 ? -errno : 0;
}

static short TypeOf(const std::string& mode) {
  if (mode == "shared") return F_RDLCK;
  return mode == "exclusive" ? F_WRLCK : F_UNLCK;
}

static Napi::Value OfdLock(const Info& info) {
  return plain(info, Lock(static_cast<int>(number(info, 0)), TypeOf(text(info, 1)), flag(info, 2)));
}

// Waits in a thread of its own: libuv's pool has four threads, and four waiting locks would stop all file access.
static Napi::Value OfdLockWait(const Info& info) {
  int fd = static_cast<int>(number(info, 0));
  short type = TypeOf(text(info, 1));
  auto done = Napi::ThreadSafeFunction::New(info.Env(), info[2].As<Napi::Function>(), "ofdLockWait", 0, 1);
  std::thread([fd, type, done]() mutable {
    int64_t rc = Lock(fd, type, true);
    done.BlockingCall([rc](Napi::Env env, Napi::Function callback) {
      callback.Call({Napi::Number::New(env, static_cast<double>(rc))});
    });
    done.Release();
  }).detach();
  return info.Env().Undefined();
}

void RegisterLock(Napi::Env env, Napi::Object exports) {
  exports["ofdLock"] = Napi::Function::New(env, OfdLock);
  exports["ofdLockWait"] = Napi::Function::New(env, OfdLockWait);
}
