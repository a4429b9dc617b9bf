#include "log-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "note.h"

// A record is at most one read (64 KiB) and its prefix: several fit. Memory is touched only while output flows.
static struct {
  char data[262144];
  size_t used;
} batch __attribute__((aligned(4096)));

static int open_log(const char *path, int flags) {
  return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | flags, 0640);
}

void log_file_open(struct log_file *log, const struct options *options) {
  struct stat info;
  log->options = options;
  log->fd = open_log(log->path, 0);
  if (log->fd < 0 || fstat(log->fd, &info) < 0)
    die_errno("Failed to open log file %s", log->path);
  log->size = log->total = info.st_size;
}

void log_file_release_memory(void) {
  madvise(&batch, sizeof batch, MADV_DONTNEED);
}

// A full disk must not stop the container. What was written in part is taken back: a record is there, or it is not.
static void flush(struct log_file *log) {
  size_t length = batch.used;
  batch.used = 0;
  if (length == 0 || log->fd < 0)
    return;
  if (!write_all(log->fd, batch.data, length)) {
    if (!log->failed)
      note(NOTE_WARNING, "Failed to write to log file %s: %s", log->path, strerror(errno));
    log->failed = true;
    if (ftruncate(log->fd, log->size) < 0)
      note(NOTE_DEBUG, "Failed to truncate log file %s", log->path);
    return;
  }
  log->size += (int64_t)length;
  log->total += (int64_t)length;
  log->failed = false;
}

// "2024-05-01T12:00:00.123456789+02:00 stdout F "; the letter is the last character but one. Most of it stays the same for
// a second.
static size_t format_prefix(char *text, size_t size, enum stream_type type) {
  static char date[32], zone[16];
  static time_t second = -1;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (now.tv_sec != second) {
    struct tm local;
    localtime_r(&now.tv_sec, &local);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local);
    long offset = local.tm_gmtoff / 60, distance = offset < 0 ? -offset : offset;
    snprintf(zone, sizeof zone, "%c%02ld:%02ld", offset < 0 ? '-' : '+', distance / 60 % 100, distance % 60);
    second = now.tv_sec;
  }
  const char *stream = type == STREAM_STDERR ? "stderr" : "stdout";
  return (size_t)snprintf(text, size, "%s.%09ld%s %s F ", date, now.tv_nsec, zone, stream);
}

// False: the total limit is reached, nothing more is recorded.
static bool make_room(struct log_file *log, size_t record) {
  const struct options *options = log->options;
  int64_t total = log->total + (int64_t)(batch.used + record), size = log->size + (int64_t)(batch.used + record);
  if (options->log_global_size_max >= 0 && total > options->log_global_size_max)
    return false;
  if (options->log_size_max > 0 && size > options->log_size_max) {
    flush(log);
    log_file_reopen(log);
  }
  if (batch.used + record > sizeof batch.data)
    flush(log);
  return true;
}

// Somebody may have removed the file: what comes next would be lost with it.
static void look_for_file(struct log_file *log) {
  struct stat info;
  time_t now = time(NULL);
  if (log->fd < 0 || now == log->checked)
    return;
  log->checked = now;
  if (fstat(log->fd, &info) < 0 || info.st_nlink > 0)
    return;
  int fd = open_log(log->path, 0);
  if (fd < 0)
    return;
  close(log->fd);
  log->fd = fd;
  log->size = fstat(fd, &info) == 0 ? info.st_size : 0;
}

// Whole records of `data`, as many as surely fit into the batch; returns what is left. Without limits on the log this is
// where a flood spends its time.
static size_t append_lines(const char *prefix, size_t prefix_length, const char *data, size_t length) {
  char *at = batch.data + batch.used;
  const char *full = batch.data + sizeof batch.data - prefix_length - 1;
  while (length > 0 && at + length < full) {
    const char *newline = memchr(data, '\n', length);
    if (newline == NULL)
      break;
    size_t line = (size_t)(newline - data) + 1;
    at = mempcpy(mempcpy(at, prefix, prefix_length), data, line);
    data += line;
    length -= line;
  }
  batch.used = (size_t)(at - batch.data);
  return length;
}

static void append(const void *data, size_t length) {
  memcpy(batch.data + batch.used, data, length);
  batch.used += length;
}

// False: the total limit is reached.
static bool append_record(struct log_file *log, char *prefix, size_t prefix_length, const char *data, size_t line) {
  bool whole = data[line - 1] == '\n';
  if (!make_room(log, prefix_length + line + !whole))
    return false;
  prefix[prefix_length - 2] = whole ? 'F' : 'P';
  append(prefix, prefix_length);
  append(data, line);
  if (!whole)
    append("\n", 1);
  return true;
}

void log_file_write(struct log_file *log, enum stream_type type, const char *data, size_t length) {
  char prefix[128];
  size_t prefix_length = format_prefix(prefix, sizeof prefix, type);
  bool limited = log->options->log_size_max > 0 || log->options->log_global_size_max >= 0;
  look_for_file(log);
  for (bool more = true; more && length > 0;) {
    size_t left = limited ? length : append_lines(prefix, prefix_length, data, length);
    data += length - left;
    length = left;
    if (length == 0)
      break;
    const char *newline = memchr(data, '\n', length);
    size_t line = newline == NULL ? length : (size_t)(newline - data) + 1;
    more = append_record(log, prefix, prefix_length, data, line);
    data += line;
    length -= line;
  }
  flush(log);
}

// Through a second name: a reader of PATH never finds nothing there.
static int replace(const struct log_file *log) {
  char temporary[PATH_MAX];
  if (snprintf(temporary, sizeof temporary, "%s.tmp", log->path) >= (int)sizeof temporary)
    return -1;
  int fd = open_log(temporary, O_TRUNC);
  if (fd >= 0 && rename(temporary, log->path) == 0)
    return fd;
  note(NOTE_WARNING, "Failed to replace log file %s: %s", log->path, strerror(errno));
  if (fd >= 0)
    close(fd);
  return -1;
}

void log_file_reopen(struct log_file *log) {
  int fd = log->options->log_rotate ? log_rotate(log) : replace(log);
  if (fd < 0)
    return;
  close(log->fd);
  log->fd = fd;
  log->size = 0;
}

void log_file_close(struct log_file *log, bool sync) {
  if (sync && fsync(log->fd) < 0)
    note(NOTE_WARNING, "Failed to sync log file before exit: %s", strerror(errno));
  close(log->fd);
  log->fd = -1;
}
