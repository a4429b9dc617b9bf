// What a layer adds to its folder, one function for each kind of entry.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tree.h"

namespace {

constexpr size_t kMostFolderNames = 256u << 20;

bool IsWhiteout(const struct stat& st) { return S_ISCHR(st.st_mode) && st.st_rdev == 0; }

}  // namespace

bool Tree::Displace(const Entry& entry, int parent, const std::string& base) {
  struct stat st = {};
  if (fstatat(parent, base.c_str(), &st, AT_SYMLINK_NOFOLLOW) < 0) return Failed(entry, "stat");
  if (S_ISDIR(st.st_mode)) return Refuse(entry, "a folder of the same layer is in its place");
  if (unlinkat(parent, base.c_str(), 0) < 0) return Failed(entry, "unlink");
  return true;
}

bool Tree::Own(const Entry& entry, int parent, const std::string& base) {
  if (entry.uid == uid_ && entry.gid == gid_ && !parentIsSetgid_) return true;
  if (fchownat(parent, base.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) == 0) return true;
  return options_.ignoreChownErrors || Failed(entry, "chown");
}

bool Tree::SetTimes(const Entry& entry, int parent, const std::string& base) {
  struct timespec times[2] = {entry.atime, entry.mtime};
  if (utimensat(parent, base.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0) return true;
  return Failed(entry, "utimensat");
}

bool Tree::RememberTimes(const Entry& entry) {
  if (paths_.size() + entry.path.size() > kMostFolderNames) return Refuse(entry, "too many folders");
  FolderTime time = {paths_.size(), entry.mtime, entry.atime, {}};
  for (const auto& xattr : entry.xattrs) {
    if (xattr.first.rfind("system.posix_acl_", 0) == 0) time.xattrs.push_back(xattr);
  }
  times_.push_back(std::move(time));
  paths_ += entry.path;
  paths_ += '\0';
  return true;
}

bool Tree::NewFolder(const Entry& entry, int parent, const std::string& base) {
  if (mkdirat(parent, base.c_str(), entry.mode) == 0) return true;
  if (errno != EEXIST) return Failed(entry, "mkdir");
  struct stat st = {};
  if (fstatat(parent, base.c_str(), &st, AT_SYMLINK_NOFOLLOW) < 0) return Failed(entry, "stat");
  if (S_ISDIR(st.st_mode)) {
    // It was made for what it holds; now comes what it is.
    bool owned = fchownat(parent, base.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) == 0;
    if (!owned && !options_.ignoreChownErrors) return Failed(entry, "chown");
    if (fchmodat(parent, base.c_str(), entry.mode, 0) < 0) return Failed(entry, "chmod");
    return true;
  }
  if (!Displace(entry, parent, base)) return false;
  if (mkdirat(parent, base.c_str(), entry.mode) < 0) return Failed(entry, "mkdir");
  if (!IsWhiteout(st)) return true;
  // The layer removed a folder and made a new one: nothing of the old one may show through.
  std::string path = "/proc/self/fd/" + std::to_string(parent) + "/" + base;
  return SetOpaque(entry, path);
}

bool Tree::AddFolder(const Entry& entry) {
  if (entry.path.empty()) return true;
  std::string base;
  int parent = Parent(entry, &base);
  if (parent < 0 || !NewFolder(entry, parent, base) || !Own(entry, parent, base)) return false;
  if ((entry.mode & 06000) || parentIsSetgid_) {
    if (fchmodat(parent, base.c_str(), entry.mode, 0) < 0) return Failed(entry, "chmod");
  }
  std::string path = "/proc/self/fd/" + std::to_string(parent) + "/" + base;
  return SetXattrs(entry, path, -1) && RememberTimes(entry);
}

bool Tree::AddSymlink(const Entry& entry) {
  if (entry.path.empty()) return Refuse(entry, "the root of a layer is a folder");
  std::string base;
  int parent = Parent(entry, &base);
  if (parent < 0) return false;
  int rc = symlinkat(entry.target.c_str(), parent, base.c_str());
  if (rc < 0 && errno == EEXIST) {
    if (!Displace(entry, parent, base)) return false;
    rc = symlinkat(entry.target.c_str(), parent, base.c_str());
  }
  if (rc < 0) return Failed(entry, "symlink");
  std::string path = "/proc/self/fd/" + std::to_string(parent) + "/" + base;
  return Own(entry, parent, base) && SetXattrs(entry, path, -1) && SetTimes(entry, parent, base);
}

bool Tree::AddNode(const Entry& entry) {
  if (entry.path.empty()) return Refuse(entry, "the root of a layer is a folder");
  bool fifo = entry.type == '6';
  if (!fifo && options_.rootless) return true;
  if (entry.type == '3' && entry.major == 0 && entry.minor == 0) {
    return Refuse(entry, "character device 0:0 would hide files of other layers");
  }
  std::string base;
  int parent = Parent(entry, &base);
  if (parent < 0) return false;
  mode_t type = fifo ? S_IFIFO : entry.type == '3' ? S_IFCHR : S_IFBLK;
  dev_t device = fifo ? 0 : makedev(entry.major, entry.minor);
  int rc = mknodat(parent, base.c_str(), type | entry.mode, device);
  if (rc < 0 && errno == EEXIST) {
    if (!Displace(entry, parent, base)) return false;
    rc = mknodat(parent, base.c_str(), type | entry.mode, device);
  }
  if (rc < 0) return Failed(entry, "mknod");
  std::string path = "/proc/self/fd/" + std::to_string(parent) + "/" + base;
  if (!Own(entry, parent, base) || !SetXattrs(entry, path, -1)) return false;
  if ((entry.mode & 06000) && fchmodat(parent, base.c_str(), entry.mode, 0) < 0) return Failed(entry, "chmod");
  return SetTimes(entry, parent, base);
}

bool Tree::AddWhiteout(const Entry& entry, const std::string& hidden) {
  std::string base;
  int parent = Parent(entry, &base);
  if (parent < 0) return false;
  if (mknodat(parent, hidden.c_str(), S_IFCHR, 0) == 0) return Own(entry, parent, hidden);
  if (errno == EEXIST) return Refuse(entry, "removes " + Quote(hidden) + ", which the same layer adds");
  return Failed(entry, "mknod");
}

bool Tree::MarkOpaque(const Entry& entry) {
  std::string base;
  int parent = Parent(entry, &base);
  return parent >= 0 && SetOpaque(entry, "/proc/self/fd/" + std::to_string(parent));
}

int Tree::BeginFile(const Entry& entry) {
  std::string base;
  if (entry.path.empty()) return Refuse(entry, "the root of a layer is a folder"), -1;
  int parent = Parent(entry, &base);
  if (parent < 0) return -1;
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat(parent, base.c_str(), flags, entry.mode & 0777);
  if (fd < 0 && errno == EEXIST) {
    if (!Displace(entry, parent, base)) return -1;
    fd = openat(parent, base.c_str(), flags, entry.mode & 0777);
  }
  if (fd < 0) Failed(entry, "open");
  return fd;
}

// In this order: a change of owner clears setuid and capabilities, and times come last.
bool Tree::EndFile(const Entry& entry, int fd) {
  bool own = entry.uid != uid_ || entry.gid != gid_ || parentIsSetgid_;
  if (own && fchown(fd, entry.uid, entry.gid) < 0 && !options_.ignoreChownErrors) return Failed(entry, "chown");
  if (!entry.xattrs.empty() && !SetXattrs(entry, "", fd)) return false;
  bool special = (entry.mode & 07000) != 0 || !entry.xattrs.empty();
  if (special && fchmod(fd, entry.mode) < 0) return Failed(entry, "chmod");
  struct timespec times[2] = {entry.atime, entry.mtime};
  if (futimens(fd, times) < 0) return Failed(entry, "utimensat");
  return true;
}
