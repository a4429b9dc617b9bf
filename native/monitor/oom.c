#include "oom.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "files.h"
#include "monitor.h"
#include "note.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
enum { CGROUP2_MAGIC = 0x63677270 };

static void write_score(const char *score) {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  if (write(fd, score, strlen(score)) < 0)
    note(NOTE_DEBUG, "failed to write to /proc/self/oom_score_adj: %s", strerror(errno));
  close(fd);
}

void oom_protect_self(struct oom *oom) {
  if (file_read("/proc/self/oom_score_adj", oom->old_score, sizeof oom->old_score) > 0)
    write_score("-1000");
}

void oom_restore_score(const struct oom *oom) {
  if (oom->old_score[0] != '\0')
    write_score(oom->old_score);
}

static void mark(const char *folder) {
  if (folder == NULL || *folder == '\0')
    return;
  char path[PATH_MAX];
  path_join(path, folder, "oom");
  int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0)
    note(NOTE_WARNING, "Failed to write oom file to the %s path", folder);
  else
    close(fd);
}

static void record(struct monitor *monitor) {
  if (monitor->oom.seen)
    return;
  monitor->oom.seen = true;
  note(NOTE_INFO, "OOM received");
  mark(monitor->options.persist_dir);
  mark(monitor->options.bundle);
}

// The number behind `name ` at the start of a line, 0 without such a line.
static long counter(const char *text, const char *name) {
  size_t length = strlen(name);
  for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
    if (*line == '\n')
      line++;
    if (strncmp(line, name, length) == 0)
      return strtol(line + length, NULL, 10);
  }
  return 0;
}

// Both versions count kills in a file that the cgroup keeps until it is removed.
void oom_check(struct monitor *monitor) {
  if (monitor->oom.counters == NULL || monitor->oom.seen)
    return;
  char text[1024];
  if (file_read(monitor->oom.counters, text, sizeof text) < 0) {
    note(NOTE_DEBUG, "Cgroup appears to have been removed, stopping OOM monitoring");
    return;
  }
  if (counter(text, "oom ") > 0 || counter(text, "oom_kill ") > 0)
    record(monitor);
}

static void on_event(struct watch *watch, uint32_t events) {
  (void)events;
  struct monitor *monitor = container_of(watch, struct monitor, oom.events);
  char data[512];
  ssize_t length = read(watch->fd, data, sizeof data);
  if (length < 0 && errno == EAGAIN)
    return;
  oom_check(monitor);
  if (length <= 0 || access(monitor->oom.counters, F_OK) < 0)
    watch_close(&monitor->loop, watch);
}

// The container's cgroup: the line "0::PATH", or the one whose list of controllers has `memory`.
static bool is_line(char *controllers, bool unified) {
  if (unified)
    return *controllers == '\0';
  char *rest = NULL;
  for (char *name = strtok_r(controllers, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest))
    if (strcmp(name, "memory") == 0)
      return true;
  return false;
}

static bool find_cgroup(pid_t pid, bool unified, char folder[PATH_MAX]) {
  char path[64], text[8192], *rest = NULL;
  snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
  if (file_read(path, text, sizeof text) < 0)
    return false;
  for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    char *controllers = strchr(line, ':');
    char *place = controllers == NULL ? NULL : strchr(controllers + 1, ':');
    if (place == NULL)
      continue;
    *place++ = '\0';
    if (is_line(controllers + 1, unified))
      return snprintf(folder, PATH_MAX, "%s%s%s", CGROUP_ROOT, unified ? "" : "/memory", place) < PATH_MAX;
  }
  return false;
}

static int watch_unified(const char *counters) {
  int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd >= 0 && inotify_add_watch(fd, counters, IN_MODIFY) >= 0)
    return fd;
  if (fd >= 0)
    close(fd);
  return -1;
}

static int watch_legacy(const char *folder, const char *counters) {
  char path[PATH_MAX], request[32];
  path_join(path, folder, "cgroup.event_control");
  int control = open(path, O_WRONLY | O_CLOEXEC), file = open(counters, O_RDONLY | O_CLOEXEC);
  int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int length = snprintf(request, sizeof request, "%d %d", fd, file);
  bool done = control >= 0 && file >= 0 && fd >= 0 && write(control, request, (size_t)length) == length;
  if (control >= 0)
    close(control);
  if (file >= 0)
    close(file);
  if (done)
    return fd;
  if (fd >= 0)
    close(fd);
  return -1;
}

void oom_watch(struct monitor *monitor) {
  struct statfs info;
  bool unified = statfs(CGROUP_ROOT, &info) == 0 && info.f_type == CGROUP2_MAGIC;
  char folder[PATH_MAX], counters[PATH_MAX];
  if (!find_cgroup(monitor->container.pid, unified, folder)) {
    note(NOTE_INFO, "Failed to get cgroup path. Container may have exited");
    return;
  }
  path_join(counters, folder, unified ? "memory.events" : "memory.oom_control");
  monitor->oom.counters = strdup(counters);
  int fd = unified ? watch_unified(counters) : watch_legacy(folder, counters);
  if (fd < 0) {
    note(NOTE_DEBUG, "no OOM notification for %s: %s", folder, strerror(errno));
    return;
  }
  monitor->oom.events = (struct watch){.fd = fd, .ready = on_event};
  watch_for(&monitor->loop, &monitor->oom.events, EPOLLIN);
}
