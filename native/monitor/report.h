// What the caller is told over _OCI_SYNCPIPE and _OCI_ATTACHPIPE: one line of JSON a message, in writes of at most 4096
// bytes.
#pragma once

#include <stdbool.h>

// The descriptor named in the environment, -1 without one. Marked close-on-exec.
int pipe_from_environment(const char *name);

// The key of the number: "data", or what callers of API version 0 expect.
const char *report_key(bool api_version, bool exec);

// Sends {"KEY": NUMBER} or {"KEY": NUMBER, "message": "MESSAGE"}. A caller that is gone is no error: closes *fd then.
void report(int *fd, const char *key, int number, const char *message);
