#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "health.h"
#include "note.h"

enum { SIZE_LIMIT = 4 << 20 };

struct field {
  const char *name;
  const char **text;
  unsigned *number;
};

static char *read_all(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  struct stat info;
  char *text = NULL;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size < SIZE_LIMIT)
    text = malloc((size_t)info.st_size + 1);
  ssize_t length = text == NULL ? -1 : read(fd, text, (size_t)info.st_size);
  close(fd);
  if (length < 0) {
    free(text);
    return NULL;
  }
  text[length] = '\0';
  return text;
}

static void add_action(struct health_config *config, const char *word) {
  int count = 0;
  while (config->action[count] != NULL)
    count++;
  if (count <= HEALTH_ACTION_WORDS)
    config->action[count] = word;
}

static void take(struct health_config *config, const char *name, const char *value) {
  unsigned with_log = 0;
  const struct field fields[] = {{"process", &config->usual.process, NULL},
                                 {"interval", NULL, &config->usual.interval},
                                 {"timeout", NULL, &config->usual.timeout},
                                 {"retries", NULL, &config->usual.retries},
                                 {"start-period", NULL, &config->start_period},
                                 {"startup-process", &config->startup.process, NULL},
                                 {"startup-interval", NULL, &config->startup.interval},
                                 {"startup-timeout", NULL, &config->startup.timeout},
                                 {"startup-retries", NULL, &config->startup.retries},
                                 {"startup-successes", NULL, &config->startup.successes},
                                 {"max-count", NULL, &config->max_count},
                                 {"max-size", NULL, &config->max_size},
                                 {"log", &config->log, NULL},
                                 {"event-log", &config->event_log, NULL},
                                 {"event-head", &config->event_head, NULL},
                                 {"event-tail", &config->event_tail, NULL},
                                 {"event-limit", NULL, &config->event_limit},
                                 {"event-with-log", NULL, &with_log},
                                 {"notify", &config->notify, NULL}};
  if (strcmp(name, "action") == 0)
    add_action(config, value);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    if (strcmp(fields[i].name, name) != 0)
      continue;
    if (fields[i].text != NULL)
      *fields[i].text = value;
    else
      *fields[i].number = (unsigned)strtoul(value, NULL, 10);
  }
  config->event_with_log |= with_log != 0;
}

bool health_config_read(struct health_config *config, const char *path) {
  char *text = read_all(path), *rest = NULL;
  if (text == NULL)
    return false;
  *config = (struct health_config){.text = text, .usual.retries = 1};
  for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    char *value = strchr(line, ' ');
    if (value == NULL)
      continue;
    *value++ = '\0';
    take(config, line, value);
  }
  if (config->usual.process != NULL && config->log != NULL)
    return true;
  free(text);
  *config = (struct health_config){0};
  return false;
}
