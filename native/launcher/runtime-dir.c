// Where volatile files of a user are: the rules of containers/storage.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher.h"

// A folder that nobody else can write to: others could put a pid file of theirs
// there.
static bool is_own(const char* path, uid_t uid, bool follow) {
  struct stat st;
  if ((follow ? stat(path, &st) : lstat(path, &st)) < 0) return false;
  return S_ISDIR(st.st_mode) && st.st_uid == uid && (st.st_mode & 0722) == 0700;
}

static bool use(struct caller* caller, const char* path) {
  if (strlen(path) >= sizeof caller->runtime_dir) return false;
  strcpy(caller->runtime_dir, path);
  return true;
}

static bool find(struct caller* caller) {
  char path[64], resolved[PATH_MAX];
  const char* given = getenv("XDG_RUNTIME_DIR");
  if (given && *given && is_own(given, caller->uid, true) && realpath(given, resolved)) return use(caller, resolved);
  snprintf(path, sizeof path, "/run/user/%u", caller->uid);
  if (is_own(path, caller->uid, false)) return use(caller, path);
  snprintf(path, sizeof path, "/tmp/storage-run-%u", caller->uid);
  if (mkdir(path, 0700) < 0 && errno != EEXIST) return false;
  return is_own(path, caller->uid, false) && use(caller, path);
}

int find_runtime_dir(struct caller* caller) {
  if (!find(caller)) {
    complain(
        "no folder for the volatile files of user %u: "
        "\"/tmp/storage-run-%u\" must be writable by this user "
        "alone, or set XDG_RUNTIME_DIR",
        caller->uid, caller->uid);
    return -EACCES;
  }
  int length = snprintf(caller->pid_file, sizeof caller->pid_file, "%s/libpod/tmp/pause.pid", caller->runtime_dir);
  return length < (int)sizeof caller->pid_file ? 0 : -ENAMETOOLONG;
}

int make_pid_folder(const struct caller* caller) {
  char path[PATH_MAX + 16];
  const char* const parts[] = {"/libpod", "/libpod/tmp"};
  for (size_t i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "%s%s", caller->runtime_dir, parts[i]);
    if (mkdir(path, 0700) < 0 && errno != EEXIST) return -errno;
  }
  return 0;
}
