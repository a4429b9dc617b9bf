// Reads one layer's tar and hands every entry to the tree and every byte to the tar-split.
#pragma once

#include <atomic>
#include <set>
#include <unordered_set>

#include "fault.h"
#include "header.h"
#include "pax.h"
#include "source.h"
#include "tar_split.h"
#include "tree.h"

struct LayerLimits {
  uint64_t maxEntries = 0;
};

class Layer {
 public:
  Layer(Source& source, Tree& tree, TarSplit& split, Faults& faults, const LayerLimits& limits)
      : source_(source), tree_(tree), split_(split), faults_(faults), limits_(limits) {}

  // To the end of the source. False after setting a fault.
  bool Run();

  std::set<uint32_t> uids, gids;

 private:
  enum class Next { entry, end, failed };

  Next NextEntry(Entry* entry);
  Next ReadHeader(Entry* entry);
  bool ReadBlock(uint8_t* block);
  bool ReadMeta(const Entry& entry, std::string* text);
  bool ReadLongName(const Entry& entry, std::string* name, const std::string& other);
  bool ReadPax(const Entry& entry);
  bool Complete(Entry* entry);
  bool Check(Entry* entry);
  bool Apply(const Entry& entry);
  bool ApplyWhiteout(const Entry& entry, const std::string& base);
  bool File(const Entry& entry);
  bool Content(const Entry& entry, int fd);
  bool SparseFile(Entry entry);
  bool ReadSparseMap(Entry* entry, uint64_t* used);
  bool CheckExtents(const Entry& entry, uint64_t data);
  bool WriteExtents(const Entry& entry, int fd);
  bool Skip(uint64_t size);
  bool Pad(uint64_t size);
  bool Tail();
  bool Raw(const uint8_t* data, size_t size);
  bool Refuse(const Entry& entry, const std::string& why);
  bool Truncated();

  Source& source_;
  Tree& tree_;
  TarSplit& split_;
  Faults& faults_;
  LayerLimits limits_;
  Pax pax_;
  std::string longName_, longTarget_;
  uint64_t entries_ = 0;
  std::unordered_set<uint64_t> seen_;
};
