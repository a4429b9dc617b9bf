// The command line: conmon's options, with GLib's rules (no abbreviations, operands ignored), plus --exit-command-lock,
// --run-at-once, --delete-after and --health-config.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// A repeatable option. `items` ends with NULL when there is at least one.
struct list {
  const char **items;
  int count;
};

struct options {
  bool api_version, exec, exec_attach, leave_stdin_open, no_container_partial_message, no_new_keyring, no_pivot;
  bool no_sync_log, replace_listen_pid, stdin_open, sync, syslog, systemd_cgroup, terminal, version, help, full_attach;
  bool log_rotate, run_at_once, delete_after;
  const char *bundle, *cid, *cuuid, *name, *runtime, *restore, *container_pidfile, *conmon_pidfile;
  const char *exec_process_spec, *exit_dir, *persist_dir, *exit_command, *exit_command_lock, *socket_dir;
  const char *log_level, *log_tag, *sdnotify_socket, *health_config;
  struct list runtime_args, runtime_opts, exit_args, log_paths, log_labels, log_allowlist;
  int exit_delay, timeout, log_max_files;
  int64_t log_size_max, log_global_size_max;
};

// Reads argv. Prints help, the version or what is wrong, and ends the process in these cases.
void options_parse(struct options *options, int argc, char **argv);

// Checks what belongs together, in the order and with the words that users of conmon know, and fills in defaults.
void options_check(struct options *options);
