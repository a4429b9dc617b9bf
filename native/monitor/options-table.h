// The options as data: the parser and --help read the same rows.
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "options.h"

#define MONITOR_VERSION "2.2.1"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_INT, OPTION_INT64, OPTION_LIST };

struct option_spec {
  const char *name;
  char letter; // 0: none
  enum option_kind kind;
  size_t offset; // into struct options
  const char *help; // NULL: hidden, an old spelling
};

// Ends with a row whose name is NULL.
extern const struct option_spec option_table[];

void option_table_print(void);
