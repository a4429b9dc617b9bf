#include "health.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "monitor.h"
#include "note.h"
#include "notify.h"

enum { FIRST_PAUSE_MS = 20, LONGEST_PAUSE_MS = 1000, PAUSED_MS = 1000 };

static bool in_startup(const struct health *health) {
  return health->config.startup.process != NULL && !health->startup_passed;
}

static bool read_exe(const struct monitor *monitor, struct stat *info) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/exe", monitor->container.pid);
  return stat(path, info) == 0;
}

void health_init(struct monitor *monitor) {
  struct health *health = &monitor->health;
  health->monitor = monitor;
  health->listener.fd = health->run.output.fd = -1;
  for (int i = 0; i < HEALTH_CLIENTS; i++)
    health->clients[i].watch.fd = -1;
}

void health_remember(struct monitor *monitor) {
  struct stat info;
  if (monitor->options.health_config == NULL || !read_exe(monitor, &info))
    return;
  monitor->health.init_device = info.st_dev;
  monitor->health.init_inode = info.st_ino;
}

// The kernel ends all processes of a container before its first one can be reaped, which has no program by then.
static bool is_ending(const struct monitor *monitor) {
  struct stat info;
  return !read_exe(monitor, &info) && errno == ENOENT;
}

// Nobody tells the monitor of the runtime's `start`: the process then executes another program.
static bool has_started(const struct health *health) {
  struct stat info;
  if (!read_exe(health->monitor, &info))
    return false;
  return info.st_dev != health->init_device || info.st_ino != health->init_inode;
}

static void plan(struct health *health) {
  const struct health_check *check = in_startup(health) ? &health->config.startup : &health->config.usual;
  if (check->interval > 0)
    timer_set(&health->monitor->loop, &health->timer, check->interval);
}

static void check_now(struct health *health) {
  const struct health_check *check = in_startup(health) ? &health->config.startup : &health->config.usual;
  if (check->interval == 0 || health->run.pid != 0 || health->action_pid != 0)
    return;
  if (health_is_paused(health->monitor->container.pid))
    timer_set(&health->monitor->loop, &health->timer, PAUSED_MS);
  else if (!health_run_start(health, in_startup(health)))
    plan(health);
}

static void on_timer(struct timer *timer) {
  struct health *health = container_of(timer, struct health, timer);
  if (health->started == 0 && !has_started(health)) {
    timer_set(&health->monitor->loop, timer, health->start_pause);
    health->start_pause = health->start_pause * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : health->start_pause * 2;
    return;
  }
  if (health->started == 0)
    health->started = now_ms();
  check_now(health);
}

void health_load(struct monitor *monitor) {
  struct health *health = &monitor->health;
  struct health_config config;
  const char *path = monitor->options.health_config;
  if (path == NULL || monitor->options.bundle == NULL || monitor->options.exec)
    return;
  bool wanted = health_config_read(&config, path);
  if (!wanted) {
    health_close(monitor);
    return;
  }
  free(health->config.text);
  health->config = config;
  if (health->status == NULL)
    health->status = "starting";
  health_log_write(health);
  health_server_open(health);
  health->start_pause = FIRST_PAUSE_MS;
  health->timer.fire = on_timer;
  timer_set(&monitor->loop, &health->timer, FIRST_PAUSE_MS);
}

// In a session of its own: stopping the container ends us, and must not end it.
static _Noreturn void become_action(struct monitor *monitor, const char *why) {
  struct health_config *config = &monitor->health.config;
  int count = 0;
  while (config->action[count] != NULL)
    count++;
  config->action[count] = why;
  note_on_fatal(NULL, NULL);
  setsid();
  child_reset_signals();
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    dup2(monitor->null_fd, fd);
  oom_restore_score(&monitor->oom);
  execv(config->action[0], (char **)(void *)config->action);
  _exit(1);
}

static void act(struct health *health, const char *why) {
  if (health->config.action[0] == NULL || health->action_pid != 0)
    return;
  pid_t pid = fork();
  if (pid == 0)
    become_action(health->monitor, why);
  if (pid > 0)
    health->action_pid = pid;
}

// Returns what the engine is to do: "", "startup" (restart it) or "unhealthy" (as --health-on-failure says).
static const char *judge_startup(struct health *health, int code) {
  const struct health_check *check = &health->config.startup;
  if (code == 0) {
    health->startup_successes++;
    health->startup_passed = check->successes == 0 || health->startup_successes >= check->successes;
    return "";
  }
  health->startup_failures++;
  return check->retries > 0 && health->startup_failures >= check->retries ? "startup" : "";
}

static const char *judge(struct health *health, int code) {
  bool is_startup = health->run.is_startup;
  const char *action = is_startup ? judge_startup(health, code) : "";
  if (code == 0) {
    health->status = "healthy";
    health->streak = 0;
    return action;
  }
  bool spared = is_startup || (health->started != 0 && now_ms() < health->started + health->config.start_period);
  if (!spared && ++health->streak >= health->config.usual.retries)
    health->status = "unhealthy";
  return !is_startup && strcmp(health->status, "unhealthy") == 0 ? "unhealthy" : action;
}

static void tell_ready(struct health *health) {
  if (health->notified || health->config.notify == NULL || strcmp(health->status, "healthy") != 0)
    return;
  health->notified = true;
  notify_send(health->config.notify, "READY=1");
}

void health_finished(struct health *health, int code) {
  struct timespec ended;
  clock_gettime(CLOCK_REALTIME, &ended);
  const char *before = health->status, *action = judge(health, code);
  health_log_add(health, code, &ended, strcmp(before, health->status) != 0);
  tell_ready(health);
  const char *failed = code < 0 ? "timeout" : health->run.is_startup ? "starting" : "unhealthy";
  // Who asked does what is to be done: it can say how that went.
  if (health_is_asked(health))
    health_reply(health, code == 0 ? "healthy" : failed, action);
  else if (*action != '\0')
    act(health, action);
}

// A check that ends with its container says nothing about it.
static void health_stopped(struct health *health) {
  health->status = "stopped";
  health_log_write(health);
  health_reply(health, "stopped", "");
  health_run_abort(health);
}

void health_reaped(struct monitor *monitor, pid_t pid, int status) {
  struct health *health = &monitor->health;
  if (pid == health->action_pid) {
    health->action_pid = 0;
    plan(health);
  }
  if (health->run.pid == 0 || pid != health->run.pid || monitor->container.ended)
    return;
  if (status != 0 && is_ending(monitor)) {
    health->run.pid = 0;
    health_stopped(health);
    return;
  }
  health_run_ended(health, status);
  health_begin_asked(health);
  if (health->run.pid == 0 && health->action_pid == 0)
    plan(health);
}

void health_close(struct monitor *monitor) {
  struct health *health = &monitor->health;
  if (health->config.text == NULL)
    return;
  if (health->timer.at != 0)
    timer_clear(&monitor->loop, &health->timer);
  if (health->run.pid != 0)
    health_stopped(health);
  health_server_close(health);
  free(health->config.text);
  health->config = (struct health_config){0};
}
