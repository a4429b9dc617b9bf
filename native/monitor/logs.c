#include "logs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "note.h"

static bool is_one_of(const char *word, const char *a, const char *b, const char *c) {
  return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

static void use_file(struct logs *logs, char *path) {
  if (path == NULL)
    die("k8s-file requires a filename");
  logs->to_file = true;
  logs->file.path = path;
}

// DRIVER:PATH, PATH, :PATH. A path with a colon is cut there, as conmon does.
static void parse_path(struct logs *logs, const char *text) {
  char *words = strdup(text), *rest = NULL;
  if (words == NULL)
    die("out of memory");
  char *first = strtok_r(words, ":", &rest);
  char *second = first == NULL ? NULL : strtok_r(NULL, ":", &rest);
  if (first == NULL)
    die("log-path must not be empty");
  if (second == NULL && text[0] == ':')
    use_file(logs, first);
  else if (is_one_of(first, "off", "null", "none"))
    return;
  else if (strcmp(first, "passthrough") == 0)
    logs->passthrough = true;
  else if (strcmp(first, "journald") == 0)
    logs->to_journal = true;
  else if (strcmp(first, "k8s-file") == 0)
    use_file(logs, second);
  else if (second == NULL && strchr(text, ':') == NULL)
    use_file(logs, first);
  else
    die("No such log driver %s", first);
}

static void check_label(const char *label) {
  const char *equals = strchr(label, '=');
  if (equals == label)
    die("Container labels must be in format LABEL=VALUE (no LABEL present in '%s')", label);
  if (equals == NULL || strchr(equals + 1, '=') != NULL)
    die("Container labels must be in format LABEL=VALUE (none or more than one '=' present in '%s')", label);
  for (const char *c = label; c < equals; c++)
    if (!isupper((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_')
      die("Container label names must contain only uppercase letters, numbers and underscore (in '%s')", label);
}

static void check_file_options(const struct options *options) {
  if (options->log_tag != NULL)
    die("k8s-file doesn't support --log-tag");
  if (options->log_labels.count > 0)
    die("k8s-file doesn't support --log-label");
}

static void open_journal(struct logs *logs, const struct options *options) {
  if (options->cuuid == NULL || strlen(options->cuuid) <= 12)
    die("Container ID must be longer than 12 characters");
  for (int i = 0; i < options->log_labels.count; i++)
    check_label(options->log_labels.items[i]);
  journal_open(&logs->journal, options);
}

void logs_open(struct logs *logs, const struct options *options) {
  if (options->log_paths.count == 0)
    die("Log driver not provided. Use --log-path");
  for (int i = 0; i < options->log_paths.count; i++)
    parse_path(logs, options->log_paths.items[i]);
  if (logs->to_file)
    log_file_open(&logs->file, options);
  if (logs->to_file && !logs->to_journal)
    check_file_options(options);
  if (logs->to_journal)
    open_journal(logs, options);
  else if (options->no_container_partial_message)
    note(NOTE_WARNING, "--no-container-partial-message has no effect without journald log driver");
}

void logs_write(struct logs *logs, enum stream_type type, const char *data, size_t length) {
  if (logs->to_file)
    log_file_write(&logs->file, type, data, length);
  if (logs->to_journal)
    journal_write(&logs->journal, type, data, length);
}

void logs_reopen(struct logs *logs) {
  if (logs->to_file)
    log_file_reopen(&logs->file);
}

void logs_release_memory(struct logs *logs) {
  if (logs->to_file)
    log_file_release_memory();
}

void logs_finish(struct logs *logs, bool sync) {
  if (logs->to_journal)
    journal_flush(&logs->journal);
  if (logs->to_file)
    log_file_close(&logs->file, sync);
}
