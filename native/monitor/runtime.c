#include "runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "child.h"
#include "exit.h"
#include "files.h"
#include "monitor.h"
#include "note.h"
#include "report.h"

enum { START_PATIENCE_MS = 120000 };

struct command {
  const char **items;
  int count;
};

static void add(struct command *command, const char *word) { command->items[command->count++] = word; }

static void add_pair(struct command *command, const char *flag, const char *value) {
  add(command, flag);
  add(command, value);
}

static void add_list(struct command *command, const struct list *list) {
  for (int i = 0; i < list->count; i++)
    add(command, list->items[i]);
}

static void add_create(struct command *command, const struct options *options) {
  add(command, options->restore != NULL ? "restore" : "create");
  add_pair(command, "--bundle", options->bundle);
  add_pair(command, "--pid-file", options->container_pidfile);
  if (options->no_pivot)
    add(command, "--no-pivot");
  if (options->no_new_keyring)
    add(command, "--no-new-keyring");
  if (options->restore == NULL)
    return;
  add(command, "--detach"); // a restored container runs at once
  add_pair(command, "--image-path", options->restore);
  add_pair(command, "--work-path", options->bundle);
}

static void add_exec(struct command *command, const struct options *options) {
  add(command, "exec");
  add_pair(command, "--pid-file", options->container_pidfile);
  add_pair(command, "--process", options->exec_process_spec);
  add(command, "--detach");
}

static const char **make_command(const struct monitor *monitor) {
  const struct options *options = &monitor->options;
  size_t words = (size_t)(options->runtime_args.count + options->runtime_opts.count) + 20;
  struct command command = {.items = calloc(words, sizeof *command.items)};
  if (command.items == NULL)
    die("out of memory");
  add(&command, options->runtime);
  if (!options->exec && options->systemd_cgroup)
    add(&command, "--systemd-cgroup");
  add_list(&command, &options->runtime_args);
  if (options->exec)
    add_exec(&command, options);
  else
    add_create(&command, options);
  add_list(&command, &options->runtime_opts);
  if (options->terminal)
    add_pair(&command, "--console-socket", monitor->terminal.path);
  add(&command, options->cid);
  return command.items;
}

// How many descriptors from 3 on the container gets: --preserve-fds of the runtime, or socket activation.
static int passed_descriptors(const struct options *options) {
  int count = 0;
  for (int i = 0; i < options->runtime_opts.count; i++) {
    const char *word = options->runtime_opts.items[i];
    if (strncmp(word, "--preserve-fds=", 15) == 0)
      count = atoi(word + 15);
    else if (strcmp(word, "--preserve-fds") == 0 && i + 1 < options->runtime_opts.count)
      count = atoi(options->runtime_opts.items[i + 1]);
  }
  const char *sockets = getenv("LISTEN_FDS");
  int listening = sockets == NULL ? 0 : atoi(sockets);
  return listening > count ? listening : count;
}

// Socket activation names the process that may take the sockets: the runtime takes the place of its parent.
static void rewrite_listen_pid(const struct options *options) {
  const char *text = getenv("LISTEN_PID");
  if (text == NULL)
    return;
  long pid = strtol(text, NULL, 10);
  if (pid <= 0)
    die("Invalid LISTEN_PID %.10s", text);
  if (!options->replace_listen_pid && pid != getppid())
    return;
  char own[16];
  snprintf(own, sizeof own, "%d", getpid());
  setenv("LISTEN_PID", own, 1);
}

static void give_stream(int fd, int target, bool made_here) {
  if (dup2(fd, target) < 0)
    die_errno("Failed to dup over descriptor %d", target);
  // A process that is not root in the container may open /dev/stdout.
  if (made_here)
    fchmod(target, 0777);
}

static void give_streams(const struct monitor *monitor) {
  const struct streams *streams = &monitor->streams;
  int input = streams->child_in >= 0 ? streams->child_in : monitor->null_fd;
  int output = streams->child_out >= 0 ? streams->child_out : monitor->null_fd;
  give_stream(input, STDIN_FILENO, streams->child_in >= 0);
  give_stream(output, STDOUT_FILENO, streams->child_out >= 0);
  give_stream(streams->child_err, STDERR_FILENO, true);
}

