// Small files and descriptors.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// FOLDER/NAME in `path`; ends the process when it does not fit.
void path_join(char path[4096], const char *folder, const char *name);

// Writes through a temporary file and rename: a watcher never sees the file empty. False with errno set.
bool file_write_atomic(const char *path, const char *text);

// Reads at most size - 1 bytes and adds a NUL. -1 with errno set.
ssize_t file_read(const char *path, char *text, size_t size);

// Writes all, across short writes and signals. False with errno set.
bool write_all(int fd, const void *data, size_t length);

void set_nonblocking(int fd);
void set_cloexec(int fd, bool on);

// A SOCK_DGRAM, SOCK_SEQPACKET or SOCK_STREAM unix socket bound to FOLDER/NAME, however long the path is.
int bind_unix(const char *folder, const char *name, int type, mode_t mode);
