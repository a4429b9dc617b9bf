#include "reassembler.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "../unpack/crc64.h"
#include "split_file.h"

Reassembler::~Reassembler() {
  for (int fd : folders_) close(fd);
}

bool Reassembler::Run(const std::string& tarSplit, TarSink& sink) {
  SplitFile file;
  std::string text;
  SplitLine line;
  if (!OpenFolders()) return false;
  int rc = file.Open(tarSplit);
  if (rc == -ENOENT) return faults_.Set(FaultKind::corrupt, "its tar-split file is missing");
  if (rc < 0) return faults_.Set(FaultKind::system, "open " + Quote(tarSplit), -rc);
  while ((rc = file.Next(&text)) > 0) {
    if (!ParseSplitLine(text.data(), text.size(), &line)) return faults_.Set(FaultKind::corrupt, "its tar-split file is broken");
    if (line.type == 2 && !sink.Raw(reinterpret_cast<const uint8_t*>(line.payload.data()), line.payload.size())) return false;
    // Podman also writes entries without content, for folders and links.
    if (line.type == 1 && line.size > 0 && !File(line, sink)) return false;
  }
  if (rc == -EBADMSG) return faults_.Set(FaultKind::corrupt, "its tar-split file is broken");
  return rc == 0 || faults_.Set(FaultKind::system, "read " + Quote(tarSplit), -rc);
}

bool Reassembler::OpenFolders() {
  for (const std::string& name : names_) {
    int fd = open(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return faults_.Set(FaultKind::corrupt, "its folder " + Quote(name) + " is missing");
    folders_.push_back(fd);
  }
  return true;
}

bool Reassembler::File(const SplitLine& line, TarSink& sink) {
  int fd = OpenFile(line.name);
  if (fd < 0) return false;
  struct stat st = {};
  bool same = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && static_cast<uint64_t>(st.st_size) == line.size;
  bool ok = same ? sink.BeginFile() && Copy(line, fd, sink) && sink.EndFile() : Changed(line.name);
  close(fd);
  return ok;
}

int Reassembler::OpenFile(const std::string& name) {
  struct open_how how = {};
  // Non-blocking: a fifo in the place of the file must not stop us.
  how.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  for (int folder : folders_) {
    int fd, tries = 0;
    do fd = static_cast<int>(syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how));
    while (fd < 0 && (errno == EAGAIN || errno == EINTR) && ++tries < 64);
    if (fd >= 0) return fd;
    if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
      faults_.Set(FaultKind::system, "open " + Quote(name), errno);
      return -1;
    }
  }
  faults_.Set(FaultKind::corrupt, Quote(name) + " is missing: file integrity checksum failed");
  return -1;
}

bool Reassembler::Copy(const SplitLine& line, int fd, TarSink& sink) {
  uint64_t crc = 0;
  for (uint64_t left = line.size; left > 0;) {
    size_t room = 0;
    uint8_t* into = sink.Room(&room);
    if (!into) return false;
    ssize_t n = read(fd, into, static_cast<size_t>(std::min<uint64_t>(room, left)));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return faults_.Set(FaultKind::system, "read " + Quote(line.name), errno);
    if (n == 0) return Changed(line.name);
    crc = Crc64(crc, into, static_cast<size_t>(n));
    if (!sink.Commit(static_cast<size_t>(n))) return false;
    left -= static_cast<uint64_t>(n);
  }
  char expected[8];
  for (int i = 0; i < 8; i++) expected[i] = static_cast<char>(crc >> (56 - 8 * i));
  return line.payload == std::string(expected, sizeof expected) || Changed(line.name);
}

bool Reassembler::Changed(const std::string& name) {
  return faults_.Set(FaultKind::corrupt, Quote(name) + " was changed: file integrity checksum failed");
}
