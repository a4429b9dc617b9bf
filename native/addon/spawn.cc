// Programs are started by vfork: the time does not grow with Node's memory. The child touches only its own kernel
// state between vfork and exec.
#include "spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace {

std::vector<char*> Pointers(std::vector<std::string>& values) {
  std::vector<char*> out;
  for (auto& value : values) out.push_back(value.data());
  out.push_back(nullptr);
  return out;
}

// Everything from 3 up that was not asked for is closed at exec: nothing of the caller leaks into a container.
void CloseRest(const Plan& plan) {
  unsigned next = 3;
  for (const auto& move : plan.moves) {
    if (move.to < 3) continue;
    unsigned to = static_cast<unsigned>(move.to);
    if (to > next) syscall(SYS_close_range, next, to - 1, CLOSE_RANGE_CLOEXEC);
    next = to + 1;
  }
  syscall(SYS_close_range, next, ~0U, CLOSE_RANGE_CLOEXEC);
}

int PlaceFds(Plan& plan) {
  int above = plan.moves.empty() ? 3 : std::max(3, plan.moves.back().to + 1);
  for (size_t i = 0; i < plan.moves.size(); i++) {
    plan.lifted[i] = fcntl(plan.moves[i].from, F_DUPFD_CLOEXEC, above);
    if (plan.lifted[i] < 0) return -1;
  }
  for (size_t i = 0; i < plan.moves.size(); i++) {
    if (dup2(plan.lifted[i], plan.moves[i].to) < 0) return -1;
  }
  return 0;
}

void ResetSignals() {
  struct sigaction normal = {};
  normal.sa_handler = SIG_DFL;
  for (int i = 1; i < NSIG; i++) sigaction(i, &normal, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

int EnterNetns(const char* path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  return fd < 0 ? -1 : setns(fd, CLONE_NEWNET);
}

int Child(Plan& plan) {
  if (plan.detached) setsid();
  if (!plan.netns.empty() && EnterNetns(plan.netns.c_str()) < 0) return errno;
  if (!plan.cwd.empty() && chdir(plan.cwd.c_str()) < 0) return errno;
  if (PlaceFds(plan) < 0) return errno;
  CloseRest(plan);
  ResetSignals();
  execvpe(plan.file.c_str(), plan.argv.data(), plan.ownEnv ? plan.envp.data() : environ);
  return errno;
}

}  // namespace

// The pid, or -errno of whatever failed up to exec.
int StartPlan(Plan& plan) {
  plan.argv = Pointers(plan.args);
  plan.envp = Pointers(plan.env);
  plan.lifted.assign(plan.moves.size(), -1);
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  volatile int error = 0;
  pid_t pid = vfork();
  if (pid == 0) {
    error = Child(plan);
    _exit(127);
  }
  int failed = pid < 0 ? errno : 0;
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  if (pid < 0) return -failed;
  if (error == 0) return pid;
  waitpid(pid, nullptr, 0);
  return -error;
}

// (file, args, env | null, cwd | null, netns | null, [childFd, ourFd, ...], detached)
Plan PlanOf(const Info& info) {
  Plan plan;
  plan.file = text(info, 0);
  plan.args = texts(info[1]);
  plan.args.insert(plan.args.begin(), plan.file);
  plan.ownEnv = !missing(info, 2);
  plan.env = texts(info[2]);
  plan.cwd = text(info, 3);
  plan.netns = text(info, 4);
  auto pairs = numbers(info[5]);
  for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
    plan.moves.push_back({static_cast<int>(pairs[i + 1]), static_cast<int>(pairs[i])});
  }
  plan.detached = flag(info, 6);
  return plan;
}

void SortMoves(Plan& plan) {
  std::sort(plan.moves.begin(), plan.moves.end(), [](const Move& a, const Move& b) { return a.to < b.to; });
}

static Napi::Value Launch(const Info& info) {
  Plan plan = PlanOf(info);
  SortMoves(plan);
  return plain(info, StartPlan(plan));
}

void RegisterSpawn(Napi::Env env, Napi::Object exports) { exports["launch"] = Napi::Function::New(env, Launch); }
