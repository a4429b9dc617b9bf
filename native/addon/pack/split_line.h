// One line of a tar-split file: `{"type":1,"name":"etc/passwd","size":3,"payload":"..."}`.
#pragma once

#include <cstdint>
#include <string>

struct SplitLine {
  int type = 0;
  std::string name;     // of a file; bytes as in the tar
  uint64_t size = 0;    // of a file's content
  std::string payload;  // decoded: a file's CRC-64, or raw bytes of the tar
};

// False for anything but a flat JSON object with fields of the right kinds.
bool ParseSplitLine(const char* text, size_t size, SplitLine* line);
