// CRC-64/ISO as tar-split records it: reflected 0xD800000000000000, all ones before and after.
#pragma once

#include <cstddef>
#include <cstdint>

uint64_t Crc64(uint64_t crc, const uint8_t* data, size_t size);
