// One client of the attach socket.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "attach.h"
#include "monitor.h"
#include "note.h"

// PACKET is fixed by the protocol: clients read with a buffer of 8193 bytes. The queue holds more than QUEUE_FULL by
// what one read of the container's output can add.
enum { PACKET = 8192, QUEUE_SIZE = 524288, QUEUE_FULL = 262144, STALL_MS = 2000 };

struct client {
  struct watch watch;
  struct monitor *monitor;
  struct client *next;
  bool reading; // it may still type
  bool typed;
  bool deaf; // it takes no more output
  char *queue; // records: length (uint16_t), then the packet; NULL: empty
  size_t start, end;
  struct timer stall;
};

struct client **client_next(struct client *client) { return &client->next; }

bool client_has_queue(const struct client *client) { return client->queue != NULL; }

bool client_is_behind(const struct client *client) { return client->end - client->start > QUEUE_FULL; }

bool client_is_gone(const struct client *client) { return client->deaf && !client->reading; }

static void drop_queue(struct client *client) {
  if (client->queue != NULL)
    munmap(client->queue, QUEUE_SIZE);
  client->queue = NULL;
  client->start = client->end = 0;
}

static void watch_progress(struct client *client, bool progressed) {
  struct loop *loop = &client->monitor->loop;
  bool awaited = client->queue != NULL && (client_is_behind(client) || client->monitor->attach.closing);
  if (!awaited)
    timer_clear(loop, &client->stall);
  else if (progressed || client->stall.at == 0)
    timer_set(loop, &client->stall, STALL_MS);
}

void client_update(struct client *client) {
  size_t size;
  uint32_t events = 0;
  if (!client->reading)
    events = EPOLLHUP; // always reported; 0 would take the descriptor out
  else if (streams_input_room(&client->monitor->streams, &size) != NULL)
    events = EPOLLIN;
  if (client->queue != NULL)
    events |= EPOLLOUT;
  watch_for(&client->monitor->loop, &client->watch, client_is_gone(client) ? 0 : events);
  watch_progress(client, false);
}

static void become_deaf(struct client *client) {
  client->deaf = true;
  drop_queue(client);
}

// True when the packet is gone, one way or the other; false when the socket is full.
static bool transmit(struct client *client, const struct iovec *parts, size_t count) {
  struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts, .msg_iovlen = count};
  ssize_t sent;
  do
    sent = sendmsg(client->watch.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
    return false;
  if (sent < 0)
    become_deaf(client);
  return true;
}

static bool flush(struct client *client) {
  bool progressed = false;
  while (client->start < client->end) {
    uint16_t length;
    memcpy(&length, client->queue + client->start, sizeof length);
    struct iovec packet = {.iov_base = client->queue + client->start + sizeof length, .iov_len = length};
    if (!transmit(client, &packet, 1))
      break;
    progressed = true;
    if (client->deaf)
      return true;
    client->start += sizeof length + length;
  }
  if (client->start == client->end)
    drop_queue(client);
  watch_progress(client, progressed);
  return progressed;
}

static void enqueue(struct client *client, char type, const char *data, uint16_t length) {
  uint16_t total = (uint16_t)(length + 1);
  if (client->queue == NULL) {
    void *memory = mmap(NULL, QUEUE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      become_deaf(client);
      return;
    }
    client->queue = memory;
  }
  if (client->end + sizeof total + total > QUEUE_SIZE) {
    memmove(client->queue, client->queue + client->start, client->end - client->start);
    client->end -= client->start;
    client->start = 0;
  }
  char *at = client->queue + client->end;
  memcpy(at, &total, sizeof total);
  at[sizeof total] = type;
  memcpy(at + sizeof total + 1, data, length);
  client->end += sizeof total + total;
}

void client_send(struct client *client, enum stream_type type, const char *data, size_t length) {
  while (length > 0 && !client->deaf) {
    size_t part = length < PACKET ? length : PACKET;
    char mark = (char)type;
    struct iovec packet[] = {{.iov_base = &mark, .iov_len = 1}, {.iov_base = (void *)(uintptr_t)data, .iov_len = part}};
    if (client->queue != NULL || !transmit(client, packet, 2))
      enqueue(client, mark, data, (uint16_t)part);
    data += part;
    length -= part;
  }
  client_update(client);
}

static void take_input(struct client *client, bool hung_up) {
  size_t size;
  char *room = streams_input_room(&client->monitor->streams, &size);
  if (room == NULL)
    return;
  ssize_t length = recv(client->watch.fd, room, size, MSG_DONTWAIT);
  if (length > 0) {
    client->typed = true;
    streams_input_add(client->monitor, (size_t)length);
    return;
  }
  if (length < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  client->reading = false;
  // Somebody who only watched and went away does not end the input of others.
  if (client->typed || !hung_up)
    streams_input_end(client->monitor);
}

static void on_event(struct watch *watch, uint32_t events) {
  struct client *client = container_of(watch, struct client, watch);
  if ((events & EPOLLIN) != 0 && client->reading)
    take_input(client, (events & EPOLLHUP) != 0);
  else if ((events & (EPOLLHUP | EPOLLERR)) != 0 && !client->reading)
    become_deaf(client);
  if ((events & EPOLLOUT) != 0 && client->queue != NULL)
    flush(client);
  struct monitor *monitor = client->monitor;
  attach_resume_input(&monitor->attach); // the input may be full now, for all of them
  attach_review(&monitor->attach); // frees a client that is gone
}

// A reader that takes a packet now and then is alive, although the kernel reports room only much later: so try first.
static void on_stall(struct timer *timer) {
  struct client *client = container_of(timer, struct client, stall);
  struct attach_server *server = &client->monitor->attach;
  if (!flush(client)) {
    note(NOTE_WARNING, "Dropped an attached client that did not read for %d seconds", STALL_MS / 1000);
    become_deaf(client);
    client->reading = false;
  }
  attach_review(server);
}

struct client *client_new(struct monitor *monitor, int fd, struct client *next) {
  struct client *client = calloc(1, sizeof *client);
  if (client == NULL)
    die("out of memory");
  client->watch = (struct watch){.fd = fd, .ready = on_event};
  client->monitor = monitor;
  client->next = next;
  client->reading = true;
  client->stall.fire = on_stall;
  client_update(client);
  return client;
}

void client_free(struct client *client) {
  timer_clear(&client->monitor->loop, &client->stall);
  watch_close(&client->monitor->loop, &client->watch);
  drop_queue(client);
  free(client);
}
