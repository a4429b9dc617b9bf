#include "options-table.h"

#include <stdio.h>

#define FLAG(name, letter, field, help) {name, letter, OPTION_FLAG, offsetof(struct options, field), help}
#define TEXT(name, letter, field, help) {name, letter, OPTION_TEXT, offsetof(struct options, field), help}
#define INT(name, letter, field, help) {name, letter, OPTION_INT, offsetof(struct options, field), help}
#define INT64(name, letter, field, help) {name, letter, OPTION_INT64, offsetof(struct options, field), help}
#define LIST(name, letter, field, help) {name, letter, OPTION_LIST, offsetof(struct options, field), help}

const struct option_spec option_table[] = {
    FLAG("help", 'h', help, "print this help and end"),
    FLAG("version", 0, version, "print the version and end"),
    FLAG("api-version", 0, api_version, "speak version 1 of the sync pipe protocol"),
    TEXT("bundle", 'b', bundle, "folder of the OCI bundle"),
    TEXT("cid", 'c', cid, "id of the container"),
    TEXT("cuuid", 'u', cuuid, "id used for the socket folder and the journal"),
    TEXT("name", 'n', name, "name of the container"),
    TEXT("runtime", 'r', runtime, "path of the OCI runtime"),
    LIST("runtime-arg", 0, runtime_args, "global argument for the runtime (repeatable)"),
    LIST("runtime-opt", 0, runtime_opts, "option for the runtime's create, restore or exec (repeatable)"),
    LIST("restore-arg", 0, runtime_opts, NULL),
    TEXT("restore", 0, restore, "restore from this checkpoint"),
    TEXT("container-pidfile", 'p', container_pidfile, "the runtime writes the container's pid here"),
    TEXT("pidfile", 0, container_pidfile, NULL),
    TEXT("conmon-pidfile", 'P', conmon_pidfile, "write the monitor's own pid here"),
    LIST("log-path", 'l', log_paths, "[DRIVER:]PATH; drivers: k8s-file, journald, passthrough, none (repeatable)"),
    INT64("log-size-max", 0, log_size_max, "bytes in one log file before it is replaced or rotated"),
    INT64("log-global-size-max", 0, log_global_size_max, "bytes in all, further output is not logged"),
    TEXT("log-tag", 0, log_tag, "tag of records in journald"),
    LIST("log-label", 0, log_labels, "LABEL=VALUE for records in journald (repeatable)"),
    FLAG("log-rotate", 0, log_rotate, "rotate to PATH.1, PATH.2 ... instead of starting over"),
    INT("log-max-files", 0, log_max_files, "number of rotated files to keep (1)"),
    LIST("log-allowlist-dir", 0, log_allowlist, "folder in which logs may be rotated (repeatable)"),
    FLAG("no-container-partial-message", 0, no_container_partial_message, "no mark on partial lines in journald"),
    FLAG("no-sync-log", 0, no_sync_log, "do not fsync the log at the end"),
    TEXT("log-level", 0, log_level, "of the monitor's own messages: error, warn, info, debug, trace"),
    FLAG("syslog", 0, syslog, "send the monitor's own messages to syslog too"),
    FLAG("terminal", 't', terminal, "the process has a terminal"),
    FLAG("stdin", 'i', stdin_open, "the process has a standard input"),
    FLAG("leave-stdin-open", 0, leave_stdin_open, "keep it open when a client goes"),
    FLAG("exec", 'e', exec, "run a process in an existing container"),
    TEXT("exec-process-spec", 0, exec_process_spec, "file with that process"),
    FLAG("exec-attach", 0, exec_attach, "wait for a client before the process starts"),
    FLAG("run-at-once", 0, run_at_once, "start the container once it is created; a client may attach before"),
    FLAG("delete-after", 0, delete_after, "have the runtime delete the container before its end is recorded"),
    FLAG("systemd-cgroup", 's', systemd_cgroup, "the runtime uses systemd's cgroup manager"),
    FLAG("no-pivot", 0, no_pivot, "the runtime does not use pivot_root"),
    FLAG("no-new-keyring", 0, no_new_keyring, "the runtime makes no new session keyring"),
    TEXT("exit-dir", 0, exit_dir, "write the exit code to this folder, in a file named by the id"),
    TEXT("persist-dir", '0', persist_dir, "write `exit` and `oom` to this folder"),
    TEXT("exit-command", 0, exit_command, "program to run after the end"),
    LIST("exit-command-arg", 0, exit_args, "argument for it (repeatable)"),
    TEXT("exit-command-lock", 0, exit_command_lock, "skip it when the holder of this lock has cleaned up"),
    INT("exit-delay", 0, exit_delay, "seconds to wait before it"),
    TEXT("socket-dir-path", 0, socket_dir, "folder of links to the bundles (/var/run/crio)"),
    FLAG("full-attach", 0, full_attach, "the attach socket is in the bundle, without such a link"),
    INT("timeout", 'T', timeout, "seconds after which the container is killed"),
    FLAG("sync", 0, sync, "stay the caller's child"),
    TEXT("sdnotify-socket", 0, sdnotify_socket, "relay the container's readiness messages to this socket"),
    TEXT("health-config", 0, health_config, "what health checks to make, if this file is there"),
    FLAG("replace-listen-pid", 0, replace_listen_pid, "set LISTEN_PID for the runtime"),
    {NULL, 0, OPTION_FLAG, 0, NULL},
};

void option_table_print(void) {
  puts("Usage:\n  conmon [OPTION...] - container monitor of tspod, with the command line of conmon\n\nOptions:");
  for (const struct option_spec *spec = option_table; spec->name != NULL; spec++) {
    if (spec->help == NULL)
      continue;
    char names[48];
    int length = spec->letter != 0 ? snprintf(names, sizeof names, "-%c, ", spec->letter) : 0;
    snprintf(names + length, sizeof names - (size_t)length, "--%s", spec->name);
    printf("  %-36s %s\n", names, spec->help);
  }
}
