// The container monitor: starts the OCI runtime, stays with the container, records its output and its end.
// Its command line, pipes, sockets and files are conmon's; docs/monitor.md describes them.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "exit.h"
#include "files.h"
#include "monitor.h"
#include "note.h"
#include "report.h"
#include "runtime.h"
#include "supervise.h"

// Between two bytes of the start pipe a client attaches: it misses nothing of what the process prints.
static bool waits_for_client(const struct options *options) {
  return options->exec_attach || (options->run_at_once && getenv("_OCI_ATTACHPIPE") != NULL);
}

// The caller moves us to a cgroup before we fork. It writes one byte; without it the caller died, and nobody would
// ever start what we are about to create.
static void wait_for_go(struct monitor *monitor) {
  int fd = pipe_from_environment("_OCI_STARTPIPE");
  if (fd <= 0)
    return;
  char bytes[64];
  ssize_t length;
  do
    length = read(fd, bytes, sizeof bytes);
  while (length < 0 && errno == EINTR);
  if (length <= 0)
    die("The caller ended before the container was created");
  inherited_forget(&monitor->inherited, fd);
  if (waits_for_client(&monitor->options))
    monitor->start_fd = fd;
  else
    close(fd);
}

static void detach(const struct options *options) {
  if (options->sync)
    return;
  pid_t pid = fork();
  if (pid < 0)
    die_errno("Failed to fork");
  if (pid == 0)
    return;
  char text[16];
  snprintf(text, sizeof text, "%d", pid);
  if (options->conmon_pidfile != NULL && !file_write_atomic(options->conmon_pidfile, text))
    die_errno("Failed to write conmon pidfile %s", options->conmon_pidfile);
  _exit(0);
}

static void take_pipes(struct monitor *monitor) {
  monitor->sync_fd = pipe_from_environment("_OCI_SYNCPIPE");
  if (waits_for_client(&monitor->options))
    monitor->attach_fd = pipe_from_environment("_OCI_ATTACHPIPE");
  if (monitor->options.exec_attach && monitor->attach_fd < 0)
    die("--attach specified but _OCI_ATTACHPIPE was not");
  inherited_forget(&monitor->inherited, monitor->sync_fd);
  inherited_forget(&monitor->inherited, monitor->attach_fd);
}

int main(int argc, char **argv) {
  static struct monitor monitor = {.sync_fd = -1, .attach_fd = -1, .start_fd = -1};
  monitor_init(&monitor);
  umask(0022);
  options_parse(&monitor.options, argc, argv);
  options_check(&monitor.options);
  logs_open(&monitor.logs, &monitor.options);
  oom_protect_self(&monitor.oom);
  signal(SIGPIPE, SIG_IGN);
  wait_for_go(&monitor);
  detach(&monitor.options);
  take_pipes(&monitor);
  note_on_fatal(exit_before_runtime, &monitor);
  supervise_prepare(&monitor);
  runtime_start(&monitor);
  supervise_leave_caller(&monitor);
  note_on_fatal(exit_after_failure, &monitor);
  runtime_await(&monitor);
  supervise_container(&monitor);
  int code = exit_record(&monitor);
  _exit(exit_run_command(&monitor, code));
}
