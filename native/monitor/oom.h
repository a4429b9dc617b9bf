// Out of memory: the monitor's own score, and noticing that the kernel killed in the container's cgroup.
#pragma once

#include <stdbool.h>

#include "loop.h"

struct monitor;

struct oom {
  char old_score[16];
  struct watch events; // inotify (cgroup v2) or eventfd (v1)
  char *counters; // memory.events or memory.oom_control
  bool seen;
};

// The monitor must outlive the container: it is the last process the kernel takes.
void oom_protect_self(struct oom *oom);

// In a fork: the score as it was.
void oom_restore_score(const struct oom *oom);

void oom_watch(struct monitor *monitor);

// A last look, at the end of the container.
void oom_check(struct monitor *monitor);
