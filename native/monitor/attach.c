#include "attach.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "files.h"
#include "monitor.h"
#include "note.h"

static void accept_waiting(struct attach_server *server) {
  struct monitor *monitor = container_of(server, struct monitor, attach);
  int fd;
  while (server->listener.fd >= 0 &&
         (fd = accept4(server->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
    server->clients = client_new(monitor, fd, server->clients);
}

static void on_connect(struct watch *watch, uint32_t events) {
  (void)events;
  accept_waiting(container_of(watch, struct attach_server, listener));
}

// Socket paths hold 107 characters: a link in a short folder leads to the bundle. Callers expect one character less
// where link and limit are equally long.
static char *make_link(const struct options *options) {
  char *link = NULL;
  if (asprintf(&link, "%s/%s", options->socket_dir, options->cuuid == NULL ? options->cid : options->cuuid) < 0)
    die("out of memory");
  if (strlen(link) == 107)
    link[106] = '\0';
  if (unlink(link) < 0 && errno != ENOENT)
    die_errno("Failed to remove existing symlink for socket directory %s", link);
  if (symlink(options->bundle, link) < 0)
    die_errno("Failed to create symlink %s", link);
  return link;
}

void attach_open(struct monitor *monitor) {
  struct attach_server *server = &monitor->attach;
  if (!monitor->options.full_attach)
    server->link = make_link(&monitor->options);
  const char *folder = server->link != NULL ? server->link : monitor->options.bundle;
  server->listener =
      (struct watch){.fd = bind_unix(folder, "attach", SOCK_SEQPACKET | SOCK_NONBLOCK, 0700), .ready = on_connect};
  if (listen(server->listener.fd, 10) < 0)
    die_errno("Failed to listen on attach socket: %s/attach", folder);
  watch_for(&monitor->loop, &server->listener, EPOLLIN);
}

static void free_gone(struct attach_server *server) {
  struct client **link = &server->clients;
  while (*link != NULL) {
    struct client *client = *link;
    if (!client_is_gone(client)) {
      link = client_next(client);
      continue;
    }
    *link = *client_next(client);
    client_free(client);
  }
}

void attach_review(struct attach_server *server) {
  free_gone(server);
  bool behind = false;
  for (struct client *client = server->clients; client != NULL; client = *client_next(client))
    behind = behind || client_is_behind(client);
  struct monitor *monitor = container_of(server, struct monitor, attach);
  if (behind != monitor->streams.paused)
    streams_pause(monitor, behind);
}

void attach_broadcast(struct attach_server *server, enum stream_type type, const char *data, size_t length) {
  // Who connected before the container wrote gets it all: the events may come in another order.
  accept_waiting(server);
  if (server->clients == NULL)
    return;
  for (struct client *client = server->clients; client != NULL; client = *client_next(client))
    client_send(client, type, data, length);
  attach_review(server);
}

void attach_resume_input(struct attach_server *server) {
  for (struct client *client = server->clients; client != NULL; client = *client_next(client))
    client_update(client);
}

void attach_unlink(struct monitor *monitor) {
  struct attach_server *server = &monitor->attach;
  if (server->listener.fd < 0)
    return;
  char path[PATH_MAX];
  path_join(path, server->link != NULL ? server->link : monitor->options.bundle, "attach");
  unlink(path);
  watch_close(&monitor->loop, &server->listener);
  if (server->link != NULL)
    unlink(server->link);
}

void attach_close(struct attach_server *server) {
  struct monitor *monitor = container_of(server, struct monitor, attach);
  server->closing = true;
  attach_resume_input(server);
  bool waiting = true;
  while (waiting) {
    waiting = false;
    for (struct client *client = server->clients; client != NULL; client = *client_next(client))
      waiting = waiting || client_has_queue(client);
    if (waiting)
      loop_step(&monitor->loop);
  }
  while (server->clients != NULL) {
    struct client *client = server->clients;
    server->clients = *client_next(client);
    client_free(client);
  }
}
