// Health checks: a command is run in the container again and again, and what came of it is written down.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "loop.h"

struct monitor;

enum { HEALTH_CLIENTS = 8, HEALTH_ACTION_WORDS = 62 };

// One kind of check: the usual one, or the one of the start-up.
struct health_check {
  const char *process; // JSON of the OCI process, NULL: there is no such check
  unsigned interval, timeout; // milliseconds; interval 0: only when asked
  unsigned retries, successes;
};

// What the engine wants. All texts point into `text`.
struct health_config {
  char *text;
  struct health_check usual, startup;
  unsigned start_period; // milliseconds
  unsigned max_count, max_size; // of the log, 0: no limit but our own
  const char *log; // the file of results
  const char *event_log, *event_head, *event_tail; // NULL: no events
  unsigned event_limit; // bytes in the journal, 0: no limit
  bool event_with_log;
  const char *notify; // told READY=1 once healthy
  const char *action[HEALTH_ACTION_WORDS + 2]; // argv, action[0] NULL: none
};

// A check that runs.
struct health_run {
  pid_t pid; // 0: none
  struct watch output;
  struct timer timeout;
  bool is_startup, timed_out;
  struct timespec started;
  char *text;
  size_t used, limit;
};

struct health_client {
  struct watch watch;
  struct monitor *monitor;
  bool waits, is_next; // for the run that is on, or for one that has yet to begin
};

struct health {
  struct monitor *monitor;
  struct health_config config;
  struct health_run run;
  struct timer timer; // looks for the start, then the next check
  dev_t init_device; // what the process executed when the runtime had made it
  ino_t init_inode;
  unsigned start_pause;
  uint64_t started; // 0: the container was not started yet
  const char *status; // NULL: no check was ever configured
  unsigned streak, startup_successes, startup_failures;
  bool startup_passed, notified;
  pid_t action_pid;
  char **entries; // of the log, as JSON
  size_t entry_count;
  struct watch listener;
  struct health_client clients[HEALTH_CLIENTS];
};

// Marks the descriptors as unused.
void health_init(struct monitor *monitor);

// Before the container can be started: remembers the runtime's waiting process, to see when it becomes the container's.
void health_remember(struct monitor *monitor);

// Reads --health-config, again when the engine says so. Without such a file there are no checks.
void health_load(struct monitor *monitor);

// A child of the monitor ended.
void health_reaped(struct monitor *monitor, pid_t pid, int status);

// The container ended.
void health_close(struct monitor *monitor);

// health-config.c: false when there is no such file, or nothing to do in it.
bool health_config_read(struct health_config *config, const char *path);

// health-run.c: starts the check; false when it could not be. health_finished is called at its end.
bool health_run_start(struct health *health, bool is_startup);
void health_run_ended(struct health *health, int status);
void health_run_abort(struct health *health);
void health_finished(struct health *health, int code);

// health-log.c: adds a result, and writes the file and the event.
void health_log_add(struct health *health, int code, const struct timespec *ended, bool changed);
void health_log_write(const struct health *health);

// health-server.c: BUNDLE/health, where `healthcheck run` asks for a check.
void health_server_open(struct health *health);
void health_server_close(struct health *health);
bool health_is_asked(const struct health *health);
void health_begin_asked(struct health *health);
void health_reply(struct health *health, const char *result, const char *action);

// health-state.c
bool health_is_paused(pid_t pid);
