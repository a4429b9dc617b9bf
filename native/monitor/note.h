// What the monitor itself has to say: one line on stderr (until it is detached) and, when asked for, to syslog.
#pragma once

#include <stdbool.h>

enum note_level { NOTE_ERROR, NOTE_WARNING, NOTE_INFO, NOTE_DEBUG, NOTE_TRACE };

void note_setup(enum note_level level, const char *container_id, bool to_syslog);

// Called once by die() before the process ends, with its words: the caller is told, and the exit command runs.
void note_on_fatal(void (*hook)(void *context, const char *words), void *context);

// From now on errors and warnings are also kept in FOLDER/monitor.log, which is made when there is something to say.
void note_keep(const char *folder);

__attribute__((format(printf, 2, 3))) void note(enum note_level level, const char *format, ...);

// Prints "[conmon:e]: MESSAGE" and ends with status 1. die_errno adds the text of errno.
__attribute__((format(printf, 1, 2))) _Noreturn void die(const char *format, ...);
__attribute__((format(printf, 1, 2))) _Noreturn void die_errno(const char *format, ...);
