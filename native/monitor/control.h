// The fifos `ctl` and `winsz` of the bundle: terminal size and "open the logs again".
#pragma once

#include <stdbool.h>

#include "loop.h"

struct monitor;

enum { CONTROL_LINE = 199 };

struct fifo {
  struct watch watch;
  struct monitor *monitor;
  bool is_ctl;
  bool overlong; // dropping input up to the next newline
  int used;
  char line[CONTROL_LINE + 1];
};

struct control {
  struct fifo ctl, winsz;
  int rows, columns; // the last size asked for, -1: none yet
};

void control_open(struct monitor *monitor);

// Applies the size that was asked for before the terminal existed.
void control_apply_size(struct monitor *monitor);
