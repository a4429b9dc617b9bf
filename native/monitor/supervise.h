// The life of the monitor from its fork to the end of the container.
#pragma once

struct monitor;

// Marks every descriptor as unused and lists the inherited ones. First of all.
void monitor_init(struct monitor *monitor);

// Leaves the caller's session and streams, opens pipes, sockets and fifos.
void supervise_prepare(struct monitor *monitor);

// With the log driver passthrough the runtime got the caller's streams; now the monitor lets go of them too.
void supervise_leave_caller(struct monitor *monitor);

// Copies output and serves clients until the container ended or its time is over, and all output was taken.
void supervise_container(struct monitor *monitor);
