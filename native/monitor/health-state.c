#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "health.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

static bool file_starts(const char *folder, const char *place, const char *name, const char *start) {
  char path[PATH_MAX], text[32];
  if (snprintf(path, sizeof path, "%s%s/%s", folder, place, name) >= (int)sizeof path)
    return false;
  return file_read(path, text, sizeof text) > 0 && strncmp(text, start, strlen(start)) == 0;
}

// A process that joins a frozen cgroup freezes with it: nothing can be checked there.
bool health_is_paused(pid_t pid) {
  char path[64], text[8192], *rest = NULL;
  snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
  if (file_read(path, text, sizeof text) < 0)
    return false;
  for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    char *controllers = strchr(line, ':'), *place = controllers == NULL ? NULL : strchr(controllers + 1, ':');
    if (place == NULL)
      continue;
    *place++ = '\0';
    if (controllers[1] == '\0' && file_starts(CGROUP_ROOT, place, "cgroup.freeze", "1"))
      return true;
    if (strstr(controllers, "freezer") != NULL && file_starts(CGROUP_ROOT "/freezer", place, "freezer.state", "FR"))
      return true;
  }
  return false;
}
