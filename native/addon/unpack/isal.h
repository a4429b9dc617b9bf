// libisal.so.2, if the machine has it: inflates and checks CRC-64 two to three times as fast as zlib does.
#pragma once

#include <cstddef>
#include <cstdint>

// The head of ISA-L's `struct inflate_state`, and room for the rest of it. The layout belongs to soname 2; it is tried
// out before it is trusted.
struct IsalState {
  uint8_t* next_out;
  uint32_t avail_out, total_out;
  uint8_t* next_in;
  uint64_t read_in;
  uint32_t avail_in;
  int32_t read_in_length;
  uint8_t tables[21160 - 40];
  int32_t block_state;
  uint32_t dict_length, bfinal, crc_flag;
  uint8_t rest[262144 - 21176];
};

struct Isal {
  void (*init)(IsalState*) = nullptr;
  void (*reset)(IsalState*) = nullptr;
  int (*inflate)(IsalState*) = nullptr;
  uint64_t (*crc64)(uint64_t, const uint8_t*, uint64_t) = nullptr;
};

enum { kIsalFinished = 5, kIsalGzip = 1 };

// Null when the library is missing or behaves otherwise than expected.
const Isal* LoadIsal();
