// passwd(5). Read by hand: a static program has no name services.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher.h"

void look_up_user(uid_t uid, char* name, size_t size, char* home, size_t home_size) {
  char line[4096];
  FILE* file = fopen("/etc/passwd", "re");
  *name = '\0';
  if (home) *home = '\0';
  while (file && fgets(line, sizeof line, file)) {
    char *rest = line, *fields[6] = {0};
    for (size_t i = 0; i < 6 && rest; i++) fields[i] = strsep(&rest, ":");
    if (!fields[5] || !*fields[2] || strtoul(fields[2], NULL, 10) != uid) continue;
    snprintf(name, size, "%s", fields[0]);
    if (home) snprintf(home, home_size, "%s", fields[5]);
    break;
  }
  if (file) fclose(file);
}
