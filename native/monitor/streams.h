// The container's standard streams: pipes, or the master of its terminal.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop.h"

struct monitor;

enum stream_type { STREAM_STDOUT = 2, STREAM_STDERR = 3 }; // as in the packets of the attach socket

struct stream {
  struct watch watch;
  struct monitor *monitor;
  enum stream_type type;
  bool enlarged; // the pipe was made bigger
};

// What clients typed and the container has not taken yet. One for all clients: nothing is read while it holds data.
struct input {
  struct watch watch;
  size_t start, end;
  bool expected; // the terminal's master is still to come
  bool close_when_empty;
};

struct streams {
  int child_in, child_out, child_err; // ends for the runtime, -1: none
  struct stream out, err;
  struct input in;
  bool paused; // a client is behind: nothing is read
  bool active; // since the idle timer was set
  struct timer idle, terminal_poll;
};

// Makes the pipes for the runtime. With a terminal only the one for the runtime's own error text.
void streams_open(struct monitor *monitor);
void streams_close_child_ends(struct streams *streams);

// Starts reading; for a terminal when its master came.
void streams_start(struct monitor *monitor);
void streams_use_terminal(struct monitor *monitor, int master);

// What was read from the container's stderr before: output from now on, as is all that follows.
void streams_take_over(struct monitor *monitor, const char *text, size_t length);

// Stops and resumes reading the container's output.
void streams_pause(struct monitor *monitor, bool paused);

// After the end of the container: reads what is left, without waiting for more.
void streams_drain(struct monitor *monitor);

// Room for input from clients: NULL while older input waits. streams_input_add takes what was put there.
char *streams_input_room(struct streams *streams, size_t *size);
void streams_input_add(struct monitor *monitor, size_t length);

// The last words were typed: closes the container's standard input when they are delivered.
void streams_input_end(struct monitor *monitor);
