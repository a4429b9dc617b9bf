#include "child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "monitor.h"
#include "note.h"

static const int forwarded[] = {SIGTERM, SIGINT, SIGQUIT};

void child_reset_signals(void) {
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static void forward(struct monitor *monitor, int number) {
  pid_t pid = monitor->container.pid > 0 && !monitor->container.ended ? monitor->container.pid : monitor->runtime.pid;
  if (pid > 0)
    kill(pid, number);
}

static void reap_runtime(struct monitor *monitor) {
  struct process *runtime = &monitor->runtime;
  if (runtime->ended || runtime->pid <= 0 || waitpid(runtime->pid, &runtime->status, WNOHANG) != runtime->pid)
    return;
  runtime->ended = true;
  runtime->pid = 0;
}

static void note_end(struct monitor *monitor, pid_t pid, int status) {
  struct process *known[] = {&monitor->container, &monitor->start, &monitor->deletion};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (known[i]->pid != pid || known[i]->ended)
      continue;
    known[i]->status = status;
    known[i]->ended = true;
    return;
  }
  health_reaped(monitor, pid, status);
}

// Until the container's pid is known only the runtime is waited for: a container that ended early stays a zombie, and
// its status cannot be lost.
static void reap(struct monitor *monitor) {
  reap_runtime(monitor);
  if (monitor->container.pid <= 0)
    return;
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == EINTR)
      continue;
    if (pid <= 0)
      return;
    note_end(monitor, pid, status);
  }
}

static void on_signal(struct watch *watch, uint32_t events) {
  (void)events;
  struct monitor *monitor = container_of(watch, struct monitor, signals);
  struct signalfd_siginfo info;
  while (read(watch->fd, &info, sizeof info) == sizeof info)
    if (info.ssi_signo != SIGCHLD)
      forward(monitor, (int)info.ssi_signo);
  reap(monitor);
}

void child_watch(struct monitor *monitor) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++)
    sigaddset(&set, forwarded[i]);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
    die_errno("Failed to block signals");
  monitor->signals = (struct watch){.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .ready = on_signal};
  if (monitor->signals.fd < 0)
    die_errno("Failed to create signalfd");
  watch_for(&monitor->loop, &monitor->signals, EPOLLIN);
}

// A pid cannot be reused before it was reaped, and only this process reaps its children.
static bool kill_children(void) {
  char path[64], text[4096], *end = NULL;
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  if (file_read(path, text, sizeof text) <= 0)
    return false;
  bool found = false;
  for (char *at = text;; at = end) {
    long pid = strtol(at, &end, 10);
    if (end == at)
      return found;
    found = kill((pid_t)pid, SIGKILL) == 0 || found;
  }
}

// Those of a child that is gone become ours: so until none is left, but no longer than a second.
void child_kill_all(void) {
  for (int i = 0; i < 100 && kill_children(); i++) {
    usleep(10000);
    while (waitpid(-1, NULL, WNOHANG) > 0)
      ;
  }
}

static void on_foreign_end(struct watch *watch, uint32_t events) {
  (void)events;
  struct monitor *monitor = container_of(watch, struct monitor, container_pidfd);
  watch_close(&monitor->loop, watch);
  monitor->container.status = -1; // only a parent learns the status
  monitor->container.ended = true;
}

static void watch_foreign(struct monitor *monitor) {
  int fd = (int)syscall(SYS_pidfd_open, monitor->container.pid, 0);
  if (fd < 0) {
    monitor->container.status = -1;
    monitor->container.ended = true;
    return;
  }
  note(NOTE_INFO, "Container process %d is not a child of the monitor", monitor->container.pid);
  monitor->container_pidfd = (struct watch){.fd = fd, .ready = on_foreign_end};
  watch_for(&monitor->loop, &monitor->container_pidfd, EPOLLIN);
}

void child_expect_container(struct monitor *monitor) {
  if (monitor->container.ended)
    return; // while it was being started
  siginfo_t info;
  bool ours = waitid(P_PID, (id_t)monitor->container.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
  if (ours)
    reap(monitor);
  else
    watch_foreign(monitor);
}
