#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "monitor.h"
#include "note.h"

enum { MESSAGE_RESIZE = 1, MESSAGE_REOPEN_LOGS = 2, MESSAGE_HEALTH = 3, MESSAGE_STARTED = 4, SIZE_MAX_CELLS = 1000 };

// Reads `count` numbers; more behind them is ignored. False when there are fewer, or what is there is no number.
static bool parse_numbers(const char *line, int *numbers, int count) {
  for (int i = 0; i < count; i++) {
    char *end = NULL;
    long number = strtol(line, &end, 10);
    if (end == line || number > INT_MAX || number < INT_MIN)
      return false;
    numbers[i] = (int)number;
    line = end;
  }
  return true;
}

static bool is_size(int rows, int columns) {
  return rows >= 0 && columns >= 0 && rows <= SIZE_MAX_CELLS && columns <= SIZE_MAX_CELLS;
}

void control_apply_size(struct monitor *monitor) {
  if (monitor->terminal.received && monitor->control.rows >= 0)
    terminal_resize(monitor, monitor->control.rows, monitor->control.columns);
}

static void resize(struct monitor *monitor, int rows, int columns) {
  monitor->control.rows = rows;
  monitor->control.columns = columns;
  control_apply_size(monitor);
}

static void handle_line(struct fifo *fifo) {
  int numbers[3] = {MESSAGE_RESIZE, 0, 0};
  bool parsed = fifo->is_ctl ? parse_numbers(fifo->line, numbers, 3) : parse_numbers(fifo->line, numbers + 1, 2);
  if (!parsed)
    note(NOTE_WARNING, "Invalid control message format");
  else if (!is_size(numbers[1], numbers[2]))
    note(NOTE_WARNING, "Invalid window size: %dx%d (must be between 0 and 1000)", numbers[1], numbers[2]);
  else if (numbers[0] == MESSAGE_RESIZE)
    resize(fifo->monitor, numbers[1], numbers[2]);
  else if (numbers[0] == MESSAGE_REOPEN_LOGS)
    logs_reopen(&fifo->monitor->logs);
  else if (numbers[0] == MESSAGE_HEALTH)
    health_load(fifo->monitor);
  else if (numbers[0] == MESSAGE_STARTED)
    notify_started(fifo->monitor, numbers[1] == 1);
  else
    note(NOTE_WARNING, "Invalid control message type: %d", numbers[0]);
}

static void take(struct fifo *fifo, char c) {
  if (c == '\n') {
    fifo->line[fifo->used] = '\0';
    if (!fifo->overlong)
      handle_line(fifo);
    fifo->used = 0;
    fifo->overlong = false;
  } else if (fifo->used == CONTROL_LINE) {
    fifo->overlong = true;
  } else {
    fifo->line[fifo->used++] = c;
  }
}

static void on_input(struct watch *watch, uint32_t events) {
  (void)events;
  struct fifo *fifo = container_of(watch, struct fifo, watch);
  char input[512];
  ssize_t length = read(watch->fd, input, sizeof input);
  for (ssize_t i = 0; i < length; i++)
    take(fifo, input[i]);
}

static void open_fifo(struct monitor *monitor, struct fifo *fifo, const char *name) {
  char path[PATH_MAX];
  path_join(path, monitor->options.bundle, name);
  unlink(path);
  if (mkfifo(path, 0660) < 0)
    die_errno("Failed to mkfifo at %s", path);
  // Open for writing too: else the end of the last writer would be a hang-up that never clears.
  *fifo = (struct fifo){.monitor = monitor, .is_ctl = fifo == &monitor->control.ctl};
  fifo->watch = (struct watch){.fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC), .ready = on_input};
  if (fifo->watch.fd < 0)
    die_errno("Failed to open %s", path);
  watch_for(&monitor->loop, &fifo->watch, EPOLLIN);
}

void control_open(struct monitor *monitor) {
  monitor->control.rows = monitor->control.columns = -1;
  open_fifo(monitor, &monitor->control.ctl, "ctl");
  open_fifo(monitor, &monitor->control.winsz, "winsz");
}
