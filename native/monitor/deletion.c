#include "deletion.h"

#include "call.h"
#include "note.h"

enum { PATIENCE_MS = 10000 };

void deletion_start(struct monitor *monitor) {
  const struct options *options = &monitor->options;
  if (options->delete_after && !options->exec && monitor->container.ended)
    call_start(monitor, &monitor->deletion, "delete", "--force", -1);
}

void deletion_await(struct monitor *monitor) {
  if (monitor->deletion.pid > 0 && !call_await(monitor, &monitor->deletion, PATIENCE_MS))
    note(NOTE_WARNING, "The runtime's delete goes on after %d ms", PATIENCE_MS);
}
