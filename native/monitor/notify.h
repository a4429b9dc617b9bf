// Readiness messages of the container (sd_notify), relayed to a socket of the host.
#pragma once

#include "loop.h"

struct monitor;

struct notify_relay {
  struct watch watch;
  const char *target;
};

// Binds BUNDLE/notify/notify.sock; the caller made that folder and mounted it into the container.
void notify_open(struct monitor *monitor);

// Sends a message of our own to a socket of the host.
void notify_send(const char *target, const char *text);

// The container was started: names the monitor as the main process of the service, and maybe says that it is ready.
void notify_started(struct monitor *monitor, bool ready);
