// One member of a layer's tar, as the header blocks describe it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

struct Extent {
  uint64_t offset, size;
};

struct Entry {
  std::string name;    // as in the tar
  std::string path;    // cleaned: no leading slash, no "." or ".."; empty for the root
  std::string target;  // of links
  char type = '0';
  mode_t mode = 0;
  uint32_t uid = 0, gid = 0;
  uint32_t major = 0, minor = 0;
  uint64_t size = 0;      // bytes in the tar
  uint64_t realSize = 0;  // of a sparse file, once unpacked
  timespec mtime = {}, atime = {};
  bool sparse = false;
  bool mapInData = false;  // PAX sparse 1.0: the map precedes the data
  std::vector<Extent> extents;
  std::vector<std::pair<std::string, std::string>> xattrs;
};
