#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "monitor.h"
#include "note.h"

enum { READ_SIZE = 65536, LARGE_PIPE = 1048576, IDLE_MS = 1000, TERMINAL_POLL_MS = 100 };

// Touched only while output flows: on_idle gives the memory back.
static char buffer[READ_SIZE] __attribute__((aligned(4096)));
static char input_buffer[32768] __attribute__((aligned(4096)));

static void make_pipe(int *ours, int *theirs, bool we_read) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) < 0)
    die_errno("Failed to create pipe");
  *ours = we_read ? fds[0] : fds[1];
  *theirs = we_read ? fds[1] : fds[0];
  set_nonblocking(*ours);
}

static void on_idle(struct timer *timer) {
  struct streams *streams = container_of(timer, struct streams, idle);
  struct monitor *monitor = container_of(streams, struct monitor, streams);
  if (streams->active) {
    streams->active = false;
    timer_set(&monitor->loop, timer, IDLE_MS);
    return;
  }
  madvise(buffer, sizeof buffer, MADV_DONTNEED);
  if (streams->in.end == 0)
    madvise(input_buffer, sizeof input_buffer, MADV_DONTNEED);
  logs_release_memory(&monitor->logs);
}

static void mark_active(struct monitor *monitor) {
  struct streams *streams = &monitor->streams;
  if (streams->idle.at != 0)
    streams->active = true;
  else
    timer_set(&monitor->loop, &streams->idle, IDLE_MS);
}

static void update(struct stream *stream) {
  struct streams *streams = &stream->monitor->streams;
  bool wait_for_slave = streams->terminal_poll.at != 0 && stream->type == STREAM_STDOUT;
  watch_for(&stream->monitor->loop, &stream->watch, streams->paused || wait_for_slave ? 0 : EPOLLIN);
}

// A flood: fewer, larger reads. Not done in advance, because pipe memory is limited per user.
static void enlarge(struct stream *stream) {
  if (!stream->enlarged)
    fcntl(stream->watch.fd, F_SETPIPE_SZ, LARGE_PIPE);
  stream->enlarged = true;
}

enum outcome { READ_DATA, READ_NOTHING, READ_END };

static enum outcome read_once(struct stream *stream) {
  struct monitor *monitor = stream->monitor;
  ssize_t length = read(stream->watch.fd, buffer, sizeof buffer);
  if (length < 0 && (errno == EAGAIN || errno == EINTR))
    return READ_NOTHING;
  if (length <= 0)
    return READ_END; // EIO: nobody has the terminal open
  mark_active(monitor);
  if (length == sizeof buffer)
    enlarge(stream);
  logs_write(&monitor->logs, stream->type, buffer, (size_t)length);
  attach_broadcast(&monitor->attach, stream->type, buffer, (size_t)length);
  return READ_DATA;
}

static void on_terminal_poll(struct timer *timer) {
  struct streams *streams = container_of(timer, struct streams, terminal_poll);
  update(&streams->out);
}

static void on_output(struct watch *watch, uint32_t events) {
  (void)events;
  struct stream *stream = container_of(watch, struct stream, watch);
  struct monitor *monitor = stream->monitor;
  if (read_once(stream) != READ_END)
    return;
  if (monitor->terminal.received && stream->type == STREAM_STDOUT) {
    // No process has the terminal open right now; one may open it again, and a hang-up would be reported all the time.
    timer_set(&monitor->loop, &monitor->streams.terminal_poll, TERMINAL_POLL_MS);
    update(stream);
    return;
  }
  watch_close(&monitor->loop, watch);
}

static void close_input(struct monitor *monitor) {
  struct input *input = &monitor->streams.in;
  input->start = input->end = 0;
  input->expected = false;
  watch_close(&monitor->loop, &input->watch);
}

static void on_input_writable(struct watch *watch, uint32_t events) {
  (void)events;
  struct input *input = container_of(watch, struct input, watch);
  struct monitor *monitor = container_of(input, struct monitor, streams.in);
  ssize_t length = write(watch->fd, input_buffer + input->start, input->end - input->start);
  if (length < 0 && errno != EAGAIN && errno != EINTR)
    close_input(monitor); // nobody reads it any more
  else if (length > 0)
    input->start += (size_t)length;
  if (input->start < input->end) {
    watch_for(&monitor->loop, watch, EPOLLOUT);
    return;
  }
  input->start = input->end = 0;
  watch_for(&monitor->loop, watch, 0);
  mark_active(monitor);
  if (input->close_when_empty)
    close_input(monitor);
  attach_resume_input(&monitor->attach);
}

