// The OCI runtime: its command line, its process, and what came of it.
#pragma once

struct monitor;

// Forks the runtime with the container's streams. Its process is in monitor->runtime.
void runtime_start(struct monitor *monitor);

// Runs the event loop until the runtime ended, then reads the container's pid and tells the caller. On failure tells
// the caller the runtime's words and ends the process.
void runtime_await(struct monitor *monitor);
