// The process that keeps the namespaces of a user alive while nothing else is
// in them.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

ssize_t read_text(int folder, const char* path, char* buffer, size_t size) {
  int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  ssize_t length = read(fd, buffer, size - 1);
  int error = errno;
  close(fd);
  if (length < 0) return -error;
  if (length > 0 && buffer[length - 1] == '\n') length--;
  buffer[length] = '\0';
  return length;
}

static bool has_name(pid_t pid, const char* const* names) {
  char path[64], name[32];
  snprintf(path, sizeof path, "/proc/%d/comm", pid);
  if (read_text(AT_FDCWD, path, name, sizeof name) <= 0) return false;
  for (; *names; names++) {
    if (strcmp(name, *names) == 0) return true;
  }
  return false;
}

static ino_t namespace_of(pid_t pid, const char* name) {
  char path[64];
  struct stat st;
  snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, name);
  return stat(path, &st) == 0 ? st.st_ino : 0;
}

// A process that lives in a user namespace of its own. One that ended and was not waited for has no mounts any more.
static bool is_apart(pid_t pid) {
  ino_t user = namespace_of(pid, "user");
  return user != 0 && user != namespace_of(getpid(), "user") && namespace_of(pid, "mnt") != 0;
}

// After a reboot the number may be another's: name and namespace tell. The
// pidfd is taken first, so that what is looked at is what is joined.
static int open_named(pid_t pid, const char* const* names) {
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return -ESRCH;
  if (has_name(pid, names) && is_apart(pid)) return fd;
  close(fd);
  return -ESRCH;
}

int open_holder(const struct caller* caller) {
  // Podman's own is called so, or is catatonit.
  static const char* const names[] = {"podman pause", "catatonit", NULL};
  char text[32];
  if (read_text(AT_FDCWD, caller->pid_file, text, sizeof text) <= 0) return -ESRCH;
  long pid = strtol(text, NULL, 10);
  return pid > 1 && pid < INT_MAX ? open_named((pid_t)pid, names) : -ESRCH;
}

int find_monitor(const struct caller* caller) {
  static const char* const names[] = {"conmon", NULL};
  DIR* proc = opendir("/proc");
  if (!proc) return -ESRCH;
  int found = -ESRCH;
  for (struct dirent* entry = readdir(proc); entry && found < 0; entry = readdir(proc)) {
    struct stat st;
    long pid = strtol(entry->d_name, NULL, 10);
    if (pid < 2 || fstatat(dirfd(proc), entry->d_name, &st, 0) < 0 || st.st_uid != caller->uid) continue;
    found = open_named((pid_t)pid, names);
  }
  closedir(proc);
  return found;
}

static int unwritten(const struct caller* caller, int error) {
  complain("writing \"%s\": %s", caller->pid_file, strerror(error));
  return -error;
}

int record_holder(const struct caller* caller, pid_t pid) {
  char path[PATH_MAX + 16], text[16];
  snprintf(path, sizeof path, "%s.%d", caller->pid_file, getpid());
  // The sticky bit keeps cleaners of the runtime folder away.
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return unwritten(caller, errno);
  int length = snprintf(text, sizeof text, "%d", pid);
  bool written = write(fd, text, (size_t)length) == length && fchmod(fd, 01600) == 0;
  if (written && rename(path, caller->pid_file) == 0) {
    close(fd);
    return 0;
  }
  int error = errno;
  close(fd);
  unlink(path);
  return unwritten(caller, error);
}
