// Everything one monitor holds. There is one per process, made in main().
#pragma once

#include <sys/types.h>

#include "attach.h"
#include "control.h"
#include "health.h"
#include "inherited.h"
#include "logs.h"
#include "loop.h"
#include "notify.h"
#include "oom.h"
#include "options.h"
#include "streams.h"
#include "terminal.h"
#include "words.h"

struct process {
  pid_t pid; // 0: not known, or gone and reaped
  int status; // of waitpid, -1: unknown
  bool ended;
};

struct monitor {
  struct options options;
  struct inherited inherited;
  struct loop loop;
  int sync_fd, attach_fd, start_fd; // -1: none
  int null_fd;
  struct watch signals;
  struct process runtime, container, start, deletion;
  struct watch container_pidfd; // only for a container process that is not our child
  struct timer timeout;
  bool timed_out;
  struct logs logs;
  struct streams streams;
  struct terminal terminal;
  struct attach_server attach;
  struct control control;
  struct oom oom;
  struct notify_relay notify;
  struct health health;
  struct words words;
};
