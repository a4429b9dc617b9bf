// /etc/subuid and /etc/subgid: NAME-OR-UID:FIRST:COUNT, a line each.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher.h"

static bool parse_number(const char* text, unsigned* value) {
  char* end;
  if (!text || *text < '0' || *text > '9') return false;
  unsigned long number = strtoul(text, &end, 10);
  *value = (unsigned)number;
  return number < 0xffffffffUL && (*end == '\0' || *end == '\n');
}

static bool parse_line(char* line, const char* name, const char* number, struct range* range) {
  char *rest = line, *owner = strsep(&rest, ":"), *first = strsep(&rest, ":"), *count = rest;
  if (strcmp(owner, name) != 0 && strcmp(owner, number) != 0) return false;
  if (!parse_number(first, &range->first) || !parse_number(count, &range->count)) return false;
  return range->count > 0 && range->first + range->count > range->first;
}

int read_ranges(const char* path, const struct caller* caller, struct ranges* ranges) {
  char name[256], number[16], line[512];
  look_up_user(caller->uid, name, sizeof name, NULL, 0);
  // Name services beyond /etc/passwd are not asked; newuidmap checks what is
  // claimed, so a wrong $USER gains nothing.
  if (!*name && getenv("USER")) snprintf(name, sizeof name, "%s", getenv("USER"));
  snprintf(number, sizeof number, "%u", caller->uid);
  ranges->count = 0;
  FILE* file = fopen(path, "re");
  if (!file) return errno == ENOENT ? 0 : -errno;
  while (ranges->count < max_ranges && fgets(line, sizeof line, file)) {
    if (parse_line(line, name, number, &ranges->list[ranges->count])) ranges->count++;
  }
  fclose(file);
  return 0;
}

static bool overlap(const struct range* a, const struct range* b) {
  return a->first < b->first + b->count && b->first < a->first + a->count;
}

bool ranges_overlap(const struct ranges* ranges, unsigned own, struct range* a, struct range* b) {
  struct range single = {own, 1};
  for (size_t i = 0; i < ranges->count; i++) {
    *a = ranges->list[i];
    *b = single;
    if (overlap(a, b)) return true;
    for (size_t j = 0; j < i; j++) {
      *b = ranges->list[j];
      if (overlap(a, b)) return true;
    }
  }
  return false;
}
