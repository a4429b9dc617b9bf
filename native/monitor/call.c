#include "call.h"

#include <stdlib.h>
#include <unistd.h>

#include "child.h"

static const char **make_command(const struct options *options, const char *verb, const char *flag) {
  const char **words = calloc((size_t)options->runtime_args.count + 5, sizeof *words);
  if (words == NULL)
    return NULL;
  int count = 0;
  words[count++] = options->runtime;
  for (int i = 0; i < options->runtime_args.count; i++)
    words[count++] = options->runtime_args.items[i];
  words[count++] = verb;
  if (flag != NULL)
    words[count++] = flag;
  words[count] = options->cid;
  return words;
}

static _Noreturn void become_call(struct monitor *monitor, const char **command, int err_fd) {
  child_reset_signals();
  dup2(monitor->null_fd, STDIN_FILENO);
  dup2(monitor->null_fd, STDOUT_FILENO);
  dup2(err_fd < 0 ? monitor->null_fd : err_fd, STDERR_FILENO);
  oom_restore_score(&monitor->oom);
  execv(command[0], (char **)(void *)command);
  _exit(127);
}

bool call_start(struct monitor *monitor, struct process *call, const char *verb, const char *flag, int err_fd) {
  const char **command = make_command(&monitor->options, verb, flag);
  pid_t pid = command == NULL ? -1 : fork();
  if (pid == 0)
    become_call(monitor, command, err_fd);
  free(command);
  *call = (struct process){.pid = pid > 0 ? pid : 0};
  return pid > 0;
}

static void on_patience_end(struct timer *timer) { (void)timer; }

bool call_await(struct monitor *monitor, const struct process *call, unsigned milliseconds) {
  struct timer patience = {.fire = on_patience_end};
  timer_set(&monitor->loop, &patience, milliseconds);
  while (!call->ended && patience.at != 0)
    loop_step(&monitor->loop);
  timer_clear(&monitor->loop, &patience);
  return call->ended;
}
