// Calls of the runtime beside the one that makes the container or the exec session: short, without streams.
#pragma once

#include "monitor.h"

// Starts `RUNTIME ARGS VERB [FLAG] ID`. Its errors go to err_fd, or nowhere when that is -1. False: it was not started.
bool call_start(struct monitor *monitor, struct process *call, const char *verb, const char *flag, int err_fd);

// Goes on with everything else until the call ended. False: it did not within that time.
bool call_await(struct monitor *monitor, const struct process *call, unsigned milliseconds);
