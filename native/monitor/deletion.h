// What the runtime keeps of a container, its cgroup above all, goes away while the last output is still read.
#pragma once

struct monitor;

// Starts the runtime's `delete` when --delete-after asks for it and the container ended.
void deletion_start(struct monitor *monitor);

// Whoever sees the exit file finds the runtime's part gone, unless the runtime hangs.
void deletion_await(struct monitor *monitor);
