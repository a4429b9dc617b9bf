#include "split_line.h"

#include <cstring>

namespace {

struct Cursor {
  const char* at;
  const char* end;

  void Space() {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) at++;
  }
  bool Take(char c) {
    Space();
    if (at == end || *at != c) return false;
    at++;
    return true;
  }
};

void AddUtf8(std::string* out, uint32_t c) {
  if (c < 0x80) {
    *out += static_cast<char>(c);
  } else if (c < 0x800) {
    *out += static_cast<char>(0xc0 | c >> 6);
    *out += static_cast<char>(0x80 | (c & 63));
  } else if (c < 0x10000) {
    *out += static_cast<char>(0xe0 | c >> 12);
    *out += static_cast<char>(0x80 | (c >> 6 & 63));
    *out += static_cast<char>(0x80 | (c & 63));
  } else {
    *out += static_cast<char>(0xf0 | c >> 18);
    *out += static_cast<char>(0x80 | (c >> 12 & 63));
    *out += static_cast<char>(0x80 | (c >> 6 & 63));
    *out += static_cast<char>(0x80 | (c & 63));
  }
}

bool Hex4(Cursor& in, uint32_t* value) {
  *value = 0;
  for (int i = 0; i < 4; i++, in.at++) {
    if (in.at == in.end) return false;
    char c = *in.at;
    uint32_t digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c - 'A' + 10;
    if (digit > 15) return false;
    *value = *value << 4 | digit;
  }
  return true;
}

bool Unicode(Cursor& in, std::string* out) {
  uint32_t c, low;
  if (!Hex4(in, &c)) return false;
  bool pair = c >= 0xd800 && c < 0xdc00 && in.end - in.at >= 6 && in.at[0] == '\\' && in.at[1] == 'u';
  if (pair) {
    in.at += 2;
    if (!Hex4(in, &low) || low < 0xdc00 || low > 0xdfff) return false;
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  }
  AddUtf8(out, c);
  return true;
}

bool Escape(Cursor& in, std::string* out) {
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  if (in.at == in.end) return false;
  char c = *in.at++;
  if (c == 'u') return Unicode(in, out);
  const char* found = c ? strchr(from, c) : nullptr;
  if (!found) return false;
  *out += to[found - from];
  return true;
}

bool Text(Cursor& in, std::string* out) {
  if (!in.Take('"')) return false;
  out->clear();
  while (in.at < in.end) {
    const char* start = in.at;
    while (in.at < in.end && *in.at != '"' && *in.at != '\\') in.at++;
    out->append(start, in.at);
    if (in.at == in.end) return false;
    if (*in.at++ == '"') return true;
    if (!Escape(in, out)) return false;
  }
  return false;
}

bool Number(Cursor& in, uint64_t* value) {
  in.Space();
  const char* start = in.at;
  *value = 0;
  for (; in.at < in.end && *in.at >= '0' && *in.at <= '9'; in.at++) {
    if (*value > (UINT64_MAX >> 1) / 10) return false;
    *value = *value * 10 + static_cast<uint64_t>(*in.at - '0');
  }
  return in.at > start;
}

bool Base64(const std::string& text, std::string* out) {
  out->clear();
  out->reserve(text.size() / 4 * 3);
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    if (c == '=') break;
    int digit = c >= 'A' && c <= 'Z'   ? c - 'A'
                : c >= 'a' && c <= 'z' ? c - 'a' + 26
                : c >= '0' && c <= '9' ? c - '0' + 52
                : c == '+'             ? 62
                : c == '/'             ? 63
                                       : -1;
    if (digit < 0) return false;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    if (++count % 4 == 0) {
      *out += static_cast<char>(bits >> 16);
      *out += static_cast<char>(bits >> 8);
      *out += static_cast<char>(bits);
    }
  }
  if (count % 4 == 1) return false;
  if (count % 4 >= 2) *out += static_cast<char>(bits >> (count % 4 == 2 ? 4 : 10));
  if (count % 4 == 3) *out += static_cast<char>(bits >> 2);
  return true;
}

bool Field(Cursor& in, const std::string& key, SplitLine* line) {
  std::string text;
  uint64_t number;
  if (key == "type") {
    if (!Number(in, &number) || number > 9) return false;
    line->type = static_cast<int>(number);
    return true;
  }
  if (key == "size") return Number(in, &line->size);
  if (key == "name") return Text(in, &line->name);
  if (key == "name_raw") return Text(in, &text) && Base64(text, &line->name);
  if (key == "payload") {
    in.Space();
    if (in.end - in.at >= 4 && memcmp(in.at, "null", 4) == 0) {
      in.at += 4;
      return true;
    }
    return Text(in, &text) && Base64(text, &line->payload);
  }
  in.Space();
  return in.at < in.end && (*in.at == '"' ? Text(in, &text) : Number(in, &number));
}

}  // namespace

bool ParseSplitLine(const char* text, size_t size, SplitLine* line) {
  Cursor in{text, text + size};
  *line = SplitLine();
  std::string key;
  if (!in.Take('{')) return false;
  if (in.Take('}')) return true;
  do {
    if (!Text(in, &key) || !in.Take(':') || !Field(in, key, line)) return false;
  } while (in.Take(','));
  return in.Take('}');
}
