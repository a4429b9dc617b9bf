// PAX extended headers (POSIX.1-2017, pax): records of "LENGTH KEY=VALUE\n" that override the header after them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "entry.h"

struct Pax {
  std::map<std::string, std::string> values;
  std::vector<Extent> extents;  // GNU.sparse.offset and .numbytes, which come in pairs (format 0.0)
  bool any = false;
  uint64_t pendingOffset = 0;
  bool pending = false;
};

// An error text, or null.
const char* ParsePax(const std::string& text, Pax* pax);

// A global header may not change what an entry is: readers disagree on whether it counts.
const char* CheckGlobalPax(const Pax& pax);

// Writes the overrides into the entry. An error text, or null.
const char* ApplyPax(const Pax& pax, Entry* entry);
