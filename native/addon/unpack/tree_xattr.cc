// Extended attributes of a layer's entries.
#include <errno.h>
#include <sys/xattr.h>

#include "tree.h"

namespace {

bool StartsWith(const std::string& text, const char* prefix) { return text.rfind(prefix, 0) == 0; }

// A layer may not steer overlayfs (redirects, metacopy, opaque marks of its own), nor bring labels of another host.
bool IsDropped(const std::string& name) {
  return StartsWith(name, "trusted.overlay.") || StartsWith(name, "user.overlay.") || name == "security.selinux";
}

bool IsAcl(const std::string& name) { return StartsWith(name, "system.posix_acl_"); }

int Set(const std::string& path, int fd, const std::string& name, const std::string& value) {
  if (fd >= 0) return fsetxattr(fd, name.c_str(), value.data(), value.size(), 0);
  return lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0);
}

}  // namespace

// ACLs of folders wait until Finish: a default ACL would change the modes of what is made in them.
bool Tree::SetXattrs(const Entry& entry, const std::string& path, int fd) {
  for (const auto& [name, value] : entry.xattrs) {
    if (IsDropped(name) || (IsAcl(name) && entry.type == '5')) continue;
    if (Set(path, fd, name, value) == 0 || errno == ENOTSUP) continue;
    // user.* exists only on files and folders.
    bool impossible = StartsWith(name, "user.") && entry.type >= '1' && entry.type != '5' && entry.type != '7';
    if (errno == EPERM && (options_.rootless || impossible)) continue;
    if (errno == EINVAL || errno == ERANGE) return Refuse(entry, "invalid extended attribute " + Quote(name));
    return Failed(entry, "setxattr");
  }
  return true;
}

bool Tree::SetAcls(const Entry& entry, const std::string& path) {
  for (const auto& [name, value] : entry.xattrs) {
    if (!IsAcl(name) || Set(path, -1, name, value) == 0 || errno == ENOTSUP) continue;
    if (errno == EINVAL) return Refuse(entry, "invalid extended attribute " + Quote(name));
    if (errno != EPERM || !options_.rootless) return Failed(entry, "setxattr");
  }
  return true;
}

bool Tree::SetOpaque(const Entry& entry, const std::string& path) {
  const char* name = options_.rootless ? "user.overlay.opaque" : "trusted.overlay.opaque";
  if (setxattr(path.c_str(), name, "y", 1, 0) == 0) return true;
  return Failed(entry, "setxattr");
}
