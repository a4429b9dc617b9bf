// Child processes and signals.
#pragma once

#include <stdbool.h>

struct monitor;

// From here on SIGCHLD, SIGTERM, SIGINT and SIGQUIT arrive as events: the first reaps, the others go to the container.
void child_watch(struct monitor *monitor);

// Looks for the end of the container's process from now on, also when it is not our child.
void child_expect_container(struct monitor *monitor);

// Ends what a runtime that failed has left behind: such orphans are our children, because this process is a subreaper.
void child_kill_all(void);

// In a fork: default actions, nothing blocked.
void child_reset_signals(void);