static _Noreturn void become_runtime(struct monitor *monitor, const char **command) {
  const struct options *options = &monitor->options;
  note_on_fatal(NULL, NULL);
  // The runtime must not survive a monitor that was killed: nobody would wait for the container.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  child_reset_signals();
  if (!monitor->logs.passthrough)
    give_streams(monitor);
  rewrite_listen_pid(options);
  if (monitor->start_fd >= 0) {
    // "The client is attached": without this wait the first output would be lost. No byte: the caller is gone.
    char byte[64];
    if (read(monitor->start_fd, byte, sizeof byte) <= 0)
      die("The caller ended before the process was started");
  }
  oom_restore_score(&monitor->oom);
  inherited_pass(&monitor->inherited, passed_descriptors(options));
  execv(command[0], (char **)(void *)command);
  die_errno("Failed to execute %s", command[0]);
}

void runtime_start(struct monitor *monitor) {
  const char **command = make_command(monitor);
  pid_t pid = fork();
  if (pid < 0)
    die_errno("Failed to fork the create command");
  if (pid == 0)
    become_runtime(monitor, command);
  monitor->runtime.pid = pid;
  free(command);
  streams_close_child_ends(&monitor->streams);
  if (monitor->start_fd >= 0)
    close(monitor->start_fd);
  monitor->start_fd = -1;
}

static _Noreturn void fail_saying(struct monitor *monitor, const char *message) {
  exit_report_failure(monitor, message);
  die("Failed to %s container: %s", monitor->options.exec ? "exec in" : "create", message);
}

static _Noreturn void fail(struct monitor *monitor, const char *fallback) {
  child_kill_all();
  const char *words = words_finish(monitor);
  fail_saying(monitor, words != NULL ? words : fallback);
}

// Not the runtime's `run`: crun may reap a process that ends at once, and its exit code is lost.
static void start_created(struct monitor *monitor) {
  int pipe[2];
  if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK) < 0)
    die_errno("Failed to make a pipe");
  bool started = call_start(monitor, &monitor->start, "start", NULL, pipe[1]);
  close(pipe[1]);
  if (!started || !call_await(monitor, &monitor->start, START_PATIENCE_MS) || exit_code_of(monitor->start.status) != 0) {
    child_kill_all();
    static char words[8192];
    ssize_t length = read(pipe[0], words, sizeof words - 1);
    fail_saying(monitor, length > 0 ? words : "The runtime did not start the container");
  }
  close(pipe[0]);
}

static void read_container_pid(struct monitor *monitor) {
  char text[32];
  if (file_read(monitor->options.container_pidfile, text, sizeof text) < 0) {
    char reason[PATH_MAX + 64];
    snprintf(reason, sizeof reason, "Failed to read pidfile %s: %s", monitor->options.container_pidfile,
             strerror(errno));
    fail(monitor, reason);
  }
  monitor->container.pid = atoi(text);
  if (monitor->container.pid <= 0)
    fail(monitor, "The runtime wrote no pid");
}

void runtime_await(struct monitor *monitor) {
  words_collect(monitor);
  while (!monitor->runtime.ended)
    loop_step(&monitor->loop);
  const struct options *options = &monitor->options;
  int status = monitor->runtime.status;
  // An exec may end with the status of its process; there only the missing pidfile tells that it failed.
  if (!options->exec && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
    char reason[64];
    snprintf(reason, sizeof reason, "exit status %d", exit_code_of(status));
    fail(monitor, reason);
  }
  if (options->exec || !options->terminal)
    read_container_pid(monitor);
  if (options->terminal && !terminal_accept_pending(&monitor->terminal))
    fail(monitor, "Runtime did not set up terminal");
  if (monitor->container.pid == 0)
    read_container_pid(monitor);
  health_remember(monitor);
  words_pass_on(monitor);
  if (options->run_at_once && !options->exec)
    start_created(monitor);
  // The first exec API expects a single number, the exit code.
  if (options->api_version || !options->exec)
    report(&monitor->sync_fd, report_key(options->api_version, options->exec), monitor->container.pid, NULL);
}
