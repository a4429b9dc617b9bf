// File system calls that node:fs lacks.
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "api.h"

// mknod(path, mode, major, minor)
static Napi::Value Mknod(const Info& info) {
  dev_t device = makedev(static_cast<unsigned>(number(info, 2)), static_cast<unsigned>(number(info, 3)));
  return result(info, mknod(text(info, 0).c_str(), static_cast<mode_t>(number(info, 1)), device));
}

static Napi::Value Syncfs(const Info& info) { return result(info, syncfs(static_cast<int>(number(info, 0)))); }

void RegisterNode(Napi::Env env, Napi::Object exports) {
  exports["mknod"] = Napi::Function::New(env, Mknod);
  exports["syncfs"] = Napi::Function::New(env, Syncfs);
}
