#include "crc64.h"

#include <array>
#include <cstring>

#include "isal.h"

namespace {

using Tables = std::array<std::array<uint64_t, 256>, 8>;

Tables Make() {
  Tables tables;
  for (uint64_t i = 0; i < 256; i++) {
    uint64_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) ? 0xD800000000000000ULL : 0);
    tables[0][i] = crc;
  }
  for (size_t i = 0; i < 256; i++) {
    for (size_t t = 1; t < 8; t++) tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xff];
  }
  return tables;
}

// Eight bytes a step.
uint64_t Sliced(uint64_t crc, const uint8_t* data, size_t size) {
  static const Tables tables = Make();
  crc = ~crc;
  for (; size >= 8; data += 8, size -= 8) {
    uint64_t word;
    memcpy(&word, data, 8);
    crc ^= word;  // little endian, as x64 and arm64 are
    uint64_t next = 0;
    for (size_t i = 0; i < 8; i++) next ^= tables[7 - i][(crc >> (8 * i)) & 0xff];
    crc = next;
  }
  for (; size > 0; data++, size--) crc = (crc >> 8) ^ tables[0][(crc ^ *data) & 0xff];
  return ~crc;
}

}  // namespace

uint64_t Crc64(uint64_t crc, const uint8_t* data, size_t size) {
  const Isal* isal = LoadIsal();
  return isal ? isal->crc64(crc, data, size) : Sliced(crc, data, size);
}
