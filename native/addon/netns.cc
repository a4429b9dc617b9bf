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

// Runs `work` in a thread that enters the namespace and ends: there may be no way back into the one it came from.
template <class Work>
static int InNetns(const std::string& netns, Work work) {
  int rc = 0;
  std::thread([&] {
    int fd = open(netns.c_str(), O_RDONLY | O_CLOEXEC);
    rc = fd < 0 || setns(fd, CLONE_NEWNET) < 0 ? -errno : work();
    if (fd >= 0) close(fd);
  }).join();
  return rc;
}

static int ReadAll(const char* path, std::string* out) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  char buffer[4096];
  ssize_t n;
  while ((n = read(fd, buffer, sizeof buffer)) > 0) out->append(buffer, static_cast<size_t>(n));
  int rc = n < 0 ? -errno : 0;
  close(fd);
  return rc;
}

static int WriteAll(const char* path, const std::string& content) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  int rc = write(fd, content.data(), content.size()) < 0 ? -errno : 0;
  close(fd);
  return rc;
}

// readInNetns(netns, path): the content, or -errno.
static Napi::Value ReadInNetns(const Info& info) {
  std::string path = text(info, 1), content;
  int rc = InNetns(text(info, 0), [&] { return ReadAll(path.c_str(), &content); });
  return rc < 0 ? plain(info, rc) : Napi::String::New(info.Env(), content);
}

// writeInNetns(netns, path, content)
static Napi::Value WriteInNetns(const Info& info) {
  std::string path = text(info, 1), content = text(info, 2);
  return plain(info, InNetns(text(info, 0), [&] { return WriteAll(path.c_str(), content); }));
}

void RegisterNetns(Napi::Env env, Napi::Object exports) {
  exports["createNetns"] = Napi::Function::New(env, CreateNetns);
  exports["readInNetns"] = Napi::Function::New(env, ReadInNetns);
  exports["writeInNetns"] = Napi::Function::New(env, WriteInNetns);
  exports["removeNetns"] = Napi::Function::New(env, RemoveNetns);
}
