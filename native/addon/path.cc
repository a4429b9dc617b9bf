// Paths from outside are resolved by the kernel, inside their root.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "api.h"

// openInRoot(root, path, flags, mode)
static Napi::Value OpenInRoot(const Info& info) {
  int root = open(text(info, 0).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return result(info, -1);
  struct open_how how = {};
  how.flags = static_cast<uint64_t>(number(info, 2)) | O_CLOEXEC;
  how.mode = (how.flags & O_CREAT) ? static_cast<uint64_t>(number(info, 3)) : 0;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  int fd;
  // EAGAIN: a rename elsewhere made the kernel unsure of "..": it asks for another try.
  for (int tries = 0; tries < 64; tries++) {
    fd = static_cast<int>(syscall(SYS_openat2, root, text(info, 1).c_str(), &how, sizeof how));
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  int error = errno;
  close(root);
  errno = error;
  return result(info, fd);
}

void RegisterPath(Napi::Env env, Napi::Object exports) { exports["openInRoot"] = Napi::Function::New(env, OpenInRoot); }
