// The first thing that went wrong in a layer. Later ones are consequences of it.
#pragma once

#include <errno.h>

#include <mutex>
#include <string>

enum class FaultKind { none, corrupt, refused, system, unsupported, aborted };

struct Fault {
  FaultKind kind = FaultKind::none;
  int error = 0;  // errno, for `system`
  std::string text;
};

// Shared by the threads of one layer.
class Faults {
 public:
  // Always false, so that `return faults.Set(...)` reads well.
  bool Set(FaultKind kind, std::string message, int error = 0) {
    std::lock_guard<std::mutex> guard(mutex_);
    if (fault_.kind == FaultKind::none) fault_ = {kind, error, std::move(message)};
    return false;
  }
  Fault Get() {
    std::lock_guard<std::mutex> guard(mutex_);
    return fault_;
  }

 private:
  std::mutex mutex_;
  Fault fault_;
};

// A name as it may appear in a message: in quotes, with nothing that a terminal would obey.
std::string Quote(const std::string& name);