char *streams_input_room(struct streams *streams, size_t *size) {
  *size = sizeof input_buffer;
  return streams->in.end == 0 ? input_buffer : NULL;
}

void streams_input_add(struct monitor *monitor, size_t length) {
  struct input *input = &monitor->streams.in;
  if (input->watch.fd < 0 && !input->expected)
    return; // without -i, or closed: what is typed goes nowhere
  input->end = length;
  if (input->watch.fd >= 0)
    on_input_writable(&input->watch, 0);
}

void streams_input_end(struct monitor *monitor) {
  struct input *input = &monitor->streams.in;
  // A terminal is never closed from this side: a later client could not type any more.
  if (!monitor->options.stdin_open || monitor->options.leave_stdin_open || monitor->options.terminal)
    return;
  if (input->start == input->end)
    close_input(monitor);
  else
    input->close_when_empty = true;
}

void streams_open(struct monitor *monitor) {
  struct streams *streams = &monitor->streams;
  const struct options *options = &monitor->options;
  int in = -1, out = -1, err;
  streams->child_in = streams->child_out = -1;
  if (!options->terminal && options->stdin_open)
    make_pipe(&in, &streams->child_in, false);
  if (!options->terminal)
    make_pipe(&out, &streams->child_out, true);
  make_pipe(&err, &streams->child_err, true);
  streams->in = (struct input){.watch = {.fd = in, .ready = on_input_writable}, .expected = options->terminal};
  streams->out = (struct stream){{.fd = out, .ready = on_output}, monitor, STREAM_STDOUT, false};
  streams->err = (struct stream){{.fd = err, .ready = on_output}, monitor, STREAM_STDERR, false};
  streams->idle.fire = on_idle;
  streams->terminal_poll.fire = on_terminal_poll;
}

void streams_close_child_ends(struct streams *streams) {
  int *ends[] = {&streams->child_in, &streams->child_out, &streams->child_err};
  for (int i = 0; i < 3; i++) {
    if (*ends[i] >= 0)
      close(*ends[i]);
    *ends[i] = -1;
  }
}

void streams_use_terminal(struct monitor *monitor, int master) {
  struct streams *streams = &monitor->streams;
  set_nonblocking(master);
  streams->out.watch.fd = master;
  // A second descriptor, because epoll knows each one once.
  streams->in.watch.fd = fcntl(master, F_DUPFD_CLOEXEC, 3);
  streams->in.expected = false;
  if (streams->in.end > streams->in.start)
    watch_for(&monitor->loop, &streams->in.watch, EPOLLOUT);
}

void streams_take_over(struct monitor *monitor, const char *text, size_t length) {
  struct stream *err = &monitor->streams.err;
  err->watch.ready = on_output;
  // The queue of a client has room for one read.
  if (length > 0)
    attach_broadcast(&monitor->attach, err->type, text, length < READ_SIZE ? length : READ_SIZE);
  for (size_t part; length > 0; text += part, length -= part) {
    part = length < READ_SIZE ? length : READ_SIZE;
    logs_write(&monitor->logs, err->type, text, part);
  }
}

void streams_start(struct monitor *monitor) {
  update(&monitor->streams.out);
  update(&monitor->streams.err);
}

void streams_pause(struct monitor *monitor, bool paused) {
  monitor->streams.paused = paused;
  streams_start(monitor);
}

// What was in the pipe when the container ended fits in so many reads. Without an end, a process that an exec session
// left behind could keep us reading.
static int reads_left(const struct stream *stream) {
  int size = stream->watch.fd < 0 ? 0 : fcntl(stream->watch.fd, F_GETPIPE_SZ);
  return (size > LARGE_PIPE ? size : LARGE_PIPE) / 4096 + 1;
}

static bool drain_one(struct stream *stream, int *reads) {
  while (stream->watch.fd >= 0 && *reads > 0) {
    if (stream->monitor->streams.paused)
      return false;
    (*reads)--;
    if (read_once(stream) != READ_DATA)
      return true;
  }
  return true;
}

void streams_drain(struct monitor *monitor) {
  struct streams *streams = &monitor->streams;
  int out = reads_left(&streams->out), err = reads_left(&streams->err);
  watch_for(&monitor->loop, &streams->out.watch, 0);
  watch_for(&monitor->loop, &streams->err.watch, 0);
  timer_clear(&monitor->loop, &streams->terminal_poll);
  while (!drain_one(&streams->out, &out) || !drain_one(&streams->err, &err))
    loop_step(&monitor->loop); // a client is behind: it has to catch up, or is dropped
  watch_close(&monitor->loop, &streams->out.watch);
  watch_close(&monitor->loop, &streams->err.watch);
}
