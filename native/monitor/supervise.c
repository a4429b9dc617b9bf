#include "supervise.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "child.h"
#include "deletion.h"
#include "monitor.h"
#include "note.h"
#include "report.h"

enum { KILL_WAIT_MS = 2000 };

void monitor_init(struct monitor *monitor) {
  struct watch *watches[] = {&monitor->signals,           &monitor->container_pidfd,
                             &monitor->streams.out.watch, &monitor->streams.err.watch,
                             &monitor->streams.in.watch,  &monitor->terminal.listener,   &monitor->terminal.connection,
                             &monitor->attach.listener,   &monitor->control.ctl.watch,
                             &monitor->control.winsz.watch, &monitor->oom.events,
                             &monitor->notify.watch};
  for (size_t i = 0; i < sizeof watches / sizeof *watches; i++)
    watches[i]->fd = -1;
  health_init(monitor);
  inherited_scan(&monitor->inherited);
}

static void leave_streams(const struct monitor *monitor) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (dup2(monitor->null_fd, fd) < 0)
      die_errno("Failed to dup over descriptor %d", fd);
}

void supervise_leave_caller(struct monitor *monitor) {
  if (monitor->logs.passthrough)
    leave_streams(monitor);
}

static void open_bundle(struct monitor *monitor) {
  if (monitor->options.bundle == NULL || monitor->logs.passthrough)
    return;
  attach_open(monitor);
  control_open(monitor);
  if (monitor->attach_fd < 0)
    return;
  report(&monitor->attach_fd, "data", 0, NULL);
  close(monitor->attach_fd);
  monitor->attach_fd = -1;
}

void supervise_prepare(struct monitor *monitor) {
  loop_open(&monitor->loop);
  monitor->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (monitor->null_fd < 0)
    die_errno("Failed to open /dev/null");
  if (monitor->options.sdnotify_socket != NULL && monitor->options.bundle != NULL)
    notify_open(monitor);
  if (!monitor->logs.passthrough)
    leave_streams(monitor);
  if (monitor->options.bundle != NULL)
    note_keep(monitor->options.bundle);
  setsid();
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
    die_errno("Failed to set as subreaper");
  if (monitor->options.terminal)
    terminal_listen(monitor);
  streams_open(monitor);
  open_bundle(monitor);
  child_watch(monitor);
}

static void on_timeout(struct timer *timer) {
  container_of(timer, struct monitor, timeout)->timed_out = true;
}

// The group 1 would be everything, and our own group ourselves.
static void kill_container(struct monitor *monitor) {
  pid_t group = getpgid(monitor->container.pid);
  kill(group > 1 && group != getpgrp() ? -group : monitor->container.pid, SIGKILL);
  uint64_t end = now_ms() + KILL_WAIT_MS;
  timer_set(&monitor->loop, &monitor->timeout, KILL_WAIT_MS);
  while (!monitor->container.ended && now_ms() < end)
    loop_step(&monitor->loop);
}

void supervise_container(struct monitor *monitor) {
  oom_watch(monitor);
  streams_start(monitor);
  child_expect_container(monitor);
  health_load(monitor);
  monitor->timeout.fire = on_timeout;
  if (monitor->options.timeout > 0)
    timer_set(&monitor->loop, &monitor->timeout, (unsigned)monitor->options.timeout * 1000);
  while (!monitor->container.ended && !monitor->timed_out)
    loop_step(&monitor->loop);
  timer_clear(&monitor->loop, &monitor->timeout);
  health_close(monitor);
  monitor->timed_out = monitor->timed_out && !monitor->container.ended;
  if (monitor->timed_out)
    kill_container(monitor);
  oom_check(monitor);
  deletion_start(monitor);
  if (!monitor->timed_out || monitor->container.ended)
    streams_drain(monitor);
  logs_finish(&monitor->logs, !monitor->options.no_sync_log);
}
