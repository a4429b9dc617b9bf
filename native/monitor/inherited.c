#include "inherited.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

static bool same_stream(const struct stat *mine, int other) {
  struct stat theirs;
  return fstat(other, &theirs) == 0 && mine->st_dev == theirs.st_dev && mine->st_ino == theirs.st_ino;
}

static bool is_callers_stream(int fd) {
  struct stat info;
  if (fstat(fd, &info) < 0 || !(S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode)))
    return false;
  return same_stream(&info, STDIN_FILENO) || same_stream(&info, STDOUT_FILENO) || same_stream(&info, STDERR_FILENO);
}

void inherited_scan(struct inherited *inherited) {
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL)
    return;
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    int fd = atoi(entry->d_name);
    if (fd < 3 || fd == dirfd(folder))
      continue;
    set_cloexec(fd, true);
    if (inherited->count < INHERITED_MAX)
      inherited->fds[inherited->count++] = fd;
  }
  closedir(folder);
  for (int i = inherited->count - 1; i >= 0; i--) {
    int fd = inherited->fds[i];
    if (!is_callers_stream(fd))
      continue;
    close(fd);
    inherited_forget(inherited, fd);
  }
}

void inherited_forget(struct inherited *inherited, int fd) {
  for (int i = 0; i < inherited->count; i++)
    if (inherited->fds[i] == fd)
      inherited->fds[i] = inherited->fds[--inherited->count];
}

void inherited_pass(const struct inherited *inherited, int count) {
  for (int i = 0; i < inherited->count; i++)
    if (inherited->fds[i] < 3 + count)
      set_cloexec(inherited->fds[i], false);
}

void inherited_close(struct inherited *inherited) {
  while (inherited->count > 0)
    close(inherited->fds[--inherited->count]);
}
