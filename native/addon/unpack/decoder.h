// Decompression of a layer, one step at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

// As containers/storage numbers them.
enum class Compression { none = 0, bzip2 = 1, gzip = 2, xz = 3, zstd = 4 };

struct Step {
  const uint8_t* in;
  size_t inSize;
  uint8_t* out;
  size_t outSize;
  size_t consumed = 0, produced = 0;
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  // An error text, or null. Takes input or gives output, if there is any of the one and room for the other.
  virtual const char* Run(Step& step) = 0;
  // True where the stream may end.
  virtual bool AtEnd() const = 0;
};

// What the first six bytes (fewer only if the blob is shorter) say.
Compression Sniff(const uint8_t* data, size_t size);

// Null if the machine cannot decode this.
std::unique_ptr<Decoder> MakeDecoder(Compression compression, bool allowIsal);
std::unique_ptr<Decoder> MakeGzip(bool allowIsal);
std::unique_ptr<Decoder> MakeZstd();
