#include "isal.h"

#include <dlfcn.h>

#include <cstring>
#include <memory>

namespace {

// "tspod" as a gzip member.
const uint8_t kSample[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2b, 0x29, 0x2e,
                           0xc8, 0x4f, 0x01, 0x00, 0x19, 0x04, 0xb1, 0x4f, 0x05, 0x00, 0x00, 0x00};

bool Inflates(const Isal& isal, const uint8_t* sample, size_t size) {
  auto state = std::make_unique<IsalState>();
  uint8_t input[64], out[16] = {};
  memcpy(input, sample, size);
  isal.init(state.get());
  state->crc_flag = kIsalGzip;
  state->next_in = input;
  state->avail_in = static_cast<uint32_t>(size);
  state->next_out = out;
  state->avail_out = sizeof out;
  int rc = isal.inflate(state.get());
  return rc == 0 && state->block_state == kIsalFinished && state->avail_in == 0 && memcmp(out, "tspod", 6) == 0 &&
         state->next_out == out + 5;
}

bool Trusted(const Isal& isal) {
  if (!isal.init || !isal.reset || !isal.inflate || !isal.crc64) return false;
  const auto* digits = reinterpret_cast<const uint8_t*>("123456789");
  return isal.crc64(0, digits, 9) == 0xb90956c775a41001ULL && Inflates(isal, kSample, sizeof kSample);
}

template <typename F>
void Find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
}

const Isal* Load() {
  static Isal isal;
  void* library = dlopen("libisal.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!library) return nullptr;
  Find(library, "isal_inflate_init", isal.init);
  Find(library, "isal_inflate_reset", isal.reset);
  Find(library, "isal_inflate", isal.inflate);
  Find(library, "crc64_iso_refl", isal.crc64);
  return Trusted(isal) ? &isal : nullptr;
}

}  // namespace

const Isal* LoadIsal() {
  static const Isal* isal = Load();
  return isal;
}
