#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "health.h"
#include "note.h"

// Without a limit of the user's: all of them are held in memory, and written each time.
enum { ENTRY_LIMIT = 1000 };

// The length of the UTF-8 sequence at `text`, 0 when it is none.
static size_t sequence(const unsigned char *text, size_t left) {
  if (text[0] < 0x80)
    return 1;
  size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
  if (text[0] < 0xc2 || text[0] > 0xf4 || length > left)
    return 0;
  for (size_t i = 1; i < length; i++)
    if ((text[i] & 0xc0) != 0x80)
      return 0;
  bool too_long = (text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xf0 && text[1] < 0x90);
  bool no_letter = (text[0] == 0xed && text[1] > 0x9f) || (text[0] == 0xf4 && text[1] > 0x8f);
  return too_long || no_letter ? 0 : length;
}

// As a JSON string without its quotes; bytes that are no UTF-8 become U+FFFD. NULL without memory.
static char *json_text(const char *text, size_t length) {
  char *json = malloc(length * 6 + 1), *at = json;
  if (json == NULL)
    return NULL;
  for (size_t i = 0; i < length;) {
    unsigned char c = (unsigned char)text[i];
    size_t size = sequence((const unsigned char *)text + i, length - i);
    if (size == 0)
      at += sprintf(at, "\\ufffd");
    else if (c == '"' || c == '\\')
      at += sprintf(at, "\\%c", c);
    else if (c == '\n')
      at += sprintf(at, "\\n");
    else if (c < 0x20 || c == 0x7f)
      at += sprintf(at, "\\u%04x", c);
    else
      at = mempcpy(at, text + i, size);
    i += size == 0 ? 1 : size;
  }
  *at = '\0';
  return json;
}

static void time_text(char text[48], const struct timespec *time) {
  struct tm parts;
  gmtime_r(&time->tv_sec, &parts);
  size_t length = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &parts);
  snprintf(text + length, 48 - length, ".%09ldZ", time->tv_nsec);
}

static char *entry_json(const struct health_run *run, int code, const struct timespec *ended) {
  char start[48], end[48], *output = json_text(run->text, run->used), *entry = NULL;
  if (output == NULL)
    return NULL;
  time_text(start, &run->started);
  time_text(end, ended);
  if (asprintf(&entry, "{\"Start\":\"%s\",\"End\":\"%s\",\"ExitCode\":%d,\"Output\":\"%s\"}", start, end, code, output) < 0)
    entry = NULL;
  free(output);
  return entry;
}

static void drop_first(struct health *health) {
  free(health->entries[0]);
  health->entry_count--;
  memmove(health->entries, health->entries + 1, health->entry_count * sizeof *health->entries);
}

static void keep(struct health *health, char *entry) {
  char **entries = realloc(health->entries, (health->entry_count + 1) * sizeof *entries);
  if (entries == NULL) {
    free(entry);
    return;
  }
  health->entries = entries;
  health->entries[health->entry_count++] = entry;
  unsigned wanted = health->config.max_count;
  size_t limit = wanted == 0 || wanted > ENTRY_LIMIT ? ENTRY_LIMIT : wanted;
  while (health->entry_count > limit)
    drop_first(health);
}

void health_log_write(const struct health *health) {
  size_t length = 0;
  char *text = NULL;
  FILE *file = open_memstream(&text, &length);
  if (file == NULL)
    return;
  fprintf(file, "{\"Status\":\"%s\",\"FailingStreak\":%u,\"Log\":", health->status, health->streak);
  fputs(health->entry_count == 0 ? "null" : "[", file);
  for (size_t i = 0; i < health->entry_count; i++)
    fprintf(file, "%s%s", i > 0 ? "," : "", health->entries[i]);
  fputs(health->entry_count == 0 ? "}" : "]}", file);
  if (fclose(file) == 0 && !file_write_atomic(health->config.log, text))
    note(NOTE_WARNING, "Failed to write %s: %s", health->config.log, strerror(errno));
  free(text);
}

// The engine drops the older half when its next command finds the journal too long. Until then the news of a container
// that is as healthy as before can wait.
static bool has_room(const struct health_config *config, int fd, bool changed) {
  struct stat info;
  if (fstat(fd, &info) < 0 || info.st_nlink == 0)
    return false;
  return changed || config->event_limit == 0 || info.st_size < (off_t)config->event_limit * 2;
}

// Without the lock, which whoever replaces the file holds, the event may be lost; waiting for it could take long.
static void append_event(const struct health_config *config, const char *line, bool changed) {
  for (int tries = 0; tries < 3; tries++) {
    int fd = open(config->event_log, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
      return;
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    bool locked = fcntl(fd, F_OFD_SETLK, &lock) == 0;
    bool fits = has_room(config, fd, changed);
    bool done = fits && (locked || tries == 2) && write_all(fd, line, strlen(line));
    close(fd);
    if (done)
      return;
    usleep(1000);
  }
}

static void write_event(const struct health *health, const char *entry, const struct timespec *ended, bool changed) {
  const struct health_config *config = &health->config;
  if (config->event_log == NULL || config->event_head == NULL || config->event_tail == NULL)
    return;
  char time[48], streak[48] = "", *line = NULL;
  time_text(time, ended);
  if (health->streak > 0)
    snprintf(streak, sizeof streak, ",\"health_failing_streak\":%u", health->streak);
  char *log = config->event_with_log ? json_text(entry, strlen(entry)) : NULL;
  const char *before = log == NULL ? "" : ",\"health_log\":\"", *after = log == NULL ? "" : "\"";
  if (asprintf(&line, "%s%s\",\"Type\":\"container\",\"health_status\":\"%s\"%s%s%s%s%s\n", config->event_head, time,
               health->status, before, log == NULL ? "" : log, after, streak, config->event_tail) >= 0) {
    append_event(config, line, changed);
    free(line);
  }
  free(log);
}

void health_log_add(struct health *health, int code, const struct timespec *ended, bool changed) {
  char *entry = entry_json(&health->run, code, ended);
  if (entry == NULL)
    return;
  char *copy = strdup(entry);
  keep(health, entry);
  health_log_write(health);
  if (copy != NULL)
    write_event(health, copy, ended, changed);
  free(copy);
}
