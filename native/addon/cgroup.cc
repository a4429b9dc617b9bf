// The kernel moves processes between cgroups under one lock that is built for readers: the first writer after a pause
// waits for an RCU grace period (5 to 20 ms), those that follow within some milliseconds do not. A thread that moves
// this process to where it is already takes that wait while the caller prepares a container.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "api.h"

static constexpr int kPauseMilliseconds = 4;
static std::atomic<int> rounds_left{0};

static void Warm(const std::string& procs) {
  int fd = open(procs.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  while (rounds_left.fetch_sub(1) > 0 && write(fd, "0", 1) == 1) {
    struct timespec pause = {0, kPauseMilliseconds * 1000000L};
    nanosleep(&pause, nullptr);
  }
  close(fd);
}

// (cgroup.procs of this process's own cgroup, milliseconds at the most)
static Napi::Value WarmCgroups(const Info& info) {
  std::string procs = text(info, 0);
  rounds_left = static_cast<int>(number(info, 1)) / kPauseMilliseconds;
  std::thread([procs] { Warm(procs); }).detach();
  return plain(info, 0);
}

static Napi::Value CoolCgroups(const Info& info) {
  rounds_left = 0;
  return plain(info, 0);
}

void RegisterCgroup(Napi::Env env, Napi::Object exports) {
  exports["warmCgroups"] = Napi::Function::New(env, WarmCgroups);
  exports["coolCgroups"] = Napi::Function::New(env, CoolCgroups);
}
