#include "fault.h"

#include <cstdio>

std::string Quote(const std::string& name) {
  std::string out = "\"";
  for (char c : name.substr(0, 512)) {
    auto byte = static_cast<unsigned char>(c);
    char hex[8];
    snprintf(hex, sizeof hex, "\\x%02x", byte);
    if (byte < 0x20 || byte >= 0x7f) out += hex;
    else if (c == '"' || c == '\\') (out += '\\') += c;
    else out += c;
  }
  return out + (name.size() > 512 ? "...\"" : "\"");
}
