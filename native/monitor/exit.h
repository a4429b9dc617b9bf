// The end of the container: what is recorded, and who is told.
#pragma once

struct monitor;

// 0-255, 128 + signal, or -1 when it is not known.
int exit_code_of(int wait_status);

// Writes the exit files, sends the exit code of an exec session, lets the clients go. Returns the exit code.
int exit_record(struct monitor *monitor);

// Runs the exit command, if there is one, and waits for it and for every process that is left. Returns its status when
// it failed, else `code`. Closes all descriptors from 3 on.
int exit_run_command(struct monitor *monitor, int code);

// The hooks of die(), before and after the runtime was started: the caller is told why; then the exit command runs too.
void exit_before_runtime(void *monitor, const char *words);
void exit_after_failure(void *monitor, const char *words);

// Reports -1 and the reason, once.
void exit_report_failure(struct monitor *monitor, const char *words);
