// Making and entering the namespaces.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

static int become_root(void) { return setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0 ? -errno : 0; }

int join(int pidfd) {
  if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS) < 0) return -errno;
  return become_root();
}

// Before a holder says that it is there: others look at the name, which is
// Podman's, and read its namespaces.
static void introduce(const struct caller* caller) {
  memset(caller->title, 0, caller->title_size);
  snprintf(caller->title, caller->title_size, "tspod pause");
  prctl(PR_SET_NAME, "podman pause");
  prctl(PR_SET_DUMPABLE, 1);
}

static void hold(void) {
  setsid();
  signal(SIGHUP, SIG_IGN);
  if (chdir("/") < 0) _exit(1);
  close_range(0, ~0U, 0);
  for (;;) pause();
}

// The caller's end of the pair is `link`: 'n' says that the namespaces are
// there, its answer that they are mapped.
static void holder_main(const struct caller* caller, int link) {
  char word = 'n';
  int error = unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ? errno : 0;
  // The maps are written by processes of this user.
  introduce(caller);
  if (write(link, &error, sizeof error) != sizeof error || error) _exit(1);
  if (read(link, &word, 1) != 1 || become_root() < 0) _exit(1);
  introduce(caller);
  if (write(link, &word, 1) != 1) _exit(1);
  hold();
}

// The map must be there before the holder counts; a failure leaves no process
// behind.
static int set_up(const struct caller* caller, pid_t pid, int link) {
  int error = 0;
  char word = 'm';
  if (read(link, &error, sizeof error) != sizeof error) return -EIO;
  if (error) {
    complain_forbidden(error);
    return -error;
  }
  int rc = write_maps(caller, pid);
  if (rc < 0) return rc;
  if (write(link, &word, 1) == 1 && read(link, &word, 1) == 1) return record_holder(caller, pid);
  complain_forbidden(EPERM);
  return -EPERM;
}

static int make_holder(const struct caller* caller) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return -errno;
  pid_t pid = fork();
  if (pid < 0) return -errno;
  if (pid == 0) {
    close(pair[0]);
    holder_main(caller, pair[1]);
  }
  close(pair[1]);
  int rc = set_up(caller, pid, pair[0]);
  close(pair[0]);
  if (rc == 0) return 0;
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  return rc;
}

static int hold_namespaces_of(const struct caller* caller, int pidfd) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return -errno;
  pid_t pid = fork();
  if (pid < 0) return -errno;
  if (pid == 0) {
    int rc = join(pidfd);
    introduce(caller);
    if (write(pair[1], &rc, sizeof rc) != sizeof rc || rc < 0) _exit(1);
    hold();
  }
  close(pair[1]);
  int rc = 0;
  if (read(pair[0], &rc, sizeof rc) != sizeof rc) rc = -EIO;
  close(pair[0]);
  if (rc < 0) waitpid(pid, NULL, 0);
  return rc < 0 ? rc : record_holder(caller, pid);
}

// One of many first calls makes them, the others wait for it and join.
static int take_lock(const struct caller* caller) {
  char path[PATH_MAX + 16];
  int rc = make_pid_folder(caller);
  if (rc < 0) return rc;
  snprintf(path, sizeof path, "%s.lock", caller->pid_file);
  int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  while (flock(fd, LOCK_EX) < 0) {
    if (errno != EINTR) return -errno;
  }
  return fd;
}

int create_namespaces(const struct caller* caller) {
  int lock = take_lock(caller);
  if (lock < 0) {
    complain("making \"%s\": %s", caller->pid_file, strerror(-lock));
    return lock;
  }
  int holder = open_holder(caller);
  if (holder < 0) {
    // Containers run on, but the holder is gone: their mounts are in the
    // namespaces of their monitors.
    int monitor = find_monitor(caller);
    int rc = monitor < 0 || hold_namespaces_of(caller, monitor) < 0 ? make_holder(caller) : 0;
    if (monitor >= 0) close(monitor);
    holder = rc < 0 ? rc : open_holder(caller);
    if (holder == -ESRCH) complain("the process of \"%s\" ended at once", caller->pid_file);
  }
  close(lock);
  return holder;
}
