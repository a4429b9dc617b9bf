// The launcher: enters the user and mount namespaces of a user who is not root,
// then executes Node in them.
#pragma once
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { exit_failed = 125 };

// Who calls, and where this user's volatile files are.
struct caller {
  uid_t uid;
  gid_t gid;
  // The bytes of argv, which `ps` shows.
  char* title;
  size_t title_size;
  char runtime_dir[PATH_MAX];
  // Where Podman has it too: both engines share one set of namespaces.
  char pid_file[PATH_MAX];
};

// Part of an id map: `count` ids from `first` of the host.
struct range {
  unsigned first, count;
};

enum { max_ranges = 64 };

struct ranges {
  struct range list[max_ranges];
  size_t count;
};

// All return 0 or -errno unless said otherwise.

// Finds the runtime folder: XDG_RUNTIME_DIR if it is this user's,
// /run/user/UID, /tmp/storage-run-UID (made if missing).
int find_runtime_dir(struct caller* caller);
// mkdir -p of the folder that the pid file is in.
int make_pid_folder(const struct caller* caller);

// The process that holds the namespaces: a pidfd, or -errno; -ESRCH when the
// pid file is missing or stale.
int open_holder(const struct caller* caller);
// Any monitor of a container that lives in namespaces of this user: a pidfd, or
// -ESRCH.
int find_monitor(const struct caller* caller);
// Makes `pid` the recorded holder.
int record_holder(const struct caller* caller, pid_t pid);

// Enters user and mount namespace of a process and becomes root there.
int join(int pidfd);
// Makes namespaces and their holder; prints why it failed.
int create_namespaces(const struct caller* caller);
// Name and home folder by /etc/passwd, '' when unknown.
void look_up_user(uid_t uid, char* name, size_t size, char* home, size_t home_size);
// The ranges of this user in /etc/subuid or /etc/subgid; none is no error.
int read_ranges(const char* path, const struct caller* caller, struct ranges* ranges);
// True if two parts of the map have ids in common; `own` is mapped too. The two
// are stored.
bool ranges_overlap(const struct ranges* ranges, unsigned own, struct range* a, struct range* b);

// Writes both maps of a process: with newuidmap and newgidmap, or single ids;
// prints why it failed.
int write_maps(const struct caller* caller, pid_t pid);

// "Error: ..." and "Hint" lines on standard error.
void complain(const char* format, ...) __attribute__((format(printf, 1, 2)));
void warn(const char* format, ...) __attribute__((format(printf, 1, 2)));
// Why unshare or a map failed, and what to set: looks at the sysctls.
void complain_forbidden(int error);

// Reads a small file, without its last newline; the length or -errno.
ssize_t read_text(int folder, const char* path, char* buffer, size_t size);
