#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "monitor.h"
#include "note.h"

// The descriptor in the next message, -1 when none came.
static int receive_descriptor(int connection) {
  char name[128];
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec data = {.iov_base = name, .iov_len = sizeof name};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t length;
  do
    length = recvmsg(connection, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (length < 0 && errno == EINTR);
  struct cmsghdr *header = length < 0 ? NULL : CMSG_FIRSTHDR(&message);
  if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
    return -1;
  int fd;
  memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

// Programs write "\n" and expect the start of the next line.
static void set_modes(int fd) {
  struct termios modes;
  if (tcgetattr(fd, &modes) < 0) {
    note(NOTE_WARNING, "Failed to get console terminal settings");
    return;
  }
  modes.c_oflag |= ONLCR;
  if (tcsetattr(fd, TCSANOW, &modes) < 0)
    note(NOTE_WARNING, "Failed to set console terminal settings");
}

static void on_message(struct watch *watch, uint32_t events) {
  (void)events;
  struct monitor *monitor = container_of(watch, struct monitor, terminal.connection);
  int master = receive_descriptor(watch->fd);
  watch_close(&monitor->loop, watch);
  if (master < 0)
    return; // the end of the runtime shows that there is no terminal
  set_modes(master);
  monitor->terminal.received = true;
  streams_use_terminal(monitor, master);
  control_apply_size(monitor);
}

// Nobody else is let in. The message may be late, or never come: it must not be waited for.
static void on_connect(struct watch *watch, uint32_t events) {
  (void)events;
  struct monitor *monitor = container_of(watch, struct monitor, terminal.listener);
  struct terminal *terminal = &monitor->terminal;
  int connection = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (connection < 0)
    return;
  unlink(terminal->path);
  watch_close(&monitor->loop, watch);
  terminal->connection = (struct watch){.fd = connection, .ready = on_message};
  watch_for(&monitor->loop, &terminal->connection, EPOLLIN);
}

static void make_path(char path[108]) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  const char *folder = getenv("TMPDIR");
  unsigned char random[12];
  if (getrandom(random, sizeof random, 0) != sizeof random)
    die_errno("Failed to get random bytes");
  char suffix[sizeof random + 1] = "";
  for (size_t i = 0; i < sizeof random; i++)
    suffix[i] = letters[random[i] % (sizeof letters - 1)];
  if (snprintf(path, 108, "%s/conmon-term.%s", folder != NULL && *folder != '\0' ? folder : "/tmp", suffix) >= 108)
    snprintf(path, 108, "/tmp/conmon-term.%s", suffix);
}

void terminal_listen(struct monitor *monitor) {
  struct terminal *terminal = &monitor->terminal;
  make_path(terminal->path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    die_errno("Failed to create socket");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, terminal->path, sizeof terminal->path);
  if (fchmod(fd, 0700) < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0)
    die_errno("Failed to bind to console-socket %s", terminal->path);
  terminal->listener = (struct watch){.fd = fd, .ready = on_connect};
  watch_for(&monitor->loop, &terminal->listener, EPOLLIN);
}

bool terminal_accept_pending(struct terminal *terminal) {
  if (terminal->listener.fd >= 0)
    on_connect(&terminal->listener, EPOLLIN);
  if (terminal->connection.fd >= 0)
    on_message(&terminal->connection, EPOLLIN);
  if (terminal->listener.fd >= 0)
    unlink(terminal->path);
  return terminal->received;
}

void terminal_resize(struct monitor *monitor, int rows, int columns) {
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  if (ioctl(monitor->streams.out.watch.fd, TIOCSWINSZ, &size) < 0)
    note(NOTE_WARNING, "Failed to set process pty terminal size: %s", strerror(errno));
}
