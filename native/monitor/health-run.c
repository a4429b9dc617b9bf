#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "exit.h"
#include "files.h"
#include "health.h"
#include "monitor.h"
#include "note.h"

// Of the output of one check; --health-max-log-size keeps less of it.
enum { OUTPUT_LIMIT = 1 << 20 };

static size_t output_limit(const struct health_config *config) {
  return config->max_size == 0 || config->max_size > OUTPUT_LIMIT ? OUTPUT_LIMIT : config->max_size;
}

static void pid_path(const struct monitor *monitor, char path[PATH_MAX]) {
  if (snprintf(path, PATH_MAX, "%s.pid", monitor->options.health_config) >= PATH_MAX)
    die("path too long: %s", monitor->options.health_config);
}

static _Noreturn void become_check(struct monitor *monitor, const char *process, const char *pidfile, int output) {
  const struct options *options = &monitor->options;
  note_on_fatal(NULL, NULL);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  child_reset_signals();
  if (dup2(monitor->null_fd, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
    _exit(125);
  oom_restore_score(&monitor->oom);
  const char **words = calloc((size_t)options->runtime_args.count + 8, sizeof *words);
  if (words == NULL)
    _exit(125);
  int count = 0;
  words[count++] = options->runtime;
  for (int i = 0; i < options->runtime_args.count; i++)
    words[count++] = options->runtime_args.items[i];
  const char *const rest[] = {"exec", "--pid-file", pidfile, "--process", process, options->cid};
  for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
    words[count++] = rest[i];
  execv(words[0], (char **)(void *)words);
  dprintf(STDERR_FILENO, "Failed to execute %s\n", words[0]);
  _exit(125);
}

// Takes what there is now; what is beyond the limit is read and forgotten, so that the check never waits for us.
static bool take_output(struct health_run *run) {
  char rest[4096];
  for (int i = 0; i < 64; i++) {
    size_t room = run->limit - run->used;
    ssize_t length = read(run->output.fd, room > 0 ? run->text + run->used : rest, room > 0 ? room : sizeof rest);
    if (length < 0 && errno == EINTR)
      continue;
    if (length <= 0)
      return length < 0 && errno == EAGAIN;
    if (room > 0)
      run->used += (size_t)length;
  }
  return true;
}

static void on_output(struct watch *watch, uint32_t events) {
  (void)events;
  struct health_run *run = container_of(watch, struct health_run, output);
  struct health *health = container_of(run, struct health, run);
  if (!take_output(run))
    watch_close(&health->monitor->loop, watch);
}

// The runtime is the leader of a group. The process in the container is none of its children once it is killed: its
// pid is in the file.
static void kill_check(struct health *health) {
  char path[PATH_MAX], text[32];
  pid_path(health->monitor, path);
  kill(-health->run.pid, SIGKILL);
  int pid = file_read(path, text, sizeof text) > 0 ? atoi(text) : 0;
  if (pid <= 1 || pid == health->monitor->container.pid)
    return;
  kill(-pid, SIGKILL);
  kill(pid, SIGKILL);
}

static void on_timeout(struct timer *timer) {
  struct health_run *run = container_of(timer, struct health_run, timeout);
  struct health *health = container_of(run, struct health, run);
  run->timed_out = true;
  kill_check(health);
}

bool health_run_start(struct health *health, bool is_startup) {
  struct monitor *monitor = health->monitor;
  struct health_run *run = &health->run;
  const struct health_check *check = is_startup ? &health->config.startup : &health->config.usual;
  char path[PATH_MAX];
  pid_path(monitor, path);
  unlink(path);
  int ends[2];
  size_t limit = output_limit(&health->config);
  char *text = malloc(limit);
  if (text == NULL || pipe2(ends, O_CLOEXEC) < 0) {
    free(text);
    return false;
  }
  pid_t pid = fork();
  if (pid == 0)
    become_check(monitor, check->process, path, ends[1]);
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    free(text);
    return false;
  }
  set_nonblocking(ends[0]);
  *run = (struct health_run){.pid = pid, .is_startup = is_startup, .text = text, .limit = limit};
  run->output = (struct watch){.fd = ends[0], .ready = on_output};
  run->timeout.fire = on_timeout;
  clock_gettime(CLOCK_REALTIME, &run->started);
  watch_for(&monitor->loop, &run->output, EPOLLIN);
  if (check->timeout > 0)
    timer_set(&monitor->loop, &run->timeout, check->timeout);
  return true;
}

static void forget(struct health *health) {
  struct health_run *run = &health->run;
  char path[PATH_MAX];
  pid_path(health->monitor, path);
  unlink(path);
  if (run->timeout.at != 0)
    timer_clear(&health->monitor->loop, &run->timeout);
  watch_close(&health->monitor->loop, &run->output);
  free(run->text);
  *run = (struct health_run){.output.fd = -1};
}

// What the check left running may hold the pipe open: only what is in it now counts.
void health_run_ended(struct health *health, int status) {
  struct health_run *run = &health->run;
  run->pid = 0;
  if (run->output.fd >= 0)
    take_output(run);
  int code = exit_code_of(status);
  health_finished(health, run->timed_out ? -1 : code == 0 ? 0 : 1);
  forget(health);
}

void health_run_abort(struct health *health) {
  if (health->run.pid != 0)
    kill_check(health);
  if (health->run.text != NULL)
    forget(health);
}
