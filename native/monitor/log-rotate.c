#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log-file.h"
#include "note.h"

static int refuse(const char *reason) {
  note(NOTE_WARNING, "Log is not rotated: %s", reason);
  return -1;
}

static bool is_allowed(const char *folder, const struct list *allowed) {
  for (int i = 0; i < allowed->count; i++) {
    char root[PATH_MAX];
    if (realpath(allowed->items[i], root) == NULL)
      continue;
    size_t length = strlen(root);
    if (strncmp(folder, root, length) == 0 && (folder[length] == '/' || folder[length] == '\0'))
      return true;
  }
  return allowed->count == 0;
}

// The folder of the log, opened, when renaming files in it is safe: names there are ours alone.
static int open_folder(const struct log_file *log, const char **name) {
  char folder[PATH_MAX], real[PATH_MAX];
  if (strstr(log->path, "../") != NULL || strstr(log->path, "/..") != NULL)
    return refuse("\"..\" in its path");
  const char *slash = strrchr(log->path, '/');
  int length = slash == NULL ? 0 : (int)(slash - log->path);
  if (snprintf(folder, sizeof folder, "%.*s", length, log->path) >= (int)sizeof folder)
    return refuse("path too long");
  *name = slash == NULL ? log->path : slash + 1;
  const char *shown = slash == NULL ? "." : length == 0 ? "/" : folder;
  struct stat info;
  int fd = open(shown, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &info) < 0 || realpath(shown, real) == NULL)
    return refuse(strerror(errno));
  const char *reason = NULL;
  if ((info.st_mode & S_IWOTH) != 0)
    reason = "its folder is writable for everybody";
  else if (info.st_uid != 0 && info.st_uid != geteuid())
    reason = "its folder belongs to someone else";
  else if (!is_allowed(real, &log->options->log_allowlist))
    reason = "its folder is not in --log-allowlist-dir";
  if (reason == NULL)
    return fd;
  close(fd);
  return refuse(reason);
}

// False when somebody put another file, or a link, in the place of the log.
static bool is_ours(const struct log_file *log, int folder, const char *name) {
  struct stat there, mine;
  if (fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) < 0)
    return errno == ENOENT;
  return fstat(log->fd, &mine) == 0 && there.st_dev == mine.st_dev && there.st_ino == mine.st_ino;
}

static void shift(int folder, const char *name, int keep) {
  for (int number = keep; number >= 1; number--) {
    char from[NAME_MAX + 1], to[NAME_MAX + 1];
    snprintf(to, sizeof to, "%.200s.%d", name, number);
    if (number == 1)
      snprintf(from, sizeof from, "%.200s", name);
    else
      snprintf(from, sizeof from, "%.200s.%d", name, number - 1);
    if (renameat(folder, from, folder, to) < 0 && errno != ENOENT)
      note(NOTE_WARNING, "Failed to rename %s to %s: %s", from, to, strerror(errno));
  }
}

int log_rotate(const struct log_file *log) {
  const char *name;
  int folder = open_folder(log, &name);
  if (folder < 0)
    return -1;
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  int fd = -1;
  if (strlen(name) > 200)
    refuse("its name is too long");
  else if (fcntl(log->fd, F_SETLK, &lock) < 0)
    refuse("another process holds a lock on it");
  else if (!is_ours(log, folder, name))
    refuse("another file has its name");
  else {
    shift(folder, name, log->options->log_max_files);
    fd = openat(folder, name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0)
      refuse(strerror(errno));
  }
  close(folder); // the lock goes with the old descriptor
  return fd;
}
