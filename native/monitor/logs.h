// Where the container's output is recorded.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "journal.h"
#include "log-file.h"
#include "options.h"
#include "streams.h"

struct logs {
  bool to_file, to_journal, passthrough;
  struct log_file file;
  struct journal journal;
};

// Reads --log-path and the options that go with it, opens the file. Ends the process when something is wrong.
void logs_open(struct logs *logs, const struct options *options);

void logs_write(struct logs *logs, enum stream_type type, const char *data, size_t length);
void logs_reopen(struct logs *logs);
void logs_release_memory(struct logs *logs);

// The end: partial lines go to the journal, the file to the disk.
void logs_finish(struct logs *logs, bool sync);
