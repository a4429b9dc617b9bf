// The forwarder: hands connections and datagrams of the host's published ports on to a user's bridge network.
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

enum { buffer_size = 65536, max_connections = 512, max_peers = 256, peer_seconds = 90 };

// A socket of the host, and where in the network namespace of this process its traffic goes.
struct port {
  int fd;
  bool stream;
  struct sockaddr_in target;
};

// Copies both ways until both sides have ended; an end in one direction is handed on alone.
void relay_stream(int a, int b);

// Serves one UDP port; does not return.
_Noreturn void relay_datagrams(const struct port* port);
