#include "tree.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

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
