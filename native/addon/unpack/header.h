// One 512-byte header block: v7, ustar (POSIX.1-2017), GNU and star.
#pragma once

#include "entry.h"

constexpr size_t kBlock = 512;

bool IsZeroBlock(const uint8_t* block);

// An error text, or null. Old GNU sparse maps are read as far as they fit in the header; `*more` says they go on.
const char* ParseHeader(const uint8_t* block, Entry* entry, bool* more);

// A block that continues an old GNU sparse map.
const char* ParseSparseBlock(const uint8_t* block, Entry* entry, bool* more);

// Cleans `name`, which may not leave the root: what ".." would take away there is dropped, as in a chroot.
std::string CleanPath(const std::string& name);

// True if a ".." takes away more than there is.
bool ClimbsOut(const std::string& name);
