// Hard links of a layer.
#include <errno.h>
#include <linux/openat2.h>
#include <unistd.h>

#include "header.h"
#include "tree.h"

// The target is found by fd and without following any link: a string that looks right proves nothing
// (CVE-2026-24842, CVE-2026-26960).
int Tree::LinkTarget(const Entry& entry, const std::string& folder) {
  int fd = ResolveFolder(folder, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (fd >= 0) return fd;
  if (errno == ELOOP) Refuse(entry, "hard link to " + Quote(entry.target) + " through a symbolic link");
  else if (errno == ENOENT || errno == ENOTDIR) Refuse(entry, "hard link to missing file " + Quote(entry.target));
  else Failed(entry, "open");
  return -1;
}

bool Tree::AddHardlink(const Entry& entry) {
  std::string target = CleanPath(entry.target), base;
  if (entry.path.empty() || target.empty()) return Refuse(entry, "hard link to or from a folder");
  if (target == entry.path) return Refuse(entry, "hard link to itself");
  if (ClimbsOut(entry.target)) return Refuse(entry, "hard link to " + Quote(entry.target) + " leaves the layer");
  int parent = Parent(entry, &base);
  if (parent < 0) return false;
  size_t slash = target.rfind('/');
  int folder = LinkTarget(entry, slash == std::string::npos ? "" : target.substr(0, slash));
  if (folder < 0) return false;
  bool ok = Link(entry, folder, target.substr(slash == std::string::npos ? 0 : slash + 1), parent, base);
  close(folder);
  return ok;
}

bool Tree::Link(const Entry& entry, int from, const std::string& name, int parent, const std::string& base) {
  int rc = linkat(from, name.c_str(), parent, base.c_str(), 0);
  if (rc < 0 && errno == EEXIST) {
    if (!Displace(entry, parent, base)) return false;
    rc = linkat(from, name.c_str(), parent, base.c_str(), 0);
  }
  if (rc == 0) return true;
  if (errno == ENOENT) return Refuse(entry, "hard link to missing file " + Quote(entry.target));
  if (errno == EPERM) return Refuse(entry, "hard link to a folder");
  return Failed(entry, "link");
}
