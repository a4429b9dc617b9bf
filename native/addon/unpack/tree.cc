#include "tree.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstring>

#include "header.h"

namespace {

constexpr size_t kMostFolderNames = 256u << 20;

bool IsWhiteout(const struct stat& st) { return S_ISCHR(st.st_mode) && st.st_rdev == 0; }

}  // namespace

Tree::~Tree() {
  DropParent();
  if (root_ >= 0) close(root_);
}

bool Tree::Open(const std::string& dir) {
  uid_ = geteuid();
  gid_ = getegid();
  root_ = open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root_ < 0) return faults_.Set(FaultKind::system, "open " + Quote(dir), errno);
  return true;
}

bool Tree::Refuse(const Entry& entry, const std::string& why) {
  return faults_.Set(FaultKind::refused, "layer entry " + Quote(entry.name) + ": " + why);
}

bool Tree::Failed(const Entry& entry, const char* call) {
  int error = errno;
  if (error == ENOENT) return Refuse(entry, "a link in its path leads nowhere");
  if (error == ENAMETOOLONG || error == ELOOP || error == ENOTDIR) return Refuse(entry, strerror(error));
  if (error == EINVAL && strcmp(call, "chown") == 0) {
    return Refuse(entry, "potentially insufficient UIDs or GIDs available in user namespace (requested " +
                             std::to_string(entry.uid) + ":" + std::to_string(entry.gid) +
                             "): check /etc/subuid and /etc/subgid");
  }
  return faults_.Set(FaultKind::system, std::string(call) + ", layer entry " + Quote(entry.name), error);
}

int Tree::ResolveFolder(const std::string& path, uint64_t resolve) {
  struct open_how how = {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = resolve | RESOLVE_NO_MAGICLINKS;
  int fd;
  do fd = static_cast<int>(syscall(SYS_openat2, root_, path.empty() ? "." : path.c_str(), &how, sizeof how));
  while (fd < 0 && (errno == EAGAIN || errno == EINTR));
  return fd;
}

void Tree::DropParent() {
  if (parent_ >= 0) close(parent_);
  parent_ = -1;
}

void Tree::SetParent(const std::string& path, int fd) {
  DropParent();
  struct stat st = {};
  // What is made in a setgid folder gets its group: only then must ids that equal ours be set.
  parentIsSetgid_ = fstat(fd, &st) == 0 && (st.st_mode & S_ISGID) != 0;
  parent_ = fd;
  parentPath_ = path;
}

int Tree::Parent(const Entry& entry, std::string* base) {
  size_t slash = entry.path.rfind('/');
  std::string path = slash == std::string::npos ? "" : entry.path.substr(0, slash);
  *base = slash == std::string::npos ? entry.path : entry.path.substr(slash + 1);
  if (parent_ >= 0 && path == parentPath_) return parent_;
  int fd = ResolveFolder(path, RESOLVE_IN_ROOT);
  if (fd < 0 && errno == ENOENT) {
    if (!MakeParents(entry, path)) return -1;
    fd = ResolveFolder(path, RESOLVE_IN_ROOT);
  }
  if (fd < 0) {
    Failed(entry, "open");
    return -1;
  }
  SetParent(path, fd);
  return parent_;
}

// Folders that the layer uses but does not describe are root's, 0755.
bool Tree::MakeParents(const Entry& entry, const std::string& path) {
  for (size_t end = path.find('/');; end = path.find('/', end + 1)) {
    std::string prefix = path.substr(0, end);
    size_t slash = prefix.rfind('/');
    std::string above = slash == std::string::npos ? "" : prefix.substr(0, slash);
    int fd = ResolveFolder(above, RESOLVE_IN_ROOT);
    if (fd < 0) return Failed(entry, "open");
    int rc = mkdirat(fd, prefix.c_str() + (slash == std::string::npos ? 0 : slash + 1), 0755);
    int error = errno;
    close(fd);
    errno = error;
    if (rc < 0 && error != EEXIST) return Failed(entry, "mkdir");
    if (end == std::string::npos) return true;
  }
}

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

// The target is found by fd and without following any link: a string that looks right proves nothing
// (CVE-2026-24842, CVE-2026-26960).
bool Tree::AddHardlink(const Entry& entry) {
  std::string target = CleanPath(entry.target), base;
  if (entry.path.empty() || target.empty()) return Refuse(entry, "hard link to or from a folder");
  if (target == entry.path) return Refuse(entry, "hard link to itself");
  if (ClimbsOut(entry.target)) return Refuse(entry, "hard link to " + Quote(entry.target) + " leaves the layer");
  int parent = Parent(entry, &base);
  if (parent < 0) return false;
  size_t slash = target.rfind('/');
  std::string above = slash == std::string::npos ? "" : target.substr(0, slash);
  int from = ResolveFolder(above, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (from < 0 && errno == ELOOP) return Refuse(entry, "hard link to " + Quote(entry.target) + " through a symbolic link");
  if (from < 0 && (errno == ENOENT || errno == ENOTDIR)) return Refuse(entry, "hard link to missing file " + Quote(entry.target));
  if (from < 0) return Failed(entry, "open");
  const char* name = target.c_str() + (slash == std::string::npos ? 0 : slash + 1);
  int rc = linkat(from, name, parent, base.c_str(), 0);
  if (rc < 0 && errno == EEXIST) {
    if (!Displace(entry, parent, base)) return close(from), false;
    rc = linkat(from, name, parent, base.c_str(), 0);
  }
  int error = errno;
  close(from);
  errno = error;
  if (rc < 0 && error == ENOENT) return Refuse(entry, "hard link to missing file " + Quote(entry.target));
  if (rc < 0 && error == EPERM) return Refuse(entry, "hard link to a folder");
  return rc == 0 || Failed(entry, "link");
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

bool Tree::CheckSpace(uint64_t bytes) {
  constexpr uint64_t step = 32u << 20;
  uint64_t before = written_ / step;
  written_ += bytes;
  if (written_ / step == before || options_.keepFree == 0) return true;
  struct statvfs disk = {};
  if (fstatvfs(root_, &disk) < 0 || disk.f_bavail * disk.f_frsize >= options_.keepFree) return true;
  return faults_.Set(FaultKind::system, "unpack layer", ENOSPC);
}

bool Tree::Finish() {
  for (size_t i = times_.size(); i-- > 0;) {
    const FolderTime& time = times_[i];
    Entry entry;
    entry.path = entry.name = paths_.c_str() + time.path;
    entry.mtime = time.mtime;
    entry.atime = time.atime;
    std::string base;
    int parent = Parent(entry, &base);
    if (parent < 0) return false;
    entry.xattrs = time.xattrs;
    std::string path = "/proc/self/fd/" + std::to_string(parent) + "/" + base;
    if (!entry.xattrs.empty() && !SetAcls(entry, path)) return false;
    if (!SetTimes(entry, parent, base)) return false;
  }
  return true;
}
