#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher.h"

void complain(const char* format, ...) {
  va_list words;
  va_start(words, format);
  fputs("Error: ", stderr);
  vfprintf(stderr, format, words);
  fputc('\n', stderr);
  va_end(words);
}

void warn(const char* format, ...) {
  va_list words;
  va_start(words, format);
  fputs("WARN: ", stderr);
  vfprintf(stderr, format, words);
  fputc('\n', stderr);
  va_end(words);
}

static bool sysctl_is(const char* path, const char* value) {
  char text[32];
  return read_text(-100 /* AT_FDCWD */, path, text, sizeof text) > 0 && strcmp(text, value) == 0;
}

void complain_forbidden(int error) {
  if (sysctl_is("/proc/sys/user/max_user_namespaces", "0")) {
    complain(
        "user namespaces are switched off: set the sysctl "
        "user.max_user_namespaces to 28633");
  } else if (sysctl_is("/proc/sys/kernel/unprivileged_userns_clone", "0")) {
    complain(
        "user namespaces are forbidden for users: set the sysctl "
        "kernel.unprivileged_userns_clone to 1");
  } else if (sysctl_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1")) {
    complain(
        "AppArmor forbids user namespaces: set the sysctl "
        "kernel.apparmor_restrict_unprivileged_userns to 0, or add a "
        "profile with the permission \"userns\"");
  } else if (error == ENOSPC || error == EUSERS) {
    complain(
        "too many user namespaces: raise the sysctl "
        "user.max_user_namespaces, or nest less deep");
  } else {
    complain(
        "making a user namespace: %s: the kernel, or the seccomp profile "
        "of the container around, does not "
        "allow it",
        strerror(error));
  }
}
