// Feeds the unpacker with broken layers: seeds from files, changed at random, in chunks of random size.
// addon-fuzz FOLDER ROUNDS RANDOM-SEED SEED-FILE...   FOLDER is emptied after each round; beside it nothing may appear.
#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "unpack.h"

namespace {

std::string ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int Remove(const char* path, const struct stat*, int, struct FTW*) { return remove(path); }

size_t CountBeside(const std::string& folder) {
  size_t count = 0;
  DIR* dir = opendir(folder.c_str());
  while (readdir(dir)) count++;
  closedir(dir);
  return count;
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}
  size_t Below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void Change(std::string& text) {
    for (size_t n = 1 + Below(3); n > 0 && !text.empty(); n--) {
      size_t at = Below(text.size()), length = 1 + Below(std::min<size_t>(64, text.size() - at));
      switch (Below(7)) {
        case 0: text[at] = static_cast<char>(Below(256)); break;
        case 1: text[at] = static_cast<char>(text[at] ^ (1 << Below(8))); break;
        case 2: text.erase(at, length); break;
        case 3: text.insert(at, text.substr(Below(text.size()), length)); break;
        case 4:
          for (size_t i = 0; i < length; i++) text[at + i] = "0179 \0/.=\n\xff\x80"[Below(12)];
          break;
        case 5:
          if (Below(4) == 0) text.resize(at);
          break;
        default: MoveBlock(text);
      }
    }
    if (Below(4)) FixSums(text);
  }

 private:
  void MoveBlock(std::string& text) {
    if (text.size() < 1024) return;
    size_t blocks = text.size() / 512;
    std::string block = text.substr(Below(blocks) * 512, 512);
    text.insert(Below(blocks) * 512, block);
  }

  // Without right checksums no header would get past the first test.
  void FixSums(std::string& text) {
    for (size_t at = 0; at + 512 <= text.size(); at += 512) {
      if (text.compare(at + 257, 5, "ustar") != 0) continue;
      unsigned sum = 0;
      for (size_t i = 0; i < 512; i++) {
        sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(text[at + i]);
      }
      char field[8];
      snprintf(field, sizeof field, "%06o", sum);
      text.replace(at + 148, 7, field, 7);
    }
  }

  std::mt19937 random_;
};

FaultKind RunOne(const std::string& blob, const std::string& home, Mutator& random) {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false, drained = false;
  UnpackOptions options;
  options.dir = home + "/diff";
  options.tarSplit = home + "/split";
  options.allowIsal = random.Below(2) == 0;
  options.rootless = random.Below(4) == 0;
  options.maxEntries = 1000;
  Unpack unpack(options, [&](Unpack::Event event) {
    std::lock_guard<std::mutex> guard(mutex);
    (event == Unpack::Event::done ? done : drained) = true;
    changed.notify_all();
  });
  size_t chunk = 1 + random.Below(3000);
  for (size_t at = 0; at < blob.size(); at += chunk) {
    int state = unpack.Write(reinterpret_cast<const uint8_t*>(blob.data()) + at, std::min(chunk, blob.size() - at));
    if (state < 0) break;
    std::unique_lock<std::mutex> lock(mutex);
    if (state == 0) changed.wait(lock, [&] { return done || drained; });
    drained = false;
  }
  unpack.End();
  if (random.Below(50) == 0) unpack.Abort();
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [&] { return done; });
  Fault fault = unpack.GetFault();
  // Broken input is not the machine's fault: to be looked at.
  if (fault.kind == FaultKind::system) printf("errno %d: %s\n", fault.error, fault.text.c_str());
  return fault.kind;
}

}  // namespace

int main(int count, char** args) {
  if (count < 5) return 2;
  std::string home = args[1];
  Mutator random(static_cast<unsigned>(atoi(args[3])));
  std::map<FaultKind, int> kinds;
  for (int round = 0; round < atoi(args[2]); round++) {
    std::string blob = ReadFile(args[4 + random.Below(static_cast<size_t>(count - 4))]);
    if (round >= count - 4) random.Change(blob);
    mkdir((home + "/diff").c_str(), 0755);
    kinds[RunOne(blob, home, random)]++;
    nftw((home + "/diff").c_str(), Remove, 16, FTW_DEPTH | FTW_PHYS);
    // ".", "..", and the tar-split file.
    if (CountBeside(home) != 3) return printf("round %d left something beside the layer\n", round), 1;
  }
  for (auto [kind, n] : kinds) printf("fault %d: %d times\n", static_cast<int>(kind), n);
  return 0;
}
