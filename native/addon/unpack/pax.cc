#include "pax.h"

#include <algorithm>

#include "numbers.h"

namespace {

bool HoldsZero(const std::string& text) { return text.find('\0') != std::string::npos; }

// Keys that repeat: each offset is followed by its size.
const char* SparsePair(Pax* pax, const std::string& key, const std::string& value) {
  uint64_t number = 0;
  if (!Decimal(value, &number)) return "malformed sparse map";
  bool isOffset = key == "GNU.sparse.offset";
  if (isOffset == pax->pending) return "malformed sparse map";
  if (isOffset) pax->pendingOffset = number;
  else pax->extents.push_back({pax->pendingOffset, number});
  pax->pending = isOffset;
  return nullptr;
}

const char* Record(Pax* pax, const std::string& key, const std::string& value) {
  if (key.empty() || HoldsZero(key)) return "malformed PAX record";
  if (key == "GNU.sparse.offset" || key == "GNU.sparse.numbytes") return SparsePair(pax, key, value);
  bool xattr = key.rfind("SCHILY.xattr.", 0) == 0;
  if (!xattr && HoldsZero(value)) return "PAX record with a zero byte";
  pax->values[key] = value;
  return nullptr;
}

const std::string* Find(const Pax& pax, const char* key) {
  auto found = pax.values.find(key);
  return found == pax.values.end() || found->second.empty() ? nullptr : &found->second;
}

bool Number(const Pax& pax, const char* key, uint64_t* value) {
  const std::string* text = Find(pax, key);
  return !text || Decimal(*text, value);
}

bool Id(const Pax& pax, const char* key, uint32_t* value) {
  uint64_t number = *value;
  if (!Number(pax, key, &number) || number >= 0xffffffffULL) return false;
  *value = static_cast<uint32_t>(number);
  return true;
}

bool Time(const Pax& pax, const char* key, timespec* value) {
  const std::string* text = Find(pax, key);
  return !text || PaxTime(*text, value);
}

void Xattrs(const Pax& pax, Entry* entry) {
  constexpr size_t prefix = sizeof "SCHILY.xattr." - 1;
  for (auto it = pax.values.lower_bound("SCHILY.xattr."); it != pax.values.end(); ++it) {
    if (it->first.compare(0, prefix, "SCHILY.xattr.") != 0) break;
    entry->xattrs.emplace_back(it->first.substr(prefix), it->second);
  }
}

// Format 0.1: "offset,size,offset,size"
const char* SparseMap(const std::string& text, std::vector<Extent>* extents) {
  std::vector<uint64_t> all;
  for (size_t at = 0; at <= text.size();) {
    size_t comma = std::min(text.find(',', at), text.size());
    uint64_t number = 0;
    if (!Decimal(text.substr(at, comma - at), &number)) return "malformed sparse map";
    all.push_back(number);
    at = comma + 1;
  }
  if (all.size() % 2) return "malformed sparse map";
  for (size_t i = 0; i < all.size(); i += 2) extents->push_back({all[i], all[i + 1]});
  return nullptr;
}

const char* Sparse(const Pax& pax, Entry* entry) {
  const std::string* major = Find(pax, "GNU.sparse.major");
  const std::string* minor = Find(pax, "GNU.sparse.minor");
  const std::string* map = Find(pax, "GNU.sparse.map");
  const std::string* name = Find(pax, "GNU.sparse.name");
  bool one = major && *major == "1";
  if (!one && !map && pax.extents.empty() && !Find(pax, "GNU.sparse.numblocks")) return nullptr;
  if (one && (!minor || *minor != "0")) return "unknown sparse format";
  if (pax.pending || entry->type == 'S') return "malformed sparse map";
  if (name) entry->name = *name;
  entry->sparse = true;
  entry->extents = pax.extents;
  if (map && !one) {
    if (const char* error = SparseMap(*map, &entry->extents)) return error;
  }
  const char* size = one ? "GNU.sparse.realsize" : "GNU.sparse.size";
  if (!Find(pax, size) || !Number(pax, size, &entry->realSize)) return "sparse file without a size";
  entry->mapInData = one;
  return nullptr;
}

}  // namespace

const char* ParsePax(const std::string& text, Pax* pax) {
  for (size_t at = 0; at < text.size();) {
    size_t space = text.find(' ', at);
    uint64_t length = 0;
    if (space == std::string::npos || !Decimal(text.substr(at, space - at), &length)) return "malformed PAX record";
    if (length < space - at + 3 || length > text.size() - at || text[at + length - 1] != '\n') {
      return "malformed PAX record";
    }
    std::string record = text.substr(space + 1, at + length - 1 - (space + 1));
    size_t equals = record.find('=');
    if (equals == std::string::npos) return "malformed PAX record";
    if (const char* error = Record(pax, record.substr(0, equals), record.substr(equals + 1))) return error;
    at += length;
  }
  pax->any = true;
  return nullptr;
}

const char* CheckGlobalPax(const Pax& pax) {
  if (!pax.extents.empty()) return "sparse map in a global header";
  for (const auto& [key, value] : pax.values) {
    bool harmful = key == "path" || key == "linkpath" || key == "size" || key == "uid" || key == "gid" ||
                   key.rfind("GNU.sparse.", 0) == 0 || key.rfind("SCHILY.xattr.", 0) == 0;
    if (harmful) return "global PAX header that changes entries";
  }
  return nullptr;
}

const char* ApplyPax(const Pax& pax, Entry* entry) {
  if (const std::string* path = Find(pax, "path")) entry->name = *path;
  if (const std::string* target = Find(pax, "linkpath")) entry->target = *target;
  if (!Number(pax, "size", &entry->size)) return "malformed size";
  if (!Id(pax, "uid", &entry->uid) || !Id(pax, "gid", &entry->gid)) return "owner out of range";
  if (!Time(pax, "mtime", &entry->mtime)) return "malformed time";
  // Like Podman: a file was not read before it was written.
  entry->atime = entry->mtime;
  if (!Time(pax, "atime", &entry->atime)) return "malformed time";
  Xattrs(pax, entry);
  return Sparse(pax, entry);
}
