// The folder a layer is unpacked into. Every path is resolved by the kernel with that folder as its root
// (openat2, RESOLVE_IN_ROOT): no "..", absolute path or link leads out of it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "entry.h"
#include "fault.h"

struct TreeOptions {
  bool rootless = false;
  bool ignoreChownErrors = false;
  // Stop while this much is still free on the disk.
  uint64_t keepFree = 0;
};

class Tree {
 public:
  Tree(Faults& faults, const TreeOptions& options) : faults_(faults), options_(options) {}
  ~Tree();

  // All of these return false after setting a fault.
  bool Open(const std::string& dir);
  bool AddFolder(const Entry& entry);
  bool AddSymlink(const Entry& entry);
  bool AddHardlink(const Entry& entry);
  // Devices and fifos; in a user namespace devices are left out.
  bool AddNode(const Entry& entry);
  bool AddWhiteout(const Entry& entry, const std::string& hidden);
  bool MarkOpaque(const Entry& entry);
  // An fd to write the content of a regular file to, or -1.
  int BeginFile(const Entry& entry);
  bool EndFile(const Entry& entry, int fd);
  // Called after `bytes` more were written.
  bool CheckSpace(uint64_t bytes);
  // Times of folders, which all that happens inside would change.
  bool Finish();

 private:
  struct FolderTime {
    size_t path;
    timespec mtime, atime;
    std::vector<std::pair<std::string, std::string>> xattrs;
  };

  bool Refuse(const Entry& entry, const std::string& why);
  bool Failed(const Entry& entry, const char* call);
  int ResolveFolder(const std::string& path, uint64_t resolve);
  // The folder that holds the entry, made if it is missing; `base` becomes the last part of the path.
  int Parent(const Entry& entry, std::string* base);
  bool MakeParents(const Entry& entry, const std::string& path);
  void SetParent(const std::string& path, int fd);
  void DropParent();
  // Makes room for an entry where something of this layer is already. False if that is refused.
  bool Displace(const Entry& entry, int parent, const std::string& base);
  int LinkTarget(const Entry& entry, const std::string& folder);
  bool Link(const Entry& entry, int from, const std::string& name, int parent, const std::string& base);
  bool Own(const Entry& entry, int parent, const std::string& base);
  bool SetXattrs(const Entry& entry, const std::string& path, int fd);
  bool SetAcls(const Entry& entry, const std::string& path);
  bool SetOpaque(const Entry& entry, const std::string& path);
  bool SetTimes(const Entry& entry, int parent, const std::string& base);
  bool RememberTimes(const Entry& entry);
  bool NewFolder(const Entry& entry, int parent, const std::string& base);

  Faults& faults_;
  TreeOptions options_;
  int root_ = -1;
  int parent_ = -1;
  std::string parentPath_;
  bool parentIsSetgid_ = false;
  uint32_t uid_ = 0, gid_ = 0;
  uint64_t written_ = 0;
  std::string paths_;  // of `times_`, each ended by a zero
  std::vector<FolderTime> times_;
};
