// Network namespaces that outlive their maker: a bind mount of the namespace on a file.
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "api.h"

static int LoopbackUp() {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  struct ifreq request = {};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  int rc = ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
  close(fd);
  return rc;
}

static int Create(const char* path) {
  if (unshare(CLONE_NEWNET) < 0) return -errno;
  if (int rc = LoopbackUp(); rc < 0) return rc;
  int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
  if (fd < 0) return -errno;
  close(fd);
  if (mount("/proc/thread-self/ns/net", path, nullptr, MS_BIND, nullptr) == 0) return 0;
  int error = -errno;
  unlink(path);
  return error;
}

// The namespace is made in a thread that ends at once: the rest of the process stays where it is.
static Napi::Value CreateNetns(const Info& info) {
  std::string path = text(info, 0);
  int rc = 0;
  std::thread([&] { rc = Create(path.c_str()); }).join();
  return plain(info, rc);
}

static Napi::Value RemoveNetns(const Info& info) {
  std::string path = text(info, 0);
  if (umount2(path.c_str(), MNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT) return result(info, -1);
  return result(info, unlink(path.c_str()) < 0 && errno != ENOENT ? -1 : 0);
}

void RegisterNetns(Napi::Env env, Napi::Object exports) {
  exports["createNetns"] = Napi::Function::New(env, CreateNetns);
  exports["removeNetns"] = Napi::Function::New(env, RemoveNetns);
}
