#include "tar_split.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "write_all.h"

namespace {

constexpr size_t kRawSegment = 48 * 1024;

void Base64(std::string& out, const uint8_t* data, size_t size) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t start = out.size();
  out.resize(start + (size + 2) / 3 * 4, '=');
  char* to = out.data() + start;
  for (; size >= 3; data += 3, size -= 3, to += 4) {
    uint32_t bits = static_cast<uint32_t>(data[0] << 16 | data[1] << 8 | data[2]);
    to[0] = digits[bits >> 18];
    to[1] = digits[bits >> 12 & 63];
    to[2] = digits[bits >> 6 & 63];
    to[3] = digits[bits & 63];
  }
  if (size == 0) return;
  uint32_t bits = static_cast<uint32_t>(data[0] << 16 | (size == 2 ? data[1] << 8 : 0));
  to[0] = digits[bits >> 18];
  to[1] = digits[bits >> 12 & 63];
  if (size == 2) to[2] = digits[bits >> 6 & 63];
}

// The length of a well-formed UTF-8 sequence that starts here, or 0.
size_t Sequence(const std::string& text, size_t at) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0u; };
  auto more = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  unsigned first = byte(at), second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return more(at + 1) ? 2 : 0;
  if ((first & 0xf0) == 0xe0) {
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
    return more(at + 1) && more(at + 2) ? 3 : 0;
  }
  if (first < 0xf0 || first > 0xf4 || (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return more(at + 1) && more(at + 2) && more(at + 3) ? 4 : 0;
}

bool IsUtf8(const std::string& text) {
  for (size_t i = 0; i < text.size();) {
    size_t length = Sequence(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

// As Go writes it: U+2028 and U+2029, which some readers take for line ends, are escaped too.
void JsonText(std::string& out, const std::string& text) {
  out += '"';
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    auto byte = static_cast<uint8_t>(c);
    if (text.compare(i, 3, "\xe2\x80\xa8") == 0 || text.compare(i, 3, "\xe2\x80\xa9") == 0) {
      out += text[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else if (byte < 0x20) {
      static const char hex[] = "0123456789abcdef";
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

TarSplit::~TarSplit() {
  if (started_) deflateEnd(&stream_);
  if (fd_ >= 0) close(fd_);
}

int TarSplit::Open(const std::string& path) {
  fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd_ < 0) return -errno;
  out_.resize(64 * 1024);
  // Level 1: the file is twice as large as at level 6, of which nobody sees anything, and four times as fast.
  started_ = deflateInit2(&stream_, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  stream_.next_out = out_.data();
  stream_.avail_out = static_cast<uInt>(out_.size());
  return started_ ? 0 : -ENOMEM;
}

int TarSplit::Raw(const uint8_t* data, size_t size) {
  raw_.append(reinterpret_cast<const char*>(data), size);
  return raw_.size() < kRawSegment ? 0 : FlushRaw();
}

int TarSplit::File(const std::string& name, uint64_t size, uint64_t crc) {
  if (int rc = FlushRaw(); rc < 0) return rc;
  line_ = "{\"type\":1,";
  if (IsUtf8(name)) {
    line_ += "\"name\":";
    JsonText(line_, name);
  } else {
    line_ += "\"name_raw\":\"";
    Base64(line_, reinterpret_cast<const uint8_t*>(name.data()), name.size());
    line_ += '"';
  }
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = static_cast<uint8_t>(crc >> (56 - 8 * i));
  line_ += ",\"size\":" + std::to_string(size) + ",\"payload\":\"";
  Base64(line_, bytes, sizeof bytes);
  line_ += "\",\"position\":" + std::to_string(position_++) + "}\n";
  return Line(line_);
}

int TarSplit::Close() {
  if (int rc = FlushRaw(); rc < 0) return rc;
  if (int rc = Deflate(Z_FINISH); rc < 0) return rc;
  int rc = close(fd_) < 0 ? -errno : 0;
  fd_ = -1;
  return rc;
}

int TarSplit::FlushRaw() {
  if (raw_.empty()) return 0;
  line_ = "{\"type\":2,\"payload\":\"";
  Base64(line_, reinterpret_cast<const uint8_t*>(raw_.data()), raw_.size());
  line_ += "\",\"position\":" + std::to_string(position_++) + "}\n";
  raw_.clear();
  return Line(line_);
}

int TarSplit::Line(const std::string& line) {
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(line.data()));
  stream_.avail_in = static_cast<uInt>(line.size());
  return Deflate(Z_NO_FLUSH);
}

int TarSplit::Deflate(int flush) {
  for (;;) {
    int state = deflate(&stream_, flush);
    bool full = stream_.avail_out == 0;
    if (full || state == Z_STREAM_END) {
      if (int rc = WriteAll(fd_, out_.data(), out_.size() - stream_.avail_out); rc < 0) return rc;
      stream_.next_out = out_.data();
      stream_.avail_out = static_cast<uInt>(out_.size());
    }
    if (state == Z_STREAM_END || (flush == Z_NO_FLUSH && stream_.avail_in == 0 && !full)) return 0;
  }
}
