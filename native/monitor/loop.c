#include "loop.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "note.h"

void loop_open(struct loop *loop) {
  loop->timers = NULL;
  loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (loop->epoll_fd < 0)
    die_errno("Failed to create epoll descriptor");
}

uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void watch_for(struct loop *loop, struct watch *watch, uint32_t events) {
  if (watch->fd < 0 || watch->events == events)
    return;
  int operation = events == 0 ? EPOLL_CTL_DEL : watch->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  struct epoll_event event = {.events = events, .data.ptr = watch};
  if (epoll_ctl(loop->epoll_fd, operation, watch->fd, &event) < 0)
    note(NOTE_WARNING, "Failed to watch descriptor %d (errno %d)", watch->fd, errno);
  else
    watch->events = events;
}

void watch_close(struct loop *loop, struct watch *watch) {
  if (watch->fd < 0)
    return;
  watch_for(loop, watch, 0);
  close(watch->fd);
  watch->fd = -1;
}

void timer_clear(struct loop *loop, struct timer *timer) {
  for (struct timer **link = &loop->timers; *link != NULL; link = &(*link)->next) {
    if (*link != timer)
      continue;
    *link = timer->next;
    break;
  }
  timer->at = 0;
}

void timer_set(struct loop *loop, struct timer *timer, unsigned milliseconds) {
  if (timer->at != 0)
    timer_clear(loop, timer);
  timer->at = now_ms() + milliseconds;
  timer->next = loop->timers;
  loop->timers = timer;
}

// Fires at most one timer: its handler may change the list.
static bool fire_due(struct loop *loop) {
  if (loop->timers == NULL)
    return false;
  uint64_t now = now_ms();
  for (struct timer *timer = loop->timers; timer != NULL; timer = timer->next) {
    if (timer->at > now)
      continue;
    timer_clear(loop, timer);
    timer->fire(timer);
    return true;
  }
  return false;
}

static int wait_time(const struct loop *loop) {
  if (loop->timers == NULL)
    return -1;
  uint64_t first = UINT64_MAX, now = now_ms();
  for (const struct timer *timer = loop->timers; timer != NULL; timer = timer->next)
    first = timer->at < first ? timer->at : first;
  if (first <= now)
    return 0;
  return first - now > 3600000 ? 3600000 : (int)(first - now);
}

static void wake(struct timer *timer) {
  (void)timer;
}

void loop_sleep(struct loop *loop, unsigned milliseconds) {
  static struct timer alarm = {.fire = wake};
  timer_set(loop, &alarm, milliseconds);
  while (alarm.at != 0)
    loop_step(loop);
}

void loop_step(struct loop *loop) {
  if (fire_due(loop))
    return;
  struct epoll_event event;
  int count = epoll_wait(loop->epoll_fd, &event, 1, wait_time(loop));
  if (count < 0 && errno != EINTR)
    die_errno("Failed to wait for events");
  if (count > 0) {
    struct watch *watch = event.data.ptr;
    watch->ready(watch, event.events);
  }
}
