// One TCP connection.
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forwarder.h"

struct direction {
  int from, to;
  size_t start, end;
  bool ended, closed;
  char buffer[buffer_size];
};

static bool again(void) { return errno == EAGAIN || errno == EINTR; }

// False when the connection is broken.
static bool fill(struct direction* way) {
  ssize_t n = recv(way->from, way->buffer, sizeof way->buffer, MSG_DONTWAIT);
  if (n < 0) return again();
  way->ended = n == 0;
  way->start = 0;
  way->end = (size_t)n;
  return true;
}

static bool drain(struct direction* way) {
  ssize_t n = send(way->to, way->buffer + way->start, way->end - way->start, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0) return again();
  way->start += (size_t)n;
  return true;
}

static bool step(struct direction* way, short from, short to) {
  bool empty = way->start == way->end;
  if (empty && !way->ended && from && !fill(way)) return false;
  if (way->start < way->end && (to || from) && !drain(way)) return false;
  if (way->ended && !way->closed && way->start == way->end) {
    shutdown(way->to, SHUT_WR);
    way->closed = true;
  }
  return true;
}

static short wanted(const struct direction* in, const struct direction* out) {
  bool reads = !in->ended && in->start == in->end, writes = out->start < out->end;
  return (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
}

void relay_stream(int a, int b) {
  static struct direction there, back;
  there = (struct direction){.from = a, .to = b};
  back = (struct direction){.from = b, .to = a};
  while (!there.closed || !back.closed) {
    struct pollfd fds[2] = {{a, wanted(&there, &back), 0}, {b, wanted(&back, &there), 0}};
    // Nothing is wanted of a side that ended and is waited for: its hang-up would wake this loop for ever.
    for (int i = 0; i < 2; i++) {
      if (!fds[i].events) fds[i].fd = -1;
    }
    if (poll(fds, 2, -1) < 0 && errno != EINTR) return;
    const short failed = POLLERR | POLLHUP, in = POLLIN | failed, out = POLLOUT | failed;
    if (!step(&there, fds[0].revents & in, fds[1].revents & out)) return;
    if (!step(&back, fds[1].revents & in, fds[0].revents & out)) return;
  }
}
