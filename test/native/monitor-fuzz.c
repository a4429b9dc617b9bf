// Feeds broken input to the monitor's parsers: command line, ctl and winsz, attach packets, readiness messages, output.
// The first byte chooses which. Built with clang it is a libFuzzer target, else monitor-fuzz-main.c mutates the seeds.
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "files.h"
#include "monitor.h"
#include "note.h"
#include "report.h"
#include "supervise.h"

enum { WORDS = 64, CLIENTS = 4, INPUT_MAX = 65536 };

static struct monitor monitor = {.sync_fd = -1, .attach_fd = -1, .start_fd = -1};
static char folder[64];
static char scratch[65536];
static jmp_buf refused;
static bool may_refuse;

static void require(bool condition, const char *what) {
  if (condition)
    return;
  dprintf(STDERR_FILENO, "not so: %s\n", what);
  abort();
}

// The linker sends the monitor's exit() and _exit() here (--wrap): a refused command line is no end of the fuzzer.
_Noreturn void __wrap_exit(int status);
_Noreturn void __wrap__exit(int status);
_Noreturn void __real_exit(int status);
_Noreturn void __real__exit(int status);

_Noreturn void __wrap_exit(int status) {
  if (may_refuse)
    longjmp(refused, 1);
  __real_exit(status);
}

_Noreturn void __wrap__exit(int status) {
  if (may_refuse)
    longjmp(refused, 1);
  __real__exit(status);
}

static void settle(void) {
  struct pollfd ready = {.fd = monitor.loop.epoll_fd, .events = POLLIN};
  for (int i = 0; i < 200 && poll(&ready, 1, 0) > 0; i++)
    loop_step(&monitor.loop);
}

static void read_logs(struct options *options) {
  static struct logs logs;
  memset(&logs, 0, sizeof logs);
  options_check(options);
  for (int i = 0; i < options->log_paths.count; i++)
    if (strchr(options->log_paths.items[i], '/') != NULL)
      options->log_paths.items[i] = "k8s-file:/dev/null"; // not over files of this machine
  logs_open(&logs, options);
  logs_finish(&logs, false);
}

// Its words are separated by NUL.
static void fuzz_options(char *text, size_t size) {
  static struct options options;
  char *words[WORDS + 2] = {"conmon"};
  int count = 1;
  for (char *at = text; at < text + size && count <= WORDS; at += strlen(at) + 1)
    words[count++] = at;
  may_refuse = true;
  if (setjmp(refused) == 0) {
    options_parse(&options, count, words);
    options.syslog = false;
    read_logs(&options);
  }
  may_refuse = false;
  note_setup(NOTE_ERROR, "", false);
}

static void fuzz_fifo(const char *name, const char *data, size_t size) {
  char path[PATH_MAX];
  path_join(path, folder, name);
  int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  for (size_t part; fd >= 0 && size > 0; data += part, size -= part) {
    part = size < 4096 ? size : 4096;
    if (write(fd, data, part) < 0)
      break;
    settle();
  }
  if (write(fd, "\n", 1) == 1)
    settle();
  close(fd);
  require(monitor.control.rows >= -1 && monitor.control.rows <= 1000, "a size from 0 to 1000");
  require(monitor.control.columns >= -1 && monitor.control.columns <= 1000, "a size from 0 to 1000");
}

static int connect_to(const char *name, int type) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder, name);
  int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  require(connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connected");
  return fd;
}

static void drain(int fd) {
  while (fd >= 0 && read(fd, scratch, sizeof scratch) > 0)
    settle();
}

static void container_writes(int fd, size_t length) {
  if (write(fd, scratch, length) < 0)
    settle();
}

// Each byte is one thing that a client, or the container, does.
static void one_step(int clients[CLIENTS], unsigned char what, const char *data, size_t left) {
  int *client = &clients[what >> 6];
  size_t length = left < 4096 ? left : 4096;
  switch (what & 7) {
  case 0:
    if (*client < 0)
      *client = connect_to("attach", SOCK_SEQPACKET);
    break;
  case 1:
    if (*client >= 0 && send(*client, data, length, MSG_NOSIGNAL) < 0)
      settle();
    break;
  case 2:
    shutdown(*client, SHUT_WR);
    break;
  case 3:
    close(*client);
    *client = -1;
    break;
  case 4:
    container_writes(monitor.streams.child_out, (size_t)what * 256);
    break;
  case 5:
    container_writes(monitor.streams.child_err, what);
    break;
  case 6:
    if (*client >= 0 && recv(*client, scratch, sizeof scratch, 0) > 8193)
      require(false, "packets of at most 8193 bytes");
    break;
  default:
    drain(monitor.streams.child_in);
  }
}

