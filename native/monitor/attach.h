// The attach socket: clients see the container's output and type into it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop.h"
#include "streams.h"

struct client;

struct attach_server {
  struct watch listener;
  struct client *clients;
  char *link; // the symbolic link in --socket-dir-path, NULL without
  bool closing; // no more output will come
};

// Makes the socket (and the link to the bundle, without --full-attach).
void attach_open(struct monitor *monitor);

// Sends to all clients. One that is behind gets a bounded queue; when that is full the container waits for it, but only
// as long as it makes progress: a client that reads nothing for two seconds is dropped.
void attach_broadcast(struct attach_server *server, enum stream_type type, const char *data, size_t length);

// There is room for input again.
void attach_resume_input(struct attach_server *server);

// Takes the socket away: nobody can connect any more.
void attach_unlink(struct monitor *monitor);

// Sends what is still queued, then closes all clients.
void attach_close(struct attach_server *server);

// client.c
struct client *client_new(struct monitor *monitor, int fd, struct client *next);
void client_send(struct client *client, enum stream_type type, const char *data, size_t length);
void client_update(struct client *client);
struct client **client_next(struct client *client);
bool client_is_behind(const struct client *client);
bool client_has_queue(const struct client *client);
bool client_is_gone(const struct client *client);
void client_free(struct client *client);

// Called by a client when its queue shrank or it is gone.
void attach_review(struct attach_server *server);
