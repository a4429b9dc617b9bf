// Deletes a tree by threads of its own: every step is relative to an open folder, no link is followed, and no mount is
// entered.
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "api.h"

namespace {

// Each folder on the way down is open: deeper trees are left to the caller.
constexpr int kMaxDepth = 200;

struct Folder {
  Folder* parent;
  std::string name;
  int fd;
  int depth;
  // Its own listing and the folders in it; the one that makes it 0 deletes the folder.
  int pending = 1;
};

struct Entry {
  ino_t inode;
  unsigned char type;
  std::string name;
};

int OpenFolder(int at, const char* name, bool cross) {
  struct open_how how = {};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = cross ? 0 : RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
  int fd = static_cast<int>(syscall(SYS_openat2, at, name, &how, sizeof how));
  return fd < 0 ? -errno : fd;
}

int List(int fd, std::vector<Entry>& entries) {
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  DIR* folder = copy < 0 ? nullptr : fdopendir(copy);
  if (!folder) return -errno;
  errno = 0;
  while (dirent* entry = readdir(folder)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") entries.push_back({entry->d_ino, entry->d_type, std::move(name)});
    errno = 0;
  }
  int rc = -errno;
  closedir(folder);
  // In the order in which they were made the file system finds its own blocks side by side.
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.inode < b.inode; });
  return rc;
}

class Removal {
 public:
  // Empties the folder, which stays; the first error, or 0.
  int Run(const std::string& path, int threads) {
    int fd = OpenFolder(AT_FDCWD, path.c_str(), true);
    if (fd < 0) return fd == -ENOENT ? 0 : fd;
    queue_.push_back(new Folder{nullptr, path, fd, 0});
    std::vector<std::thread> others;
    for (int i = 1; i < threads; i++) others.emplace_back([this] { Work(); });
    Work();
    for (auto& other : others) other.join();
    return error_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  // The last one goes first: that keeps few folders open.
  std::vector<Folder*> queue_;
  int busy_ = 0;
  int error_ = 0;

  void Work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return !queue_.empty() || busy_ == 0; });
      if (queue_.empty()) return;
      Folder* folder = queue_.back();
      queue_.pop_back();
      busy_ += 1;
      lock.unlock();
      Visit(folder);
      Finish(folder);
      lock.lock();
      busy_ -= 1;
      changed_.notify_all();
    }
  }

  void Fail(int rc) {
    std::lock_guard lock(mutex_);
    if (error_ == 0) error_ = rc;
  }

  void Visit(Folder* folder) {
    if (folder->depth > kMaxDepth) return Fail(-ELOOP);
    if (folder->fd < 0) folder->fd = OpenFolder(folder->parent->fd, folder->name.c_str(), false);
    if (folder->fd < 0) return Fail(folder->fd);
    std::vector<Entry> entries;
    if (int rc = List(folder->fd, entries); rc < 0) Fail(rc);
    for (const auto& entry : entries) Remove(folder, entry);
  }

  void Remove(Folder* folder, const Entry& entry) {
    if (entry.type != DT_DIR) {
      if (unlinkat(folder->fd, entry.name.c_str(), 0) == 0 || errno == ENOENT) return;
      // EISDIR: this file system does not tell the types in its listings.
      if (errno != EISDIR) return Fail(-errno);
    }
    std::lock_guard lock(mutex_);
    folder->pending += 1;
    queue_.push_back(new Folder{folder, entry.name, -1, folder->depth + 1});
    changed_.notify_one();
  }

  void Finish(Folder* folder) {
    while (folder) {
      Folder* parent = folder->parent;
      {
        std::lock_guard lock(mutex_);
        folder->pending -= 1;
        if (folder->pending > 0) return;
      }
      if (folder->fd >= 0) close(folder->fd);
      if (parent && unlinkat(parent->fd, folder->name.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT) Fail(-errno);
      delete folder;
      folder = parent;
    }
  }
};

}  // namespace

// emptyFolder(path, threads, done): done gets 0 or the first error, when no thread is at work any more
static Napi::Value EmptyFolder(const Info& info) {
  std::string path = text(info, 0);
  int threads = static_cast<int>(number(info, 1));
  auto done = Napi::ThreadSafeFunction::New(info.Env(), info[2].As<Napi::Function>(), "emptyFolder", 0, 1);
  std::thread([path, threads, done]() mutable {
    int rc = Removal().Run(path, threads);
    done.BlockingCall([rc](Napi::Env env, Napi::Function callback) { callback.Call({Napi::Number::New(env, rc)}); });
    done.Release();
  }).detach();
  return info.Env().Undefined();
}

void RegisterRemove(Napi::Env env, Napi::Object exports) {
  exports["emptyFolder"] = Napi::Function::New(env, EmptyFolder);
}
