// Numbers as tar writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>

// A header field: octal digits, or base-256 when the first bit is set. False if it is neither, or too large.
bool FieldNumber(const uint8_t* field, size_t size, int64_t* value);

// Decimal digits and nothing else, below 2^63.
bool Decimal(const std::string& text, uint64_t* value);

// Seconds, with a sign and a fraction: a PAX time.
bool PaxTime(const std::string& text, timespec* value);
