#include "layer.h"

#include <functional>
#include <string_view>

namespace {

constexpr uint64_t kMostMeta = 1u << 20;
constexpr uint64_t kMostSize = 1ULL << 62;

uint64_t Padding(uint64_t size) { return (kBlock - size % kBlock) % kBlock; }

bool IsMeta(char type) { return type == 'x' || type == 'X' || type == 'g' || type == 'L' || type == 'K'; }

std::string Base(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

bool StartsWith(const std::string& text, std::string_view prefix) {
  return std::string_view(text).substr(0, prefix.size()) == prefix;
}

// A folder of the path, not its last part, that is named like a whiteout.
bool BelowWhiteout(const std::string& path) {
  size_t last = path.rfind('/');
  if (last == std::string::npos) return false;
  if (StartsWith(path, ".wh.")) return true;
  size_t found = path.find("/.wh.");
  return found != std::string::npos && found < last;
}

}  // namespace

bool Layer::Run() {
  for (;;) {
    Entry entry;
    Next next = NextEntry(&entry);
    if (next == Next::failed) return false;
    if (next == Next::end) return Tail() && tree_.Finish();
    if (!Check(&entry) || !Apply(entry)) return false;
  }
}

// The next entry, with all that headers before it say about it.
Layer::Next Layer::NextEntry(Entry* entry) {
  pax_ = {};
  longName_.clear();
  longTarget_.clear();
  for (;;) {
    *entry = {};
    Next next = ReadHeader(entry);
    if (next == Next::end && (pax_.any || !longName_.empty())) return Truncated(), Next::failed;
    if (next != Next::entry) return next;
    if (!IsMeta(entry->type)) return Complete(entry) ? Next::entry : Next::failed;
    bool ok = entry->type == 'L'   ? ReadLongName(*entry, &longName_, "path")
              : entry->type == 'K' ? ReadLongName(*entry, &longTarget_, "linkpath")
                                   : ReadPax(*entry);
    if (!ok) return Next::failed;
  }
}

Layer::Next Layer::ReadHeader(Entry* entry) {
  uint8_t block[kBlock];
  size_t got = source_.Read(block, kBlock);
  // An archive without its two zero blocks is complete at the end of an entry.
  if (got == 0) return Next::end;
  if (got < kBlock) return Truncated(), Next::failed;
  if (!Raw(block, kBlock)) return Next::failed;
  if (IsZeroBlock(block)) {
    got = source_.Read(block, kBlock);
    if (!Raw(block, got)) return Next::failed;
    if (got == kBlock && !IsZeroBlock(block)) {
      return faults_.Set(FaultKind::refused, "invalid tar header after a zero block"), Next::failed;
    }
    return Next::end;
  }
  bool more = false;
  const char* error = ParseHeader(block, entry, &more);
  while (!error && more) {
    if (!ReadBlock(block)) return Next::failed;
    error = ParseSparseBlock(block, entry, &more);
    if (entry->extents.size() > kMostMeta) error = "too many sparse extents";
  }
  if (error) return Refuse(*entry, error), Next::failed;
  return Next::entry;
}

bool Layer::ReadBlock(uint8_t* block) {
  if (source_.Read(block, kBlock) < kBlock) return Truncated();
  return Raw(block, kBlock);
}

bool Layer::ReadMeta(const Entry& entry, std::string* text) {
  if (entry.size > kMostMeta) return Refuse(entry, "extended header is too long");
  text->resize(entry.size + Padding(entry.size));
  auto* bytes = reinterpret_cast<uint8_t*>(text->data());
  if (source_.Read(bytes, text->size()) < text->size()) return Truncated();
  if (!Raw(bytes, text->size())) return false;
  text->resize(entry.size);
  return true;
}

bool Layer::ReadLongName(const Entry& entry, std::string* name, const std::string& other) {
  std::string text;
  if (!ReadMeta(entry, &text)) return false;
  text.resize(std::min(text.find('\0'), text.size()));
  if (!name->empty() || pax_.values.count(other)) return Refuse(entry, "has two long names");
  *name = text;
  return true;
}

bool Layer::ReadPax(const Entry& entry) {
  std::string text;
  if (!ReadMeta(entry, &text)) return false;
  Pax pax;
  const char* error = ParsePax(text, &pax);
  if (!error && entry.type == 'g') error = CheckGlobalPax(pax);
  if (!error && entry.type != 'g' && pax_.any) error = "has two PAX headers";
  bool twice =
      (!longName_.empty() && pax.values.count("path")) || (!longTarget_.empty() && pax.values.count("linkpath"));
  if (!error && twice) error = "has two long names";
  if (error) return Refuse(entry, error);
  if (entry.type != 'g') pax_ = std::move(pax);
  return true;
}

bool Layer::Complete(Entry* entry) {
  if (!longName_.empty()) entry->name = longName_;
  if (!longTarget_.empty()) entry->target = longTarget_;
  const char* error = pax_.any ? ApplyPax(pax_, entry) : nullptr;
  if (error) return Refuse(*entry, error);
  if (entry->type == '\0' && !entry->name.empty() && entry->name.back() == '/') entry->type = '5';
  // Other kinds have no data, whatever their size field says.
  if (entry->type >= '1' && entry->type <= '6') entry->size = 0;
  if (entry->size > kMostSize) return Refuse(*entry, "size out of range");
  if (entry->atime.tv_sec < entry->mtime.tv_sec) entry->atime = entry->mtime;
  entry->path = CleanPath(entry->name);
  return true;
}

bool Layer::Check(Entry* entry) {
  if (++entries_ > limits_.maxEntries) return Refuse(*entry, "the layer has too many entries");
  if (entry->name.empty()) return Refuse(*entry, "has no name");
  if (entry->path.size() > 4095) return Refuse(*entry, "name too long");
  if (!seen_.insert(std::hash<std::string>()(entry->path)).second) {
    return Refuse(*entry, "duplicates of file paths not supported");
  }
  return true;
}

bool Layer::Apply(const Entry& entry) {
  if (entry.type == 'V') return Skip(entry.size);
  std::string base = Base(entry.path);
  // Left-overs of aufs mean nothing to anybody else.
  if (StartsWith(entry.path, ".wh..wh.") && base != ".wh..wh..opq") return Skip(entry.size);
  if (BelowWhiteout(entry.path)) return Refuse(entry, "whiteout used as a folder");
  if (StartsWith(base, ".wh.")) return ApplyWhiteout(entry, base) && Skip(entry.size);
  uids.insert(entry.uid);
  gids.insert(entry.gid);
  switch (entry.type) {
    case '0':
    case '\0':
    case '7':
    case 'S': return entry.sparse ? SparseFile(entry) : File(entry);
    case '1': return tree_.AddHardlink(entry);
    case '2': return tree_.AddSymlink(entry);
    case '3':
    case '4':
    case '6': return tree_.AddNode(entry);
    case '5': return tree_.AddFolder(entry);
    default: return Refuse(entry, "unsupported type " + Quote(std::string(1, entry.type)));
  }
}

bool Layer::ApplyWhiteout(const Entry& entry, const std::string& base) {
  if (base == ".wh..wh..opq") return tree_.MarkOpaque(entry);
  std::string hidden = base.substr(4);
  if (hidden.empty() || hidden == "." || hidden == "..") return Refuse(entry, "whiteout of no file");
  if (StartsWith(hidden, ".wh.")) return true;
  return tree_.AddWhiteout(entry, hidden);
}

// Bytes that are not kept as a file: only the tar-split remembers them.
bool Layer::Skip(uint64_t size) {
  const uint8_t* data;
  for (uint64_t left = size + (size ? Padding(size) : 0); left > 0;) {
    size_t n = static_cast<size_t>(std::min<uint64_t>(source_.Peek(&data), left));
    if (n == 0) return Truncated();
    if (!Raw(data, n)) return false;
    source_.Consume(n);
    left -= n;
  }
  return true;
}

bool Layer::Pad(uint64_t size) {
  uint8_t padding[kBlock];
  size_t wanted = Padding(size);
  if (source_.Read(padding, wanted) < wanted) return Truncated();
  return Raw(padding, wanted);
}

// Zero blocks and whatever follows them belong to the blob too.
bool Layer::Tail() {
  const uint8_t* data;
  while (size_t n = source_.Peek(&data)) {
    if (!Raw(data, n)) return false;
    source_.Consume(n);
  }
  return true;
}

bool Layer::Raw(const uint8_t* data, size_t size) {
  int rc = split_.Raw(data, size);
  return rc == 0 || faults_.Set(FaultKind::system, "write tar-split", -rc);
}

bool Layer::Refuse(const Entry& entry, const std::string& why) {
  return faults_.Set(FaultKind::refused, "layer entry " + Quote(entry.name) + ": " + why);
}

bool Layer::Truncated() { return faults_.Set(FaultKind::corrupt, "unexpected end of the layer's tar"); }
