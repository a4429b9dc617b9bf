// The mount family, and overlay mounts with any number of lower folders.
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "api.h"

static const char* OrNull(const Info& info, size_t index, const std::string& value) {
  return missing(info, index) ? nullptr : value.c_str();
}

// mount(source, target, type, flags, data)
static Napi::Value Mount(const Info& info) {
  std::string source = text(info, 0), target = text(info, 1), type = text(info, 2), data = text(info, 4);
  int rc = mount(OrNull(info, 0, source), target.c_str(), OrNull(info, 2, type),
                 static_cast<unsigned long>(number(info, 3)), OrNull(info, 4, data));
  return result(info, rc);
}

static Napi::Value Umount(const Info& info) {
  return result(info, umount2(text(info, 0).c_str(), static_cast<int>(number(info, 1))));
}

namespace {

struct Overlay {
  std::string target;
  std::vector<std::string> lowers, options;
  std::string upper, work;
};

struct Fd {
  int fd = -1;
  explicit Fd(int value) : fd(value) {}
  Fd(const Fd&) = delete;
  Fd(Fd&& other) : fd(other.fd) { other.fd = -1; }
  ~Fd() {
    if (fd >= 0) close(fd);
  }
};

unsigned AttributeOf(const std::string& option) {
  if (option == "ro") return MOUNT_ATTR_RDONLY;
  if (option == "nodev") return MOUNT_ATTR_NODEV;
  if (option == "nosuid") return MOUNT_ATTR_NOSUID;
  if (option == "noexec") return MOUNT_ATTR_NOEXEC;
  if (option == "noatime") return MOUNT_ATTR_NOATIME;
  if (option == "nodiratime") return MOUNT_ATTR_NODIRATIME;
  return 0;
}

bool IsDefault(const std::string& option) {
  return option.empty() || option == "rw" || option == "dev" || option == "suid" || option == "exec" ||
         option == "relatime";
}

int Config(int fs, unsigned command, const char* key, const char* value) {
  return static_cast<int>(syscall(SYS_fsconfig, fs, command, key, value, 0));
}

// fsconfig takes at most 255 characters, and overlayfs unescapes what it is given: such paths go through an fd.
int SetFolder(int fs, const char* key, const std::string& path, std::vector<Fd>& held) {
  if (path.size() < 256 && path.find_first_of("\\:,") == std::string::npos) {
    return Config(fs, FSCONFIG_SET_STRING, key, path.c_str());
  }
  held.emplace_back(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (held.back().fd < 0) return -1;
  std::string link = "/proc/self/fd/" + std::to_string(held.back().fd);
  return Config(fs, FSCONFIG_SET_STRING, key, link.c_str());
}

int SetOption(int fs, const std::string& option) {
  size_t equals = option.find('=');
  if (equals == std::string::npos) return Config(fs, FSCONFIG_SET_FLAG, option.c_str(), nullptr);
  return Config(fs, FSCONFIG_SET_STRING, option.substr(0, equals).c_str(), option.substr(equals + 1).c_str());
}

int Configure(int fs, const Overlay& overlay, std::vector<Fd>& held, unsigned* attributes) {
  for (const auto& lower : overlay.lowers) {
    if (SetFolder(fs, "lowerdir+", lower, held) < 0) return -1;
  }
  if (!overlay.upper.empty()) {
    if (SetFolder(fs, "upperdir", overlay.upper, held) < 0) return -1;
    if (SetFolder(fs, "workdir", overlay.work, held) < 0) return -1;
  }
  for (const auto& option : overlay.options) {
    unsigned attribute = AttributeOf(option);
    *attributes |= attribute;
    if (attribute || IsDefault(option)) continue;
    if (SetOption(fs, option) < 0) return -1;
  }
  return Config(fs, FSCONFIG_CMD_CREATE, nullptr, nullptr);
}

// 0, -errno, or 1 when this kernel has no `lowerdir+` (before 6.8).
int NewMount(const Overlay& overlay) {
  Fd fs(static_cast<int>(syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
  if (fs.fd < 0) return errno == ENOSYS ? 1 : -errno;
  if (!overlay.lowers.empty()) {
    std::vector<Fd> probe;
    Fd trial(static_cast<int>(syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
    if (SetFolder(trial.fd, "lowerdir+", overlay.lowers[0], probe) < 0 && errno == EINVAL) return 1;
  }
  std::vector<Fd> held;
  unsigned attributes = 0;
  if (Configure(fs.fd, overlay, held, &attributes) < 0) return -errno;
  Fd mounted(static_cast<int>(syscall(SYS_fsmount, fs.fd, FSMOUNT_CLOEXEC, attributes)));
  if (mounted.fd < 0) return -errno;
  int rc = static_cast<int>(
      syscall(SYS_move_mount, mounted.fd, "", AT_FDCWD, overlay.target.c_str(), MOVE_MOUNT_F_EMPTY_PATH));
  return rc < 0 ? -errno : 0;
}

unsigned long OldFlagOf(const std::string& option) {
  if (option == "ro") return MS_RDONLY;
  if (option == "nodev") return MS_NODEV;
  if (option == "nosuid") return MS_NOSUID;
  if (option == "noexec") return MS_NOEXEC;
  if (option == "noatime") return MS_NOATIME;
  return option == "nodiratime" ? MS_NODIRATIME : 0;
}

// Mount data must stay below one page: numbers of open folders, relative to /proc/self/fd, keep 500 lowers short.
int OldMountHere(const Overlay& overlay) {
  std::vector<Fd> held;
  auto name = [&held](const std::string& path) {
    held.emplace_back(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    return std::to_string(held.back().fd);
  };
  std::string data = "lowerdir=";
  for (size_t i = 0; i < overlay.lowers.size(); i++) data += (i ? ":" : "") + name(overlay.lowers[i]);
  if (!overlay.upper.empty()) data += ",upperdir=" + name(overlay.upper) + ",workdir=" + name(overlay.work);
  for (const auto& fd : held) {
    if (fd.fd < 0) return -ENOENT;
  }
  unsigned long flags = 0;
  for (const auto& option : overlay.options) {
    flags |= OldFlagOf(option);
    if (!OldFlagOf(option) && !IsDefault(option)) data += "," + option;
  }
  if (unshare(CLONE_FS) < 0 || chdir("/proc/self/fd") < 0) return -errno;
  return mount("overlay", overlay.target.c_str(), "overlay", flags, data.c_str()) < 0 ? -errno : 0;
}

int OldMount(const Overlay& overlay) {
  int rc = 0;
  // A thread of its own: only its current folder changes.
  std::thread([&] { rc = OldMountHere(overlay); }).join();
  return rc;
}

}  // namespace

// mountOverlay(target, lowers, upper, work, options, forceOld)
static Napi::Value MountOverlay(const Info& info) {
  Overlay overlay{text(info, 0), texts(info[1]), texts(info[4]), text(info, 2), text(info, 3)};
  int rc = flag(info, 5) ? 1 : NewMount(overlay);
  return plain(info, rc == 1 ? OldMount(overlay) : rc);
}

// 1 if the path is the root of a mount, 0 if not, -errno.
static Napi::Value IsMountpoint(const Info& info) {
  struct statx st = {};
  if (statx(AT_FDCWD, text(info, 0).c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) < 0)
    return result(info, -1);
  return plain(info, (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) ? 1 : 0);
}

void RegisterMount(Napi::Env env, Napi::Object exports) {
  exports["mount"] = Napi::Function::New(env, Mount);
  exports["umount"] = Napi::Function::New(env, Umount);
  exports["mountOverlay"] = Napi::Function::New(env, MountOverlay);
  exports["isMountpoint"] = Napi::Function::New(env, IsMountpoint);
}
