// The event loop: epoll for descriptors, a short list for timers.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

// A descriptor that is waited for. Embedded in its owner, which the callback finds by container_of.
struct watch {
  int fd; // -1: none
  uint32_t events; // 0: not registered
  void (*ready)(struct watch *watch, uint32_t events);
};

struct timer {
  uint64_t at; // milliseconds of the monotonic clock, 0: not set
  void (*fire)(struct timer *timer);
  struct timer *next;
};

struct loop {
  int epoll_fd;
  struct timer *timers;
};

#define container_of(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

void loop_open(struct loop *loop);

// Handles one event, or the timers that are due. A handler may remove any watch: events are taken one at a time.
void loop_step(struct loop *loop);

// Sets what is waited for. 0 takes the descriptor out, so that a pending hang-up cannot spin the loop.
void watch_for(struct loop *loop, struct watch *watch, uint32_t events);

// Takes the descriptor out and closes it.
void watch_close(struct loop *loop, struct watch *watch);

// Handles events for so long.
void loop_sleep(struct loop *loop, unsigned milliseconds);

void timer_set(struct loop *loop, struct timer *timer, unsigned milliseconds);
void timer_clear(struct loop *loop, struct timer *timer);
uint64_t now_ms(void);
