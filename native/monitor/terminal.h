// The container's terminal: the runtime sends the master side over a socket.
#pragma once

#include <stdbool.h>

#include "loop.h"

struct monitor;

struct terminal {
  struct watch listener, connection;
  char path[108];
  bool received;
};

// Makes the console socket that the runtime is told about.
void terminal_listen(struct monitor *monitor);

// True when the master is here; takes it when it still waits in the socket.
bool terminal_accept_pending(struct terminal *terminal);

void terminal_resize(struct monitor *monitor, int rows, int columns);
