#include "split_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

namespace {

constexpr size_t kBuffer = 64 * 1024;
// A line holds a file's name, or raw bytes in base64: Podman writes up to some megabytes of those.
constexpr size_t kLongest = 64u << 20;

}  // namespace

SplitFile::~SplitFile() {
  if (started_) inflateEnd(&stream_);
  if (fd_ >= 0) close(fd_);
}

int SplitFile::Open(const std::string& path) {
  fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) return -errno;
  in_.resize(kBuffer);
  out_.resize(kBuffer);
  started_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
  return started_ ? 0 : -ENOMEM;
}

int SplitFile::Next(std::string* line) {
  line->clear();
  for (;;) {
    if (position_ == filled_) {
      int rc = Fill();
      if (rc < 0) return rc;
      if (rc == 0) return line->empty() ? 0 : 1;
    }
    const uint8_t* start = out_.data() + position_;
    const auto* end = static_cast<const uint8_t*>(memchr(start, '\n', filled_ - position_));
    size_t n = end ? static_cast<size_t>(end - start) : filled_ - position_;
    line->append(reinterpret_cast<const char*>(start), n);
    position_ += n + (end ? 1 : 0);
    if (line->size() > kLongest) return -EBADMSG;
    if (end && !line->empty()) return 1;
  }
}

// How many bytes there are now.
int SplitFile::Fill() {
  position_ = filled_ = 0;
  while (filled_ == 0) {
    if (stream_.avail_in == 0) {
      ssize_t n = read(fd_, in_.data(), in_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return -errno;
      if (n == 0) return ended_ ? 0 : -EBADMSG;
      stream_.next_in = in_.data();
      stream_.avail_in = static_cast<uInt>(n);
    }
    if (ended_) inflateReset(&stream_);
    stream_.next_out = out_.data();
    stream_.avail_out = static_cast<uInt>(out_.size());
    int rc = inflate(&stream_, Z_NO_FLUSH);
    ended_ = rc == Z_STREAM_END;
    if (rc != Z_OK && rc != Z_STREAM_END) return -EBADMSG;
    filled_ = out_.size() - stream_.avail_out;
  }
  return static_cast<int>(filled_);
}
