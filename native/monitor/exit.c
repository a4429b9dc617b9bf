#include "exit.h"

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

#include "child.h"
#include "deletion.h"
#include "files.h"
#include "monitor.h"
#include "note.h"
#include "report.h"

enum { EXIT_RETRY_MS = 200, EXIT_PATIENCE_MS = 60000 };

int exit_code_of(int wait_status) {
  if (wait_status == -1)
    return -1;
  if (WIFEXITED(wait_status))
    return WEXITSTATUS(wait_status);
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : -1;
}

static bool may_pass(int error) {
  return error == ENOSPC || error == EDQUOT || error == EIO || error == ENOMEM || error == EMFILE || error == ENFILE;
}

// A container's caller, who waits for the end of the sync pipe, gets the number there.
static void tell_failure(struct monitor *monitor, const char *path, int code) {
  note(NOTE_WARNING, "Failed to write %d to exit file %s: %s", code, path, strerror(errno));
  if (!monitor->options.exec)
    report(&monitor->sync_fd, report_key(monitor->options.api_version, false), code, "Failed to write the exit file");
}

// Somebody may make room on a full disk: that is waited for until `end`.
static void write_code(struct monitor *monitor, const char *path, int code, uint64_t end) {
  char text[16];
  snprintf(text, sizeof text, "%d", code);
  for (bool told = false; !file_write_atomic(path, text); told = true) {
    int error = errno;
    if (!told)
      tell_failure(monitor, path, code);
    if (!may_pass(error) || now_ms() >= end)
      return;
    loop_sleep(&monitor->loop, EXIT_RETRY_MS);
  }
}

static void write_codes(struct monitor *monitor, int code) {
  const struct options *options = &monitor->options;
  uint64_t end = now_ms() + EXIT_PATIENCE_MS;
  char path[PATH_MAX];
  if (options->persist_dir != NULL) {
    path_join(path, options->persist_dir, "exit");
    write_code(monitor, path, code, end);
  }
  if (options->exit_dir != NULL) {
    path_join(path, options->exit_dir, options->cid);
    write_code(monitor, path, code, end);
  }
}

int exit_record(struct monitor *monitor) {
  const struct options *options = &monitor->options;
  int code = monitor->timed_out ? -1 : exit_code_of(monitor->container.status);
  deletion_await(monitor);
  inherited_close(&monitor->inherited); // reserved ports: free again for whoever sees the exit file
  attach_unlink(monitor);
  write_codes(monitor, code);
  if (options->exec)
    report(&monitor->sync_fd, report_key(options->api_version, true), code,
           monitor->timed_out ? "command timed out" : NULL);
  if (monitor->sync_fd >= 0)
    close(monitor->sync_fd);
  monitor->sync_fd = -1;
  attach_close(&monitor->attach);
  return code;
}

static _Noreturn void become_command(struct monitor *monitor) {
  const struct options *options = &monitor->options;
  const char **words = calloc((size_t)options->exit_args.count + 2, sizeof *words);
  if (words == NULL)
    _exit(1);
  words[0] = options->exit_command;
  for (int i = 0; i < options->exit_args.count; i++)
    words[i + 1] = options->exit_args.items[i];
  child_reset_signals();
  if (options->exit_delay > 0)
    sleep((unsigned)options->exit_delay);
  oom_restore_score(&monitor->oom);
  execv(words[0], (char **)(void *)words);
  _exit(1);
}

static bool holds_content(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && info.st_nlink > 0 && info.st_size > 0;
}

// The process that started the container may clean up itself: it holds this lock meanwhile. It may also put something
// into the file and empty it when it is done; then its death in between is noticed, because the lock becomes free.
static bool is_attended(const char *path) {
  int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
  bool held = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  lock = (struct flock){.l_type = F_RDLCK, .l_whence = SEEK_SET};
  while (held && holds_content(fd) && fcntl(fd, F_OFD_SETLKW, &lock) < 0 && errno == EINTR)
    ;
  bool unfinished = holds_content(fd);
  close(fd);
  return held && !unfinished;
}

// Also reaps what the runtime or the container left behind.
static int wait_for_all(pid_t command, int code) {
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    if (pid < 0 && errno == EINTR)
      continue;
    if (pid < 0)
      return code;
    if (pid == command && exit_code_of(status) != 0)
      code = exit_code_of(status);
  }
}

int exit_run_command(struct monitor *monitor, int code) {
  const struct options *options = &monitor->options;
  if (options->exit_command == NULL)
    return code;
  note_on_fatal(NULL, NULL);
  close_range(3, ~0U, 0);
  if (is_attended(options->exit_command_lock))
    return code;
  // What the exit command leaves running belongs to init, not to us: else this process could not end.
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  pid_t pid = fork();
  if (pid < 0)
    return code;
  if (pid == 0)
    become_command(monitor);
  return wait_for_all(pid, code);
}

void exit_report_failure(struct monitor *monitor, const char *words) {
  report(&monitor->sync_fd, report_key(monitor->options.api_version, monitor->options.exec), -1, words);
  if (monitor->sync_fd >= 0)
    close(monitor->sync_fd);
  monitor->sync_fd = -1;
}

void exit_before_runtime(void *context, const char *words) { exit_report_failure(context, words); }

void exit_after_failure(void *context, const char *words) {
  struct monitor *monitor = context;
  exit_report_failure(monitor, words);
  if (monitor->terminal.listener.fd >= 0 && monitor->options.terminal)
    unlink(monitor->terminal.path);
  attach_unlink(monitor);
  if (monitor->runtime.pid > 0)
    kill(monitor->runtime.pid, SIGKILL);
  _exit(exit_run_command(monitor, 1));
}
