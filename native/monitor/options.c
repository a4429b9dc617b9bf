#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options-table.h"

struct parser {
  struct options *options;
  char **argv;
  int argc, next;
};

__attribute__((format(printf, 1, 2))) static _Noreturn void refuse(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("conmon: option parsing failed: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

static void set_number(struct options *options, const struct option_spec *spec, const char *value) {
  char *end = NULL;
  errno = 0;
  long long number = strtoll(value, &end, 0);
  if (end == value || *end != '\0')
    refuse("Cannot parse integer value '%s' for --%s", value, spec->name);
  bool small = spec->kind == OPTION_INT;
  if (errno == ERANGE || (small && (number > INT_MAX || number < INT_MIN)))
    refuse("Integer value '%s' for --%s out of range", value, spec->name);
  char *field = (char *)options + spec->offset;
  if (small)
    *(int *)(void *)field = (int)number;
  else
    *(int64_t *)(void *)field = number;
}

static void append(struct parser *parser, struct list *list, const char *value) {
  if (list->items == NULL)
    list->items = calloc((size_t)parser->argc + 1, sizeof *list->items);
  if (list->items == NULL)
    refuse("out of memory");
  list->items[list->count++] = value;
}

static void set(struct parser *parser, const struct option_spec *spec, const char *value) {
  char *field = (char *)parser->options + spec->offset;
  switch (spec->kind) {
  case OPTION_FLAG:
    *(bool *)field = true;
    break;
  case OPTION_TEXT:
    *(const char **)(void *)field = value;
    break;
  case OPTION_LIST:
    append(parser, (struct list *)(void *)field, value);
    break;
  case OPTION_INT:
  case OPTION_INT64:
    set_number(parser->options, spec, value);
    break;
  }
}

static const char *take_value(struct parser *parser, const char *shown) {
  if (parser->next >= parser->argc)
    refuse("Missing argument for %s", shown);
  return parser->argv[parser->next++];
}

static void parse_long(struct parser *parser, const char *word) {
  const char *equals = strchr(word, '=');
  size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
  for (const struct option_spec *spec = option_table; spec->name != NULL; spec++) {
    if (strncmp(spec->name, word, length) != 0 || spec->name[length] != '\0')
      continue;
    if (spec->kind == OPTION_FLAG)
      set(parser, spec, NULL);
    else
      set(parser, spec, equals != NULL ? equals + 1 : take_value(parser, word - 2));
    return;
  }
  refuse("Unknown option %s", word - 2);
}

// -t, -it, -c ID, -cID
static void parse_letters(struct parser *parser, const char *word) {
  for (const char *letter = word + 1; *letter != '\0'; letter++) {
    const struct option_spec *spec = option_table;
    while (spec->name != NULL && spec->letter != *letter)
      spec++;
    if (spec->name == NULL)
      refuse("Unknown option %s", word);
    if (spec->kind != OPTION_FLAG) {
      set(parser, spec, letter[1] != '\0' ? letter + 1 : take_value(parser, word));
      return;
    }
    set(parser, spec, NULL);
  }
}

static void finish_early(const struct options *options) {
  if (options->help) {
    option_table_print();
    exit(0);
  }
  if (options->version) {
    puts("conmon version " MONITOR_VERSION "\ncommit: tspod");
    exit(0);
  }
}

static _Noreturn void refuse_value(const char *text, int value) {
  fprintf(stderr, "conmon: %s, got %d\n", text, value);
  exit(1);
}

static void check_first(const struct options *options) {
  if (options->log_max_files < 0)
    refuse_value("log-max-files must be non-negative", options->log_max_files);
  if (options->log_rotate && options->log_max_files == 0)
    refuse_value("log-max-files must be at least 1 when log-rotate is enabled", 0);
  if (options->cid == NULL) {
    fputs("conmon: Container ID not provided. Use --cid\n", stderr);
    exit(1);
  }
}

void options_parse(struct options *options, int argc, char **argv) {
  *options = (struct options){.log_size_max = -1,
                              .log_global_size_max = -1,
                              .log_max_files = 1,
                              .socket_dir = "/var/run/crio",
                              .log_level = "warn"};
  struct parser parser = {.options = options, .argv = argv, .argc = argc, .next = 1};
  while (parser.next < argc) {
    const char *word = argv[parser.next++];
    if (strcmp(word, "--") == 0)
      break;
    if (word[0] == '-' && word[1] == '-')
      parse_long(&parser, word + 2);
    else if (word[0] == '-' && word[1] != '\0')
      parse_letters(&parser, word);
  }
  finish_early(options);
  check_first(options);
}
