// Running a program to its end, with its streams captured.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "spawn.h"

namespace {

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
  int pid = rc < 0 ? rc : StartPlan(plan);
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

void RegisterRun(Napi::Env env, Napi::Object exports) { exports["run"] = Napi::Function::New(env, Run); }
