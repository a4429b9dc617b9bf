// forwarder PATH PROTOCOL:ADDRESS:PORT...   the host's sockets are fds 3, 4, ...; ends when PATH, the name of the
// container's network namespace, is gone. It runs in the namespace of the user's bridges.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forwarder.h"

static bool parse(char* text, struct port* port) {
  char *rest = text, *protocol = strsep(&rest, ":"), *address = strsep(&rest, ":");
  if (!address || !rest) return false;
  port->stream = strcmp(protocol, "tcp") == 0;
  port->target.sin_family = AF_INET;
  port->target.sin_port = htons((uint16_t)strtoul(rest, NULL, 10));
  return inet_pton(AF_INET, address, &port->target.sin_addr) == 1;
}

// A child ends with this process, and with it its connection.
static pid_t start_child(pid_t parent) {
  pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  return 0;
}

static void serve(const struct port* port, int client) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (const struct sockaddr*)&port->target, sizeof port->target) == 0) {
    relay_stream(client, fd);
    _exit(0);
  }
  // Nobody listens: the caller is told so at once.
  struct linger reset = {1, 0};
  setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  _exit(1);
}

// True when a child was started.
static bool admit(const struct port* port, pid_t self) {
  int client = accept4(port->fd, NULL, NULL, SOCK_CLOEXEC);
  if (client < 0) return false;
  pid_t pid = start_child(self);
  if (pid == 0) serve(port, client);
  close(client);
  return pid > 0;
}

static int watch_path(const char* path) {
  int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  char* folder = strdup(path);
  char* slash = folder ? strrchr(folder, '/') : NULL;
  if (fd < 0 || !slash) return -1;
  *slash = '\0';
  int watched = inotify_add_watch(fd, folder, IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF);
  free(folder);
  return watched < 0 ? -1 : fd;
}

static bool is_gone(int watch, const char* path) {
  char events[4096];
  while (read(watch, events, sizeof events) > 0) {
  }
  return access(path, F_OK) < 0;
}

static void wake(int signal) { (void)signal; }

static int run(const char* path, struct port* ports, size_t count) {
  pid_t self = getpid();
  int children = 0, watch = watch_path(path);
  struct pollfd fds[count + 1];
  if (watch < 0) return 1;
  fds[count] = (struct pollfd){watch, POLLIN, 0};
  for (size_t i = 0; i < count; i++) {
    fds[i] = (struct pollfd){ports[i].stream ? ports[i].fd : -1, POLLIN, 0};
    if (ports[i].stream && (listen(ports[i].fd, 128) < 0 || fcntl(ports[i].fd, F_SETFL, O_NONBLOCK) < 0)) return 1;
    if (!ports[i].stream && start_child(self) == 0) relay_datagrams(&ports[i]);
  }
  while (!is_gone(watch, path)) {
    while (waitpid(-1, NULL, WNOHANG) > 0) children--;
    // With all places taken, new connections wait in the kernel's queue.
    bool full = children >= max_connections;
    if (poll(full ? fds + count : fds, full ? 1 : count + 1, full ? 1000 : -1) < 0) continue;
    for (size_t i = 0; i < count && !full; i++) {
      if (fds[i].revents && admit(&ports[i], self)) children++;
    }
  }
  return 0;
}

int main(int argc, char** argv) {
  static struct port ports[1024];
  size_t count = argc > 2 ? (size_t)argc - 2 : 0;
  struct sigaction action = {.sa_handler = wake};
  if (count == 0 || count > sizeof ports / sizeof *ports) return 1;
  sigaction(SIGCHLD, &action, NULL);
  for (size_t i = 0; i < count; i++) {
    ports[i].fd = 3 + (int)i;
    if (fcntl(ports[i].fd, F_SETFD, FD_CLOEXEC) < 0 || !parse(argv[i + 2], &ports[i])) return 1;
  }
  return run(argv[1], ports, count);
}
