// The k8s-file log: `TIMESTAMP STREAM F|P PAYLOAD`, one record a line, P for a piece of a line that goes on.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "options.h"
#include "streams.h"

struct log_file {
  const char *path;
  const struct options *options;
  int fd;
  int64_t size; // of the file
  int64_t total; // ever written
  bool failed; // told about it once
  time_t checked; // when the file was last looked for
};

void log_file_open(struct log_file *log, const struct options *options);

// Records what one read returned. All its lines share a timestamp; one write for all, unless a limit is reached.
void log_file_write(struct log_file *log, enum stream_type type, const char *data, size_t length);

// A new file at the path: the old one is rotated, or with the default settings replaced.
void log_file_reopen(struct log_file *log);
void log_file_release_memory(void);
void log_file_close(struct log_file *log, bool sync);

// log-rotate.c: PATH to PATH.1, PATH.1 to PATH.2 ... and an empty PATH. The new descriptor, -1 when it was refused.
int log_rotate(const struct log_file *log);
