// The id maps of a new user namespace.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

static int write_file(pid_t pid, const char* name, const char* text) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  int rc = write(fd, text, strlen(text)) < 0 ? -errno : 0;
  close(fd);
  return rc;
}

// Without privileges: the own id and no other. Groups must stay as they are
// then.
static int write_single(const struct caller* caller, pid_t pid) {
  char uids[32], gids[32];
  snprintf(uids, sizeof uids, "0 %u 1\n", caller->uid);
  snprintf(gids, sizeof gids, "0 %u 1\n", caller->gid);
  int rc = write_file(pid, "setgroups", "deny");
  if (rc == 0) rc = write_file(pid, "uid_map", uids);
  if (rc == 0) rc = write_file(pid, "gid_map", gids);
  if (rc < 0) complain_forbidden(-rc);
  return rc;
}

enum { words_per_range = 3, max_words = 2 + words_per_range * (max_ranges + 1) + 1 };

// PROGRAM PID 0 OWN 1 1 FIRST COUNT ...
static int run_program(const char* program, pid_t pid, unsigned own, const struct ranges* ranges) {
  static char numbers[max_words][16];
  char* words[max_words] = {(char*)program};
  size_t count = 1;
  unsigned inside = 1;
  const unsigned first[] = {(unsigned)pid, 0, own, 1};
  for (size_t i = 0; i < 4; i++, count++) snprintf(words[count] = numbers[count], 16, "%u", first[i]);
  for (size_t i = 0; i < ranges->count; i++) {
    const unsigned part[] = {inside, ranges->list[i].first, ranges->list[i].count};
    for (size_t j = 0; j < 3; j++, count++) snprintf(words[count] = numbers[count], 16, "%u", part[j]);
    inside += ranges->list[i].count;
  }
  pid_t child = fork();
  if (child < 0) return -errno;
  if (child == 0) {
    execvp(program, words);
    _exit(errno == ENOENT ? 127 : 126);
  }
  int status;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -errno;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int map_with(const char* program, const char* file, pid_t pid, unsigned own, const struct ranges* ranges) {
  struct range a, b;
  if (ranges_overlap(ranges, own, &a, &b)) {
    complain(
        "the ranges %u:%u and %u:%u of this user in \"%s\" (or the own "
        "id) overlap: correct that file",
        a.first, a.count, b.first, b.count, file);
    return -EINVAL;
  }
  int rc = run_program(program, pid, own, ranges);
  if (rc == 127)
    complain(
        "\"%s\" is missing: install the package uidmap (shadow-utils on "
        "Fedora)",
        program);
  if (rc != 0 && rc != 127) {
    complain(
        "\"%s\" failed for the ranges of \"%s\": it must be setuid root "
        "or have the capability setuid or setgid",
        program, file);
  }
  return rc == 0 ? 0 : -EPERM;
}

int write_maps(const struct caller* caller, pid_t pid) {
  static struct ranges uids, gids;
  int rc = read_ranges("/etc/subuid", caller, &uids);
  if (rc == 0) rc = read_ranges("/etc/subgid", caller, &gids);
  if (rc < 0) return rc;
  if (uids.count == 0 || gids.count == 0) {
    warn(
        "user %u has no ranges in /etc/subuid and /etc/subgid: files of "
        "images all belong to one user (add ranges with "
        "usermod --add-subuids 100000-165535 --add-subgids 100000-165535)",
        caller->uid);
    return write_single(caller, pid);
  }
  rc = map_with("newuidmap", "/etc/subuid", pid, caller->uid, &uids);
  return rc < 0 ? rc : map_with("newgidmap", "/etc/subgid", pid, caller->gid, &gids);
}
