// The content of regular and sparse files.
#include <errno.h>
#include <unistd.h>

#include "crc64.h"
#include "layer.h"
#include "numbers.h"

namespace {

// 0 or an errno.
int WriteAt(int fd, const uint8_t* data, size_t size, uint64_t offset) {
  while (size > 0) {
    ssize_t n = pwrite(fd, data, size, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    data += n;
    offset += static_cast<uint64_t>(n);
    size -= static_cast<size_t>(n);
  }
  return 0;
}

}  // namespace

bool Layer::File(const Entry& entry) {
  int fd = tree_.BeginFile(entry);
  if (fd < 0) return false;
  bool ok = Content(entry, fd) && tree_.EndFile(entry, fd);
  close(fd);
  return ok && Pad(entry.size);
}

bool Layer::Content(const Entry& entry, int fd) {
  uint64_t crc = 0;
  const uint8_t* data;
  for (uint64_t done = 0; done < entry.size;) {
    size_t n = static_cast<size_t>(std::min<uint64_t>(source_.Peek(&data), entry.size - done));
    if (n == 0) return Truncated();
    crc = Crc64(crc, data, n);
    if (int error = WriteAt(fd, data, n, done)) {
      return faults_.Set(FaultKind::system, "write, layer entry " + Quote(entry.name), error);
    }
    source_.Consume(n);
    done += n;
    if (!tree_.CheckSpace(n)) return false;
  }
  if (entry.size == 0) return true;
  int rc = split_.File(entry.path, entry.size, crc);
  return rc == 0 || faults_.Set(FaultKind::system, "write tar-split", -rc);
}

// The blob has the packed form, the disk the unpacked one: the packed bytes go whole into the tar-split.
bool Layer::SparseFile(Entry entry) {
  uint64_t used = 0;
  if (entry.mapInData && !ReadSparseMap(&entry, &used)) return false;
  if (used > entry.size || !CheckExtents(entry, entry.size - used)) return false;
  int fd = tree_.BeginFile(entry);
  if (fd < 0) return false;
  bool ok = WriteExtents(entry, fd) && tree_.EndFile(entry, fd);
  close(fd);
  return ok && Pad(entry.size);
}

// PAX format 1.0: decimal lines, padded to a block: how many, then offset and size of each.
bool Layer::ReadSparseMap(Entry* entry, uint64_t* used) {
  std::string line;
  std::vector<uint64_t> all;
  uint64_t wanted = 1;
  while (all.size() < wanted) {
    uint8_t block[kBlock];
    if (*used + kBlock > entry->size) return Refuse(*entry, "malformed sparse map");
    if (!ReadBlock(block)) return false;
    *used += kBlock;
    for (size_t i = 0; i < kBlock && all.size() < wanted; i++) {
      if (block[i] != '\n') {
        line += static_cast<char>(block[i]);
        continue;
      }
      uint64_t number = 0;
      if (!Decimal(line, &number)) return Refuse(*entry, "malformed sparse map");
      line.clear();
      all.push_back(number);
      if (all.size() == 1) wanted = number > 1u << 20 ? 0 : 1 + 2 * number;
      if (wanted == 0) return Refuse(*entry, "too many sparse extents");
    }
    if (line.size() > 20) return Refuse(*entry, "malformed sparse map");
  }
  for (size_t i = 1; i + 1 < all.size(); i += 2) entry->extents.push_back({all[i], all[i + 1]});
  return true;
}

bool Layer::CheckExtents(const Entry& entry, uint64_t data) {
  uint64_t end = 0, total = 0;
  for (const auto& extent : entry.extents) {
    if (extent.offset < end || extent.size > entry.realSize || extent.offset > entry.realSize - extent.size) {
      return Refuse(entry, "malformed sparse map");
    }
    end = extent.offset + extent.size;
    total += extent.size;
  }
  return total == data || Refuse(entry, "sparse map does not fit the data");
}

bool Layer::WriteExtents(const Entry& entry, int fd) {
  const uint8_t* data;
  for (const auto& extent : entry.extents) {
    for (uint64_t done = 0; done < extent.size;) {
      size_t n = static_cast<size_t>(std::min<uint64_t>(source_.Peek(&data), extent.size - done));
      if (n == 0) return Truncated();
      int error = WriteAt(fd, data, n, extent.offset + done);
      if (error) return faults_.Set(FaultKind::system, "write, layer entry " + Quote(entry.name), error);
      if (!Raw(data, n) || !tree_.CheckSpace(n)) return false;
      source_.Consume(n);
      done += n;
    }
  }
  if (ftruncate(fd, static_cast<off_t>(entry.realSize)) == 0) return true;
  return faults_.Set(FaultKind::system, "truncate, layer entry " + Quote(entry.name), errno);
}
