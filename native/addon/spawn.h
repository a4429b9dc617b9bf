// What it takes to start a program.
#pragma once

#include "api.h"

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

// The part of the arguments that `run` and `launch` share.
Plan PlanOf(const Info& info);

void SortMoves(Plan& plan);

// The pid, or -errno of whatever failed up to exec.
int StartPlan(Plan& plan);
