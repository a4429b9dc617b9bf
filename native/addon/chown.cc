// Changes the owners of a whole tree by an id map.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <map>

#include "api.h"

namespace {

using Map = std::vector<int64_t>;
using Inode = std::pair<dev_t, ino_t>;

struct Walk {
  Map uids, gids;
  // The first name of a file with several: overlayfs would make a file of its own of each.
  std::map<Inode, std::string> links;
};

constexpr char kCapability[] = "security.capability";

// The host's id for the container's, -1 without.
int64_t Outside(const Map& map, int64_t id) {
  for (size_t i = 0; i + 2 < map.size(); i += 3) {
    if (id >= map[i] && id < map[i] + map[i + 2]) return map[i + 1] + id - map[i];
  }
  return -1;
}

// A change of the owner takes set-id bits and capabilities away.
int Chown(const Walk& walk, const std::string& path, const struct stat& st) {
  int64_t uid = Outside(walk.uids, st.st_uid), gid = Outside(walk.gids, st.st_gid);
  if (uid < 0 || gid < 0) return -EOVERFLOW;
  if (uid == st.st_uid && gid == st.st_gid) return 0;
  char capability[64];
  ssize_t length = S_ISREG(st.st_mode) ? lgetxattr(path.c_str(), kCapability, capability, sizeof capability) : -1;
  if (lchown(path.c_str(), static_cast<uid_t>(uid), static_cast<gid_t>(gid)) < 0) return -errno;
  if (S_ISLNK(st.st_mode)) return 0;
  if ((st.st_mode & (S_ISUID | S_ISGID)) && chmod(path.c_str(), st.st_mode & 07777) < 0) return -errno;
  // Who may not set it would lose it at the next start anyway.
  if (length > 0 && lsetxattr(path.c_str(), kCapability, capability, static_cast<size_t>(length), 0) < 0 &&
      errno != EPERM)
    return -errno;
  return 0;
}

// 1 when the path was made another name of a file that is done.
int Relink(Walk& walk, const std::string& path, const struct stat& st) {
  if (S_ISDIR(st.st_mode) || st.st_nlink < 2) return 0;
  auto [first, fresh] = walk.links.try_emplace(Inode(st.st_dev, st.st_ino), path);
  if (fresh) return 0;
  if (unlink(path.c_str()) < 0 || link(first->second.c_str(), path.c_str()) < 0) return -errno;
  return 1;
}

int Visit(Walk& walk, const std::string& path);

int Children(Walk& walk, const std::string& path) {
  DIR* folder = opendir(path.c_str());
  if (!folder) return -errno;
  std::vector<std::string> names;
  while (dirent* entry = readdir(folder)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  closedir(folder);
  for (const auto& name : names) {
    if (int rc = Visit(walk, path + "/" + name); rc < 0) return rc;
  }
  return 0;
}

int Visit(Walk& walk, const std::string& path) {
  struct stat st;
  if (lstat(path.c_str(), &st) < 0) return -errno;
  if (int rc = Relink(walk, path, st); rc != 0) return rc < 0 ? rc : 0;
  // Children first: afterwards the folder may be another's.
  if (S_ISDIR(st.st_mode)) {
    if (int rc = Children(walk, path); rc < 0) return rc;
  }
  return Chown(walk, path, st);
}

}  // namespace

// chownTree(root, uids, gids): triples of container id, host id, size
static Napi::Value ChownTree(const Info& info) {
  Walk walk{numbers(info[1]), numbers(info[2]), {}};
  return plain(info, Visit(walk, text(info, 0)));
}

void RegisterChown(Napi::Env env, Napi::Object exports) { exports["chownTree"] = Napi::Function::New(env, ChownTree); }
