#include "note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LINE_SIZE = 1024, KEPT_MAX = 65536 };

static struct {
  enum note_level level;
  const char *container_id;
  bool to_syslog;
  char *path; // NULL: not kept
  void (*fatal_hook)(void *, const char *);
  void *fatal_context;
} setup = {.level = NOTE_WARNING, .container_id = ""};

void note_setup(enum note_level level, const char *container_id, bool to_syslog) {
  setup.level = level;
  setup.container_id = container_id;
  setup.to_syslog = to_syslog;
}

void note_keep(const char *folder) {
  if (asprintf(&setup.path, "%s/monitor.log", folder) < 0)
    setup.path = NULL;
}

void note_on_fatal(void (*hook)(void *, const char *), void *context) {
  setup.fatal_hook = hook;
  setup.fatal_context = context;
}

// Nobody sees the stderr of a monitor that has detached. What is wrong again and again must not fill a disk.
static void keep(const char *line) {
  struct stat info;
  struct tm local;
  char stamp[40];
  time_t now = time(NULL);
  int fd = setup.path == NULL ? -1 : open(setup.path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
  if (fd < 0)
    return;
  if (fstat(fd, &info) == 0 && info.st_size < KEPT_MAX && localtime_r(&now, &local) != NULL) {
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S%z", &local);
    dprintf(fd, "%s %s\n", stamp, line);
  }
  close(fd);
}

// Tools that drive conmon look for this prefix, so the monitor keeps it.
static void emit(char line[LINE_SIZE], enum note_level level, const char *format, va_list arguments, int error) {
  static const char letters[] = "ewidt";
  size_t length = (size_t)vsnprintf(line, LINE_SIZE, format, arguments);
  if (length >= LINE_SIZE)
    length = LINE_SIZE - 1;
  if (error != 0)
    snprintf(line + length, LINE_SIZE - length, " %s", strerror(error));
  dprintf(STDERR_FILENO, "[conmon:%c]: %s\n", letters[level], line);
  if (setup.to_syslog)
    syslog(level == NOTE_ERROR ? LOG_ERR : LOG_INFO, "conmon %.20s: %s", setup.container_id, line);
  if (level <= NOTE_WARNING)
    keep(line);
}

void note(enum note_level level, const char *format, ...) {
  if (level > setup.level)
    return;
  int saved = errno;
  char line[LINE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  emit(line, level, format, arguments, 0);
  va_end(arguments);
  errno = saved;
}

static _Noreturn void leave(const char *words) {
  void (*hook)(void *, const char *) = setup.fatal_hook;
  setup.fatal_hook = NULL;
  if (hook != NULL)
    hook(setup.fatal_context, words);
  _exit(1);
}

void die(const char *format, ...) {
  char line[LINE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  emit(line, NOTE_ERROR, format, arguments, 0);
  va_end(arguments);
  leave(line);
}

void die_errno(const char *format, ...) {
  int error = errno;
  char line[LINE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  emit(line, NOTE_ERROR, format, arguments, error);
  va_end(arguments);
  leave(line);
}
