#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "note.h"
#include "options.h"

static enum note_level parse_level(const char *text) {
  static const struct {
    const char *name;
    enum note_level level;
  } levels[] = {{"error", NOTE_ERROR}, {"fatal", NOTE_ERROR},    {"panic", NOTE_ERROR}, {"warn", NOTE_WARNING},
                {"info", NOTE_INFO},   {"warning", NOTE_WARNING}, {"debug", NOTE_DEBUG}, {"trace", NOTE_TRACE}};
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
    if (strcmp(levels[i].name, text) == 0)
      return levels[i].level;
  die("No such log level %s", text);
}

static void check_exec(const struct options *options) {
  if (options->restore != NULL && options->exec)
    die("Cannot use 'exec' and 'restore' at the same time");
  if (options->exec_attach && !options->exec)
    die("Attach can only be specified with exec");
  if (options->exec_attach && !options->api_version)
    die("Attach can only be specified for a non-legacy exec session");
}

static void check_runtime(const struct options *options) {
  if (options->runtime == NULL)
    die("Runtime path not provided. Use --runtime");
  if (access(options->runtime, X_OK) < 0)
    die_errno("Runtime path %s is not valid", options->runtime);
  if (options->exec && options->exec_process_spec == NULL)
    die("Exec process spec path not provided. Use --exec-process-spec");
}

// Exec without a bundle has no attach socket: only a container gets the working directory as its bundle.
static void fill_defaults(struct options *options) {
  if (options->bundle != NULL && options->container_pidfile != NULL)
    return;
  char *folder = getcwd(NULL, 0);
  if (folder == NULL)
    die_errno("Failed to get working directory");
  if (options->container_pidfile == NULL) {
    char *path = NULL;
    if (asprintf(&path, "%s/pidfile-%s", folder, options->cid) < 0)
      die("out of memory");
    options->container_pidfile = path;
  }
  if (options->bundle == NULL && !options->exec)
    options->bundle = folder;
  else
    free(folder);
}

void options_check(struct options *options) {
  note_setup(parse_level(options->log_level), options->cid, options->syslog);
  check_exec(options);
  // The first exec API had no cuuid.
  if (options->cuuid == NULL && (!options->exec || options->api_version))
    die("Container UUID not provided. Use --cuuid");
  check_runtime(options);
  if (options->exit_delay < 0)
    die("Delay before invoking exit command must be greater than or equal to 0");
  fill_defaults(options);
}
