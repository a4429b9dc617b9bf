// Compression of one piece of a stream, independent of all pieces but the bytes before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "../unpack/decoder.h"

struct Piece {
  size_t index = 0;
  bool last = false;
  std::vector<uint8_t> before;  // up to 32 KiB that precede it: what deflate may refer to
  std::unique_ptr<uint8_t[]> data;
  size_t size = 0;
};

class Encoder {
 public:
  virtual ~Encoder() = default;
  // Replaces `out`. False when the machine could not (memory).
  virtual bool Run(const Piece& piece, std::vector<uint8_t>* out) = 0;
};

// Null when the machine cannot encode this. `level` 0 is the default: ISA-L's best, or 4 of zlib, 3 of zstd.
std::unique_ptr<Encoder> MakeEncoder(Compression compression, int level, bool allowIsal);
std::unique_ptr<Encoder> MakeZstdEncoder(int level);
std::unique_ptr<Encoder> MakeIsalEncoder();
