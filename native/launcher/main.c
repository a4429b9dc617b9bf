// launcher NODE ARGUMENT...   executes NODE; for a user who is not root, in
// namespaces where the user is.
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

// True for root, and within namespaces that were entered before.
static bool may_mount(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};
  if (geteuid() != 0 || syscall(SYS_capget, &header, sets) < 0) return false;
  return sets[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective & CAP_TO_MASK(CAP_SYS_ADMIN);
}

// Words that need neither store nor containers: they must work where namespaces
// are forbidden. What stands before the program is Node's.
static bool needs_none(char** argv) {
  static const char* const words[] = {"version", "--version", "-v", "help", "--help", "completion", "__complete"};
  static const char program[] = "/main.cjs";
  for (; *argv; argv++) {
    size_t length = strlen(*argv);
    if (length >= sizeof program && strcmp(*argv + length - (sizeof program - 1), program) == 0) break;
  }
  if (!*argv || !argv[1]) return true;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(argv[1], words[i]) == 0) return true;
  }
  return false;
}

// Inside everybody is root, whose home is another.
static void keep_home(const struct caller* caller) {
  char name[256], home[PATH_MAX];
  if (getenv("HOME")) return;
  look_up_user(caller->uid, name, sizeof name, home, sizeof home);
  setenv("HOME", *home ? home : "/", 1);
}

static void describe(const struct caller* caller) {
  char number[16];
  keep_home(caller);
  setenv("_CONTAINERS_USERNS_CONFIGURED", "done", 1);
  snprintf(number, sizeof number, "%u", caller->uid);
  setenv("_CONTAINERS_ROOTLESS_UID", number, 1);
  snprintf(number, sizeof number, "%u", caller->gid);
  setenv("_CONTAINERS_ROOTLESS_GID", number, 1);
  setenv("XDG_RUNTIME_DIR", caller->runtime_dir, 1);
  // Tells commands that the namespaces are the launcher's, not those of a
  // surrounding `unshare`.
  setenv("TSPOD_LAUNCHED", "1", 1);
}

static int enter(struct caller* caller) {
  int rc = find_runtime_dir(caller);
  if (rc < 0) return rc;
  char* folder = getcwd(NULL, 0);
  int holder = open_holder(caller);
  if (holder == -ESRCH) holder = create_namespaces(caller);
  if (holder < 0) return holder;
  rc = join(holder);
  if (rc < 0) complain("joining the user namespace of \"%s\": %s", caller->pid_file, strerror(-rc));
  if (rc < 0) return rc;
  close(holder);
  // The working directory is that of the new mount namespace only when it is
  // entered again.
  if (folder && chdir(folder) < 0) {
    complain("entering \"%s\" in the user namespace: %s", folder, strerror(errno));
    return -errno;
  }
  free(folder);
  describe(caller);
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 2) return exit_failed;
  struct caller caller = {.uid = geteuid(), .gid = getegid(), .title = argv[0]};
  caller.title_size = (size_t)(argv[argc - 1] - argv[0]) + strlen(argv[argc - 1]) + 1;
  if (!may_mount() && !needs_none(argv + 2) && enter(&caller) < 0) return exit_failed;
  execv(argv[1], argv + 1);
  complain("executing \"%s\": %s", argv[1], strerror(errno));
  return exit_failed;
}
