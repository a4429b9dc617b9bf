#include "numbers.h"

#include <limits>

namespace {

bool Base256(const uint8_t* field, size_t size, int64_t* value) {
  bool negative = field[0] & 0x40;
  uint8_t fill = negative ? 0xff : 0;
  uint64_t out = negative ? ~0ULL : 0;
  for (size_t i = 0; i < size; i++) {
    uint8_t byte = i == 0 ? static_cast<uint8_t>((field[0] & 0x7f) | (negative ? 0x80 : 0)) : field[i];
    // All but the last eight bytes may only repeat the sign.
    if (size - i > 8 && byte != fill) return false;
    out = out << 8 | byte;
  }
  *value = static_cast<int64_t>(out);
  return (*value < 0) == negative;
}

bool Padding(uint8_t byte) { return byte == ' ' || byte == 0; }

}  // namespace

bool FieldNumber(const uint8_t* field, size_t size, int64_t* value) {
  if (field[0] & 0x80) return Base256(field, size, value);
  size_t i = 0, end = size;
  while (i < end && Padding(field[i])) i++;
  while (end > i && Padding(field[end - 1])) end--;
  uint64_t out = 0;
  for (; i < end && field[i] != 0; i++) {
    if (field[i] < '0' || field[i] > '7' || out >> 60) return false;
    out = out << 3 | static_cast<uint64_t>(field[i] - '0');
  }
  *value = static_cast<int64_t>(out);
  return true;
}

bool Decimal(const std::string& text, uint64_t* value) {
  if (text.empty() || text.size() > 19) return false;
  uint64_t out = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    out = out * 10 + static_cast<uint64_t>(c - '0');
  }
  *value = out;
  return out <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
}

bool PaxTime(const std::string& text, timespec* value) {
  bool negative = !text.empty() && text[0] == '-';
  size_t start = negative ? 1 : 0, dot = text.find('.');
  uint64_t seconds = 0;
  std::string whole = text.substr(start, dot == std::string::npos ? dot : dot - start);
  if (!Decimal(whole, &seconds)) return false;
  long nanos = 0, unit = 100000000;
  for (size_t i = dot; dot != std::string::npos && ++i < text.size(); unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return false;
    nanos += unit * (text[i] - '0');
  }
  value->tv_sec = static_cast<time_t>(seconds);
  value->tv_nsec = nanos;
  if (!negative) return true;
  value->tv_sec = -value->tv_sec - (nanos ? 1 : 0);
  value->tv_nsec = nanos ? 1000000000 - nanos : 0;
  return true;
}
