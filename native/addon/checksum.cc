#include <cstring>

#include "api.h"
#include "unpack/crc64.h"

// crc64(state, data): `state` is eight bytes, all zero at the start; at the end the checksum, big endian
static Napi::Value Update(const Info& info) {
  auto state = info[0].As<Napi::Uint8Array>();
  auto data = info[1].As<Napi::Uint8Array>();
  if (state.ByteLength() != 8) return plain(info, -EINVAL);
  uint64_t crc = 0;
  memcpy(&crc, state.Data(), 8);
  crc = __builtin_bswap64(Crc64(__builtin_bswap64(crc), data.Data(), data.ByteLength()));
  memcpy(state.Data(), &crc, 8);
  return plain(info, 0);
}

void RegisterChecksum(Napi::Env env, Napi::Object exports) { exports["crc64"] = Napi::Function::New(env, Update); }
