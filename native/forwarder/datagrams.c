// One UDP port: a socket per peer, so that answers find their way back.
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "forwarder.h"

struct peer {
  struct sockaddr_storage address;
  socklen_t length;
  time_t last;
};

static struct peer peers[max_peers];
// The first one is the port itself.
static struct pollfd fds[max_peers + 1];
static char buffer[buffer_size];

static time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

static void forget(size_t i) {
  close(fds[i + 1].fd);
  fds[i + 1].fd = -1;
}

// The place of a peer, made when it is new: a free one, or that of who was silent longest.
static size_t place_of(const struct peer* who, const struct port* port) {
  size_t oldest = 0, unused = max_peers;
  for (size_t i = 0; i < max_peers; i++) {
    if (fds[i + 1].fd < 0) {
      unused = i;
    } else if (peers[i].length == who->length && memcmp(&peers[i].address, &who->address, who->length) == 0) {
      return i;
    } else if (peers[i].last < peers[oldest].last) {
      oldest = i;
    }
  }
  size_t place = unused < max_peers ? unused : oldest;
  if (place != unused) forget(place);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0 && connect(fd, (const struct sockaddr*)&port->target, sizeof port->target) < 0) {
    close(fd);
    fd = -1;
  }
  fds[place + 1] = (struct pollfd){fd, POLLIN, 0};
  peers[place] = *who;
  return place;
}

static void take(const struct port* port) {
  struct peer who = {.length = sizeof who.address};
  ssize_t n = recvfrom(port->fd, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr*)&who.address, &who.length);
  if (n < 0) return;
  size_t place = place_of(&who, port);
  peers[place].last = now();
  if (fds[place + 1].fd >= 0) send(fds[place + 1].fd, buffer, (size_t)n, MSG_NOSIGNAL);
}

static void answer(const struct port* port, size_t i) {
  ssize_t n = recv(fds[i + 1].fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (n < 0) return;
  peers[i].last = now();
  sendto(port->fd, buffer, (size_t)n, MSG_NOSIGNAL, (const struct sockaddr*)&peers[i].address, peers[i].length);
}

void relay_datagrams(const struct port* port) {
  fds[0] = (struct pollfd){port->fd, POLLIN, 0};
  for (size_t i = 1; i <= max_peers; i++) fds[i].fd = -1;
  for (;;) {
    if (poll(fds, max_peers + 1, peer_seconds * 1000) < 0 && errno != EINTR) _exit(1);
    time_t limit = now() - peer_seconds;
    for (size_t i = 0; i < max_peers; i++) {
      if (fds[i + 1].fd < 0) continue;
      if (fds[i + 1].revents) answer(port, i);
      if (peers[i].last < limit) forget(i);
    }
    if (fds[0].revents) take(port);
  }
}
