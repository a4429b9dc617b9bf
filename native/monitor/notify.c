#include "notify.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "files.h"
#include "monitor.h"
#include "note.h"

// Only these pass. Others could act on the service itself, for example MAINPID= or FDSTORE=1.
static bool is_harmless(const char *line) {
  static const char *const words[] = {"READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1", "WATCHDOG=trigger"};
  static const char *const prefixes[] = {"STATUS=", "ERRNO=", "BUSERROR=", "MONOTONIC_USEC="};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(line, words[i]) == 0)
      return true;
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (strncmp(line, prefixes[i], strlen(prefixes[i])) == 0)
      return true;
  return false;
}

static void send_to(int fd, const char *target, const char *text, size_t length) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t name = strlen(target);
  if (name >= sizeof address.sun_path)
    return;
  memcpy(address.sun_path, target, name);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name);
  if (address.sun_path[0] == '@')
    address.sun_path[0] = '\0'; // systemd's spelling of an abstract socket
  if (sendto(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address, size) < 0)
    note(NOTE_WARNING, "Failed to write to notify socket: %s", strerror(errno));
}

void notify_send(const char *target, const char *text) {
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  send_to(fd, target, text, strlen(text));
  close(fd);
}

void notify_started(struct monitor *monitor, bool ready) {
  char text[64];
  snprintf(text, sizeof text, "MAINPID=%d%s", getpid(), ready ? "\nREADY=1" : "");
  if (monitor->options.sdnotify_socket != NULL)
    notify_send(monitor->options.sdnotify_socket, text);
}

static void on_message(struct watch *watch, uint32_t events) {
  (void)events;
  struct notify_relay *notify = container_of(watch, struct notify_relay, watch);
  char text[4096], passed[4096], *rest = NULL;
  size_t used = 0;
  ssize_t length = recv(watch->fd, text, sizeof text - 1, MSG_DONTWAIT);
  if (length <= 0)
    return;
  text[length] = '\0';
  for (char *line = strtok_r(text, "\r\n", &rest); line != NULL; line = strtok_r(NULL, "\r\n", &rest))
    if (is_harmless(line))
      used += (size_t)snprintf(passed + used, sizeof passed - used, "%s%s", used > 0 ? "\n" : "", line);
  if (used > 0)
    send_to(notify->watch.fd, notify->target, passed, used);
}

void notify_open(struct monitor *monitor) {
  char folder[PATH_MAX];
  path_join(folder, monitor->options.bundle, "notify");
  int fd = bind_unix(folder, "notify.sock", SOCK_DGRAM | SOCK_NONBLOCK, 0777);
  monitor->notify.target = monitor->options.sdnotify_socket;
  monitor->notify.watch = (struct watch){.fd = fd, .ready = on_message};
  watch_for(&monitor->loop, &monitor->notify.watch, EPOLLIN);
}
