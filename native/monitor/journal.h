// Records for systemd-journald, over its datagram socket.
#pragma once

#include <stddef.h>

#include "options.h"
#include "streams.h"

struct journal {
  int fd;
  const struct options *options;
  char short_id[13];
};

void journal_open(struct journal *journal, const struct options *options);

// Whole lines go out at once; a piece of a line waits for its end, up to 8 KiB.
void journal_write(struct journal *journal, enum stream_type type, const char *data, size_t length);

void journal_flush(struct journal *journal);
