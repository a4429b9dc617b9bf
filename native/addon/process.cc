// Processes by pidfd: no number is ever mistaken for another process.
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api.h"

static Napi::Value PidfdOpen(const Info& info) {
  return result(info, syscall(SYS_pidfd_open, static_cast<pid_t>(number(info, 0)), 0));
}

static Napi::Value PidfdSendSignal(const Info& info) {
  return result(info, syscall(SYS_pidfd_send_signal, static_cast<int>(number(info, 0)),
                              static_cast<int>(number(info, 1)), nullptr, 0));
}

// wait(pid, block): the raw wait status, -EAGAIN while the child still runs
static Napi::Value Wait(const Info& info) {
  int status = 0;
  pid_t pid;
  do pid = waitpid(static_cast<pid_t>(number(info, 0)), &status, flag(info, 1) ? 0 : WNOHANG);
  while (pid < 0 && errno == EINTR);
  if (pid < 0) return result(info, -1);
  return plain(info, pid == 0 ? -EAGAIN : status);
}

void RegisterProcess(Napi::Env env, Napi::Object exports) {
  exports["pidfdOpen"] = Napi::Function::New(env, PidfdOpen);
  exports["pidfdSendSignal"] = Napi::Function::New(env, PidfdSendSignal);
  exports["wait"] = Napi::Function::New(env, Wait);
}
