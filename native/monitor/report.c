#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "note.h"

// Callers read a socket that keeps the borders of messages with a buffer of this size: the rest would be cut off.
enum { PART = 4096 };

int pipe_from_environment(const char *name) {
  const char *text = getenv(name);
  if (text == NULL)
    return -1;
  char *end = NULL;
  errno = 0;
  long fd = strtol(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || fd < 0 || fd > 1048576)
    die("unable to parse %s", name);
  if (fd > 2)
    set_cloexec((int)fd, true);
  return (int)fd;
}

const char *report_key(bool api_version, bool exec) {
  if (api_version)
    return "data";
  return exec ? "exit_code" : "pid";
}

static size_t escape(char *out, const char *text) {
  static const char plain[] = "\\\"/", names[] = "bfnrt", codes[] = "\b\f\n\r\t";
  char *at = out;
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    const char *code = strchr(codes, c);
    if (strchr(plain, c) != NULL)
      at += sprintf(at, "\\%c", c);
    else if (code != NULL)
      at += sprintf(at, "\\%c", names[code - codes]);
    else if (c < 0x20 || c == 0x7f)
      at += sprintf(at, "\\u%04x", c);
    else
      *at++ = (char)c;
  }
  *at = '\0';
  return (size_t)(at - out);
}

void report(int *fd, const char *key, int number, const char *message) {
  if (*fd < 0)
    return;
  size_t room = 64 + (message == NULL ? 0 : strlen(message) * 6);
  char *line = malloc(room);
  if (line == NULL)
    die("out of memory");
  int length = sprintf(line, "{\"%s\": %d", key, number);
  if (message != NULL && *message != '\0') {
    length += sprintf(line + length, ", \"message\": \"");
    length += (int)escape(line + length, message);
    line[length++] = '"';
  }
  length += sprintf(line + length, "}\n");
  bool sent = true;
  for (int at = 0; sent && at < length; at += PART)
    sent = write_all(*fd, line + at, (size_t)(length - at < PART ? length - at : PART));
  int error = errno;
  free(line);
  if (sent)
    return;
  if (error != EPIPE)
    note(NOTE_WARNING, "Unable to send message to parent: %s", strerror(error));
  close(*fd);
  *fd = -1;
}
