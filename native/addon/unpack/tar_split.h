// The tar-split file of a layer: what is needed to make the same tar again from the unpacked files.
// https://github.com/vbatts/tar-split: gzip of JSON lines, type 1 a file's content, type 2 raw bytes.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

class TarSplit {
 public:
  ~TarSplit();
  // 0 or -errno, as all below.
  int Open(const std::string& path);
  int Raw(const uint8_t* data, size_t size);
  int File(const std::string& name, uint64_t size, uint64_t crc);
  int Close();

 private:
  int FlushRaw();
  int Line(const std::string& line);
  int Deflate(int flush);

  int fd_ = -1;
  uint64_t position_ = 0;
  bool started_ = false;
  std::string raw_, line_;
  z_stream stream_ = {};
  std::vector<uint8_t> out_;
};
