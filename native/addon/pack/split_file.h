// A gzipped tar-split file, line by line.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

class SplitFile {
 public:
  ~SplitFile();

  // 0 or -errno.
  int Open(const std::string& path);

  // 1: a line, without its end; 0: there are no more; -errno, with EBADMSG for broken compression.
  int Next(std::string* line);

 private:
  int Fill();

  int fd_ = -1;
  bool started_ = false, ended_ = false;
  z_stream stream_ = {};
  std::vector<uint8_t> in_, out_;
  size_t position_ = 0, filled_ = 0;
};
