#include "note.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static struct {
  enum note_level level;
  const char *container_id;
  bool to_syslog;
  void (*fatal_hook)(void *);
  void *fatal_context;
} setup = {.level = NOTE_WARNING, .container_id = ""};

void note_setup(enum note_level level, const char *container_id, bool to_syslog) {
  setup.level = level;
  setup.container_id = container_id;
  setup.to_syslog = to_syslog;
}

void note_on_fatal(void (*hook)(void *), void *context) {
  setup.fatal_hook = hook;
  setup.fatal_context = context;
}

// Tools that drive conmon look for this prefix, so the monitor keeps it.
static void emit(enum note_level level, const char *format, va_list arguments, int error) {
  static const char letters[] = "ewidt";
  char line[1024];
  size_t length = (size_t)vsnprintf(line, sizeof line, format, arguments);
  if (length >= sizeof line)
    length = sizeof line - 1;
  if (error != 0)
    snprintf(line + length, sizeof line - length, " %s", strerror(error));
  dprintf(STDERR_FILENO, "[conmon:%c]: %s\n", letters[level], line);
  if (setup.to_syslog)
    syslog(level == NOTE_ERROR ? LOG_ERR : LOG_INFO, "conmon %.20s: %s", setup.container_id, line);
}

void note(enum note_level level, const char *format, ...) {
  if (level > setup.level)
    return;
  int saved = errno;
  va_list arguments;
  va_start(arguments, format);
  emit(level, format, arguments, 0);
  va_end(arguments);
  errno = saved;
}

static _Noreturn void leave(void) {
  void (*hook)(void *) = setup.fatal_hook;
  setup.fatal_hook = NULL;
  if (hook != NULL)
    hook(setup.fatal_context);
  _exit(1);
}

void die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  emit(NOTE_ERROR, format, arguments, 0);
  va_end(arguments);
  leave();
}

void die_errno(const char *format, ...) {
  int error = errno;
  va_list arguments;
  va_start(arguments, format);
  emit(NOTE_ERROR, format, arguments, error);
  va_end(arguments);
  leave();
}
