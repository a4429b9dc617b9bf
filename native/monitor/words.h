// What the runtime writes to its stderr before it ends: the reason of a
// failure, or the first output of the container.
#pragma once

#include <stddef.h>

struct monitor;

struct words {
  char *text; // NULL: nothing yet
  size_t used, size;
};

// Takes what comes, so that a runtime that says much (a crash with all its
// stacks) is never stopped by a full pipe.
void words_collect(struct monitor *monitor);

// Stops that. The text so far, up to a mebibyte; NULL when there is none.
const char *words_finish(struct monitor *monitor);

// The runtime did its work: its words belong to the container's output.
void words_pass_on(struct monitor *monitor);
