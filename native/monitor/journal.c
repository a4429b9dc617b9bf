#include "journal.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "note.h"

enum { PARTIAL_SIZE = 8192, FIXED_PARTS = 128 };

static struct partial {
  char data[PARTIAL_SIZE];
  size_t used;
} partials[2] __attribute__((aligned(4096)));

struct record {
  struct iovec parts[FIXED_PARTS];
  int count;
};

void journal_open(struct journal *journal, const struct options *options) {
  journal->options = options;
  memcpy(journal->short_id, options->cuuid, sizeof journal->short_id - 1);
  journal->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (journal->fd < 0)
    die_errno("Failed to create socket");
}

static void add(struct record *record, const void *data, size_t length) {
  if (record->count < FIXED_PARTS)
    record->parts[record->count++] = (struct iovec){.iov_base = (void *)(uintptr_t)data, .iov_len = length};
}

static void add_field(struct record *record, const char *name, const char *value) {
  add(record, name, strlen(name));
  add(record, "=", 1);
  add(record, value, strlen(value));
  add(record, "\n", 1);
}

static void transmit(struct journal *journal, struct record *record) {
  static const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"};
  struct msghdr message = {.msg_name = (void *)(uintptr_t)&address,
                           .msg_namelen = sizeof address,
                           .msg_iov = record->parts,
                           .msg_iovlen = (size_t)record->count};
  while (sendmsg(journal->fd, &message, MSG_NOSIGNAL) < 0)
    if (errno != EINTR) {
      note(NOTE_WARNING, "Failed to write to the journal: %s", strerror(errno));
      return;
    }
}

// A payload may hold any byte: it is sent with its length instead of up to the end of a line.
static void send_record(struct journal *journal, enum stream_type type, const struct iovec payload[2], bool partial) {
  const struct options *options = journal->options;
  struct record record = {.count = 0};
  const char *first = payload[0].iov_base;
  bool has_level = payload[1].iov_len == 0 && payload[0].iov_len >= 3 && first[0] == '<' && first[1] >= '0' &&
                   first[1] <= '7' && first[2] == '>';
  size_t skip = has_level ? 3 : 0;
  char level[] = {has_level ? first[1] : type == STREAM_STDERR ? '3' : '6', '\0'};
  uint64_t length = htole64(payload[0].iov_len + payload[1].iov_len - skip);
  add(&record, "MESSAGE\n", 8);
  add(&record, &length, sizeof length);
  add(&record, first + skip, payload[0].iov_len - skip);
  add(&record, payload[1].iov_base, payload[1].iov_len);
  add(&record, "\n", 1);
  add_field(&record, "PRIORITY", level);
  add_field(&record, "CONTAINER_ID_FULL", options->cuuid);
  add_field(&record, "CONTAINER_ID", journal->short_id);
  const char *name = options->name != NULL ? options->name : journal->short_id;
  add_field(&record, "SYSLOG_IDENTIFIER", options->log_tag != NULL ? options->log_tag : name);
  if (options->name != NULL)
    add_field(&record, "CONTAINER_NAME", options->name);
  if (options->log_tag != NULL)
    add_field(&record, "CONTAINER_TAG", options->log_tag);
  if (partial && !options->no_container_partial_message)
    add_field(&record, "CONTAINER_PARTIAL_MESSAGE", "true");
  for (int i = 0; i < options->log_labels.count && record.count + 2 <= FIXED_PARTS; i++) {
    add(&record, options->log_labels.items[i], strlen(options->log_labels.items[i]));
    add(&record, "\n", 1);
  }
  transmit(journal, &record);
}

static struct partial *partial_of(enum stream_type type) {
  return &partials[type == STREAM_STDERR];
}

static void send_with_partial(struct journal *journal, enum stream_type type, const char *data, size_t length,
                              bool partial) {
  struct partial *waiting = partial_of(type);
  struct iovec payload[2] = {{.iov_base = waiting->data, .iov_len = waiting->used},
                             {.iov_base = (void *)(uintptr_t)data, .iov_len = length}};
  if (waiting->used == 0) {
    payload[0] = payload[1];
    payload[1].iov_len = 0;
  }
  waiting->used = 0;
  send_record(journal, type, payload, partial);
}

void journal_write(struct journal *journal, enum stream_type type, const char *data, size_t length) {
  struct partial *waiting = partial_of(type);
  while (length > 0) {
    const char *newline = memchr(data, '\n', length);
    size_t line = newline == NULL ? length : (size_t)(newline - data);
    size_t room = PARTIAL_SIZE - waiting->used;
    if (newline == NULL && line < room) {
      memcpy(waiting->data + waiting->used, data, line);
      waiting->used += line;
      return;
    }
    bool cut = line > room;
    size_t taken = cut ? room : line;
    send_with_partial(journal, type, data, taken, cut || newline == NULL);
    if (!cut && newline != NULL)
      taken++;
    data += taken;
    length -= taken;
  }
}

void journal_flush(struct journal *journal) {
  for (int i = 0; i < 2; i++)
    if (partials[i].used > 0)
      send_with_partial(journal, i == 1 ? STREAM_STDERR : STREAM_STDOUT, "", 0, true);
}
