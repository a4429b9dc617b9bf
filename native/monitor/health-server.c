#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "files.h"
#include "health.h"
#include "monitor.h"
#include "note.h"

static void on_client(struct watch *watch, uint32_t events) {
  (void)events;
  struct health_client *client = container_of(watch, struct health_client, watch);
  struct health *health = &client->monitor->health;
  char request[16];
  ssize_t length = recv(watch->fd, request, sizeof request, MSG_DONTWAIT);
  if (length < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (length != 3 || memcmp(request, "run", 3) != 0) {
    watch_close(&client->monitor->loop, watch);
    client->waits = client->is_next = false;
    return;
  }
  client->is_next = true;
  if (health->run.pid == 0)
    health_begin_asked(health);
}

static void on_connection(struct watch *watch, uint32_t events) {
  (void)events;
  struct health *health = container_of(watch, struct health, listener);
  int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0)
    return;
  for (int i = 0; i < HEALTH_CLIENTS; i++) {
    struct health_client *client = &health->clients[i];
    if (client->watch.fd >= 0)
      continue;
    *client = (struct health_client){.monitor = health->monitor, .watch = {.fd = fd, .ready = on_client}};
    watch_for(&health->monitor->loop, &client->watch, EPOLLIN);
    return;
  }
  close(fd);
}

// Without this socket a container runs all the same.
static int open_listener(const char *folder) {
  char path[PATH_MAX];
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  path_join(path, folder, "health");
  unlink(path);
  int folder_fd = open(folder, O_PATH | O_CLOEXEC);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/health", folder_fd);
  bool done = folder_fd >= 0 && fd >= 0 && fchmod(fd, 0700) == 0 &&
              bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, HEALTH_CLIENTS) == 0;
  if (folder_fd >= 0)
    close(folder_fd);
  if (done)
    return fd;
  note(NOTE_WARNING, "Failed to open socket %s: %s", path, strerror(errno));
  if (fd >= 0)
    close(fd);
  return -1;
}

void health_server_open(struct health *health) {
  struct monitor *monitor = health->monitor;
  if (health->listener.fd >= 0)
    return;
  health->listener = (struct watch){.fd = open_listener(monitor->options.bundle), .ready = on_connection};
  watch_for(&monitor->loop, &health->listener, EPOLLIN);
}

void health_server_close(struct health *health) {
  if (health->listener.fd < 0)
    return;
  char path[PATH_MAX];
  path_join(path, health->monitor->options.bundle, "health");
  unlink(path);
  watch_close(&health->monitor->loop, &health->listener);
  for (int i = 0; i < HEALTH_CLIENTS; i++)
    watch_close(&health->monitor->loop, &health->clients[i].watch);
}

bool health_is_asked(const struct health *health) {
  for (int i = 0; i < HEALTH_CLIENTS; i++)
    if (health->clients[i].watch.fd >= 0 && health->clients[i].waits)
      return true;
  return false;
}

// A check that began before it was asked for says nothing about now.
void health_begin_asked(struct health *health) {
  bool asked = false;
  for (int i = 0; i < HEALTH_CLIENTS; i++) {
    struct health_client *client = &health->clients[i];
    if (client->watch.fd < 0 || !client->is_next)
      continue;
    client->waits = asked = true;
    client->is_next = false;
  }
  if (asked && !health_run_start(health, health->config.startup.process != NULL && !health->startup_passed))
    health_reply(health, "error", "");
}

// One packet in the form of the attach socket's: a byte for the stream, then JSON.
void health_reply(struct health *health, const char *result, const char *action) {
  char reply[160];
  int length = snprintf(reply, sizeof reply, "\2{\"result\":\"%s\",\"status\":\"%s\",\"action\":\"%s\"}", result,
                        health->status, action);
  for (int i = 0; i < HEALTH_CLIENTS; i++) {
    struct health_client *client = &health->clients[i];
    if (client->watch.fd < 0 || !client->waits)
      continue;
    client->waits = false;
    // Full only for a client that asks and does not read: its loss.
    if (send(client->watch.fd, reply, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
      watch_close(&health->monitor->loop, &client->watch);
  }
}
