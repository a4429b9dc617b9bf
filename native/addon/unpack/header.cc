#include "header.h"

#include <algorithm>
#include <cstring>

#include "numbers.h"

namespace {

struct Field {
  size_t offset, size;
};

constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kMtime{136, 12}, kSum{148, 8},
    kTarget{157, 100}, kMagic{257, 8}, kMajor{329, 8}, kMinor{337, 8}, kPrefix{345, 155}, kStarPrefix{345, 131},
    kSparse{386, 96}, kIsExtended{482, 1}, kRealSize{483, 12};

bool Number(const uint8_t* block, Field field, int64_t* value) {
  return FieldNumber(block + field.offset, field.size, value);
}

std::string Text(const uint8_t* block, Field field) {
  const char* start = reinterpret_cast<const char*>(block + field.offset);
  return std::string(start, strnlen(start, field.size));
}

bool GoodSum(const uint8_t* block) {
  int64_t wanted = 0;
  if (!Number(block, kSum, &wanted)) return false;
  int64_t plain = 0, withSign = 0;  // some old tars added signed bytes
  for (size_t i = 0; i < kBlock; i++) {
    bool inSum = i >= kSum.offset && i < kSum.offset + kSum.size;
    uint8_t byte = inSum ? ' ' : block[i];
    plain += byte;
    withSign += static_cast<int8_t>(byte);
  }
  return wanted == plain || wanted == withSign;
}

// `count` pairs of offset and size, ended by an empty one.
const char* SparsePairs(const uint8_t* from, size_t count, Entry* entry) {
  for (size_t i = 0; i < count; i++, from += 24) {
    if (from[0] == 0) return nullptr;
    int64_t offset = 0, size = 0;
    if (!FieldNumber(from, 12, &offset) || !FieldNumber(from + 12, 12, &size)) return "malformed sparse map";
    if (offset < 0 || size < 0) return "malformed sparse map";
    entry->extents.push_back({static_cast<uint64_t>(offset), static_cast<uint64_t>(size)});
  }
  return nullptr;
}

const char* OldSparse(const uint8_t* block, Entry* entry, bool* more) {
  int64_t real = 0;
  if (!Number(block, kRealSize, &real) || real < 0) return "malformed sparse size";
  entry->sparse = true;
  entry->realSize = static_cast<uint64_t>(real);
  *more = block[kIsExtended.offset] != 0;
  return SparsePairs(block + kSparse.offset, 4, entry);
}

void Names(const uint8_t* block, Entry* entry) {
  entry->name = Text(block, kName);
  entry->target = Text(block, kTarget);
  if (memcmp(block + kMagic.offset, "ustar\0", 6) != 0) return;
  bool star = memcmp(block + 508, "tar\0", 4) == 0;
  std::string prefix = Text(block, star ? kStarPrefix : kPrefix);
  if (!prefix.empty()) entry->name = prefix + "/" + entry->name;
}

bool Id(const uint8_t* block, Field field, uint32_t* value) {
  int64_t number = 0;
  if (!Number(block, field, &number) || number < 0 || number >= 0xffffffffLL) return false;
  *value = static_cast<uint32_t>(number);
  return true;
}

}  // namespace

bool IsZeroBlock(const uint8_t* block) {
  static const uint8_t zeros[kBlock] = {};
  return memcmp(block, zeros, kBlock) == 0;
}

const char* ParseHeader(const uint8_t* block, Entry* entry, bool* more) {
  if (!GoodSum(block)) return "invalid tar header";
  int64_t mode = 0, size = 0, mtime = 0, major = 0, minor = 0;
  if (!Number(block, kMode, &mode) || !Number(block, kSize, &size) || !Number(block, kMtime, &mtime)) {
    return "invalid tar header";
  }
  if (size < 0) return "negative size";
  if (!Id(block, kUid, &entry->uid) || !Id(block, kGid, &entry->gid)) return "owner out of range";
  Names(block, entry);
  entry->type = static_cast<char>(block[156]);
  bool device = entry->type == '3' || entry->type == '4';
  if (device && (!Number(block, kMajor, &major) || !Number(block, kMinor, &minor))) return "invalid device number";
  if (major < 0 || major > 0xffffffffLL || minor < 0 || minor > 0xffffffffLL) return "invalid device number";
  entry->mode = static_cast<mode_t>(mode & 07777);
  entry->size = static_cast<uint64_t>(size);
  entry->mtime.tv_sec = entry->atime.tv_sec = mtime;
  entry->major = static_cast<uint32_t>(major);
  entry->minor = static_cast<uint32_t>(minor);
  return entry->type == 'S' ? OldSparse(block, entry, more) : nullptr;
}

const char* ParseSparseBlock(const uint8_t* block, Entry* entry, bool* more) {
  *more = block[504] != 0;
  return SparsePairs(block, 21, entry);
}

std::string CleanPath(const std::string& name) {
  std::string out;
  for (size_t at = 0; at < name.size();) {
    size_t end = std::min(name.find('/', at), name.size());
    std::string part = name.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      size_t slash = out.rfind('/');
      out.resize(slash == std::string::npos ? 0 : slash);
      continue;
    }
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

bool ClimbsOut(const std::string& name) {
  int depth = 0;
  for (size_t at = 0; at < name.size();) {
    size_t end = std::min(name.find('/', at), name.size());
    std::string part = name.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    depth += part == ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}