static void fuzz_attach(const char *data, size_t size) {
  int clients[CLIENTS] = {-1, -1, -1, -1};
  for (size_t i = 0; i < size && i < 256; i++) {
    one_step(clients, (unsigned char)data[i], data + i, size - i);
    settle();
  }
  for (int i = 0; i < CLIENTS; i++)
    if (clients[i] >= 0)
      close(clients[i]);
  for (int i = 0; i < 64 && (monitor.attach.clients != NULL || monitor.streams.paused); i++) {
    settle();
    drain(monitor.streams.child_in);
  }
  settle();
  require(monitor.attach.clients == NULL, "no client is left when all have gone");
  require(!monitor.streams.paused, "the container waits for nobody when all have gone");
}

static void fuzz_notify(const char *data, size_t size) {
  int fd = connect_to("notify/notify.sock", SOCK_DGRAM);
  if (send(fd, data, size < 60000 ? size : 60000, MSG_NOSIGNAL) >= 0)
    settle();
  close(fd);
}

static void fuzz_report(char *text, size_t size) {
  int fds[2];
  require(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0, "a pipe");
  text[size < 8000 ? size : 8000] = '\0';
  report(&fds[1], "data", -1, text);
  ssize_t length = read(fds[0], scratch, sizeof scratch);
  require(length > 2 && memcmp(scratch + length - 2, "}\n", 2) == 0, "a whole report");
  for (ssize_t i = 0; i < length - 1; i++)
    require((unsigned char)scratch[i] >= 0x20, "no control characters in a report");
  close(fds[0]);
  close(fds[1]);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  static const char *words[] = {"conmon",
                                "-c",
                                "fuzz",
                                "-u",
                                "fuzzfuzzfuzzfuzz",
                                "-r",
                                "/bin/true",
                                "-l",
                                "k8s-file:log",
                                "-i",
                                "--leave-stdin-open",
                                "--full-attach",
                                "--log-rotate",
                                "--log-size-max",
                                "30000",
                                "-b",
                                folder,
                                "--sdnotify-socket",
                                "/nonexistent"};
  const char *given = getenv("FUZZ_FOLDER");
  snprintf(folder, sizeof folder, "%s", given == NULL ? "." : given);
  require(chdir(folder) == 0 && mkdir("notify", 0700) == 0, "a new folder");
  for (size_t i = 0; i < sizeof scratch; i++)
    scratch[i] = i % 80 == 0 ? '\n' : 'x';
  monitor_init(&monitor);
  options_parse(&monitor.options, sizeof words / sizeof *words, (char **)(void *)words);
  options_check(&monitor.options);
  logs_open(&monitor.logs, &monitor.options);
  loop_open(&monitor.loop);
  streams_open(&monitor);
  attach_open(&monitor);
  control_open(&monitor);
  notify_open(&monitor);
  streams_start(&monitor);
  set_nonblocking(monitor.streams.child_in);
  set_nonblocking(monitor.streams.child_out);
  set_nonblocking(monitor.streams.child_err);
  note_setup(NOTE_ERROR, "", false);
  return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  static char copy[INPUT_MAX + 1];
  if (size < 1 || size > INPUT_MAX)
    return 0;
  size--;
  memcpy(copy, data + 1, size);
  copy[size] = '\0';
  switch (data[0] % 6) {
  case 0:
    fuzz_options(copy, size);
    break;
  case 1:
    fuzz_fifo("ctl", copy, size);
    break;
  case 2:
    fuzz_fifo("winsz", copy, size);
    break;
  case 3:
    fuzz_attach(copy, size);
    break;
  case 4:
    fuzz_notify(copy, size);
    break;
  default:
    fuzz_report(copy, size);
  }
  return 0;
}
