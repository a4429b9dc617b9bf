// Preloaded into the monitor: the wall clock jumps to and fro by ten years with every look at it.
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { TEN_YEARS = 315360000 };

int clock_gettime(clockid_t clock, struct timespec *time) {
  static int looks;
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (clock == CLOCK_REALTIME && looks++ % 2 == 0)
    time->tv_sec -= TEN_YEARS;
  return result;
}
