// What the monitor itself has to say: one line on stderr (until it is detached) and, when asked for, to syslog.
#pragma once

#include <stdbool.h>

enum note_level { NOTE_ERROR, NOTE_WARNING, NOTE_INFO, NOTE_DEBUG, NOTE_TRACE };

void note_setup(enum note_level level, const char *container_id, bool to_syslog);

// Called once by die() before the process ends, so that the exit command also runs after a failure.
void note_on_fatal(void (*hook)(void *), void *context);

__attribute__((format(printf, 2, 3))) void note(enum note_level level, const char *format, ...);

// Prints "[conmon:e]: MESSAGE" and ends with status 1. die_errno adds the text of errno.
__attribute__((format(printf, 1, 2))) _Noreturn void die(const char *format, ...);
__attribute__((format(printf, 1, 2))) _Noreturn void die_errno(const char *format, ...);
