// Descriptors that the caller left open: reserved ports and the like. They live as long as the container.
#pragma once

#include <stdbool.h>

enum { INHERITED_MAX = 64 };

struct inherited {
  int fds[INHERITED_MAX];
  int count;
};

// Lists what is open from 3 on and marks it close-on-exec. Must run before the process opens anything. Closes at once
// what is the same pipe or socket as stdin, stdout or stderr: a caller may wait for its end of file.
void inherited_scan(struct inherited *inherited);

// Takes one out of the list: it has an owner now.
void inherited_forget(struct inherited *inherited, int fd);

// Lets the first `count` descriptors from 3 on pass into the program that is executed next.
void inherited_pass(const struct inherited *inherited, int count);

void inherited_close(struct inherited *inherited);
