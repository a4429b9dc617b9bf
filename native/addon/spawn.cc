// Programs are started by vfork: the time does not grow with Node's memory. The child touches only its own kernel
// state between vfork and exec.
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "api.h"

namespace {

struct Move {
  int from, to;
};

struct Plan {
  std::string file, cwd, netns;
  std::vector<std::string> args, env;
  std::vector<char*> argv, envp;
  std::vector<Move> moves;  // sorted by `to`
  bool detached = false, ownEnv = false;
  std::vector<int> lifted;  // the sources, moved out of the way
};

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

// The pid, or -errno of whatever failed up to exec.
int Start(Plan& plan) {
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

struct Captured {
  int status = 0;
  std::string out, err;
};

int64_t Now() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

struct Streams {
  int in = -1, out = -1, err = -1;
  const uint8_t* input = nullptr;
  size_t left = 0;
};

void CloseAt(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

void Feed(Streams& streams) {
  ssize_t n = write(streams.in, streams.input, streams.left);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n > 0) {
    streams.input += n;
    streams.left -= static_cast<size_t>(n);
  }
  if (n < 0 || streams.left == 0) CloseAt(streams.in);
}

void Drain(int& fd, std::string& into) {
  char buffer[65536];
  ssize_t n = read(fd, buffer, sizeof buffer);
  if (n > 0) into.append(buffer, static_cast<size_t>(n));
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) CloseAt(fd);
}

// Copies until all streams are closed. False when the time is over.
bool Copy(Streams& streams, Captured& captured, int64_t deadline) {
  while (streams.in >= 0 || streams.out >= 0 || streams.err >= 0) {
    struct pollfd fds[3] = {{streams.in, POLLOUT, 0}, {streams.out, POLLIN, 0}, {streams.err, POLLIN, 0}};
    int64_t wait = deadline < 0 ? -1 : std::max<int64_t>(0, deadline - Now());
    int n = poll(fds, 3, static_cast<int>(wait));
    if (n == 0) return false;
    if (n < 0) continue;
    if (fds[0].revents) Feed(streams);
    if (fds[1].revents) Drain(streams.out, captured.out);
    if (fds[2].revents) Drain(streams.err, captured.err);
  }
  return true;
}

// Streams may end long before the process does: the time limit holds for both.
bool WaitUntil(pid_t pid, Captured& captured, int64_t deadline) {
  if (deadline >= 0) {
    int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    struct pollfd one = {fd, POLLIN, 0};
    int n;
    do n = poll(&one, 1, static_cast<int>(std::max<int64_t>(0, deadline - Now())));
    while (n < 0 && errno == EINTR);
    close(fd);
    if (n == 0) return false;
  }
  while (waitpid(pid, &captured.status, 0) < 0 && errno == EINTR) {
  }
  return true;
}

bool Wants(const Plan& plan, int fd) {
  return std::none_of(plan.moves.begin(), plan.moves.end(), [fd](const Move& move) { return move.to == fd; });
}

// Gives the child's fd `to` a pipe, unless the caller placed one there. Our end is returned in `ours`.
int Connect(Plan& plan, int to, int* ours, std::vector<int>& theirs) {
  if (!Wants(plan, to)) return 0;
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) < 0) return -errno;
  bool input = to == 0;
  *ours = input ? fds[1] : fds[0];
  int child = input ? fds[0] : fds[1];
  if (input) fcntl(*ours, F_SETFL, O_NONBLOCK);
  theirs.push_back(child);
  plan.moves.push_back({child, to});
  return 0;
}

int RunPlan(Plan& plan, Streams& streams, int64_t timeout, Captured& captured) {
  std::vector<int> theirs;
  int rc = Connect(plan, 0, &streams.in, theirs);
  if (rc == 0) rc = Connect(plan, 1, &streams.out, theirs);
  if (rc == 0) rc = Connect(plan, 2, &streams.err, theirs);
  SortMoves(plan);
  int pid = rc < 0 ? rc : Start(plan);
  for (int fd : theirs) close(fd);
  if (streams.left == 0) CloseAt(streams.in);
  if (pid > 0) {
    int64_t deadline = timeout > 0 ? Now() + timeout : -1;
    if (!Copy(streams, captured, deadline) || !WaitUntil(pid, captured, deadline)) {
      kill(pid, SIGKILL);
      WaitUntil(pid, captured, -1);
    }
  }
  CloseAt(streams.in);
  CloseAt(streams.out);
  CloseAt(streams.err);
  return pid;
}

}  // namespace

// run(..., input | null, timeoutMs): { status, stdout, stderr } | -errno
static Napi::Value Run(const Info& info) {
  Plan plan = PlanOf(info);
  Streams streams;
  if (info[7].IsTypedArray()) {
    auto input = info[7].As<Napi::Uint8Array>();
    streams.input = input.Data();
    streams.left = input.ByteLength();
  }
  // A child that closes its input early must not end us, nor may it see a SIGPIPE that Node ignores.
  Captured captured;
  int pid = RunPlan(plan, streams, number(info, 8), captured);
  if (pid < 0) return plain(info, pid);
  Napi::Object out = Napi::Object::New(info.Env());
  out["status"] = Napi::Number::New(info.Env(), captured.status);
  out["stdout"] = Napi::String::New(info.Env(), captured.out);
  out["stderr"] = Napi::String::New(info.Env(), captured.err);
  return out;
}

static Napi::Value Launch(const Info& info) {
  Plan plan = PlanOf(info);
  SortMoves(plan);
  return plain(info, Start(plan));
}

void RegisterSpawn(Napi::Env env, Napi::Object exports) {
  exports["run"] = Napi::Function::New(env, Run);
  exports["launch"] = Napi::Function::New(env, Launch);
}
