// The tar of a layer, byte for byte as it came, from its unpacked files and its tar-split file
// (https://github.com/vbatts/tar-split). Every file is resolved by the kernel inside the layer's folder.
#pragma once

#include <string>
#include <vector>

#include "../unpack/fault.h"
#include "split_line.h"

// Takes the tar. Each returns false to stop.
class TarSink {
 public:
  virtual ~TarSink() = default;
  virtual bool Raw(const uint8_t* data, size_t size) = 0;
  virtual bool BeginFile() = 0;
  // Up to `room` bytes may be written there; they count once they are committed.
  virtual uint8_t* Room(size_t* room) = 0;
  virtual bool Commit(size_t size) = 0;
  virtual bool EndFile() = 0;
};

class Reassembler {
 public:
  // `folders`: the layer's own, then those below it: a file may have come from there.
  Reassembler(std::vector<std::string> folders, Faults& faults) : names_(std::move(folders)), faults_(faults) {}
  ~Reassembler();

  // False after setting a fault, or when the sink stopped.
  bool Run(const std::string& tarSplit, TarSink& sink);

 private:
  bool OpenFolders();
  bool File(const SplitLine& line, TarSink& sink);
  int OpenFile(const std::string& name);
  bool Copy(const SplitLine& line, int fd, TarSink& sink);
  bool Changed(const std::string& name);

  std::vector<std::string> names_;
  std::vector<int> folders_;
  Faults& faults_;
};
