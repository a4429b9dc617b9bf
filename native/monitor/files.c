#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "note.h"

_Static_assert(PATH_MAX == 4096, "path_join is declared for Linux's PATH_MAX");

void path_join(char path[PATH_MAX], const char *folder, const char *name) {
  int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
  if (length < 0 || length >= PATH_MAX)
    die("path too long: %s", folder);
}

bool write_all(int fd, const void *data, size_t length) {
  const char *at = data;
  while (length > 0) {
    ssize_t written = write(fd, at, length);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    at += written;
    length -= (size_t)written;
  }
  return true;
}

bool file_write_atomic(const char *path, const char *text) {
  char temporary[PATH_MAX];
  if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary) {
    errno = ENAMETOOLONG;
    return false;
  }
  int fd = mkostemp(temporary, O_CLOEXEC);
  if (fd < 0)
    return false;
  bool done = write_all(fd, text, strlen(text)) && fchmod(fd, 0644) == 0;
  int error = errno;
  close(fd);
  if (done && rename(temporary, path) == 0)
    return true;
  error = done ? errno : error;
  unlink(temporary);
  errno = error;
  return false;
}

ssize_t file_read(const char *path, char *text, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  ssize_t length = read(fd, text, size - 1);
  int error = errno;
  close(fd);
  errno = error;
  if (length >= 0)
    text[length] = '\0';
  return length;
}

void set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags >= 0)
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

void set_cloexec(int fd, bool on) {
  int flags = fcntl(fd, F_GETFD);
  if (flags >= 0)
    fcntl(fd, F_SETFD, on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC);
}

// sun_path holds 108 bytes: the folder is reached through /proc/self/fd.
int bind_unix(const char *folder, const char *name, int type, mode_t mode) {
  char path[PATH_MAX];
  path_join(path, folder, name);
  if (unlink(path) < 0 && errno != ENOENT)
    die_errno("Failed to remove existing socket %s", path);
  int folder_fd = open(folder, O_PATH | O_CLOEXEC);
  if (folder_fd < 0)
    die_errno("Failed to open socket folder %s", folder);
  int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  if (fd < 0)
    die_errno("Failed to create socket %s", path);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder_fd, name);
  // The mode is set before bind: the socket is never open to others, not even for a moment.
  if (fchmod(fd, mode) < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
    die_errno("Failed to bind socket %s", path);
  if (chmod(path, mode) < 0)
    die_errno("Failed to change socket permissions %s", path);
  close(folder_fd);
  return fd;
}
