// monitor-fuzz ROUNDS SEED: changes well-formed inputs at random. The same numbers make the same inputs.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
void __sanitizer_set_death_callback(void (*callback)(void));

#define SEED(text)                                                                                                     \
  { text, sizeof(text) - 1 }

static const struct {
  const char *text;
  size_t size;
} seeds[] = {
    SEED("\0-c\0abc\0-u\0abcdefghijklmnop\0-r\0/bin/true\0-l\0k8s-file:/x"),
    SEED("\0-c\0a\0-u\0b\0-r\0/bin/true\0--log-path=journald:\0--log-label=A=b\0--log-tag\0t\0-it"),
    SEED("\0-e\0--exec-attach\0--api-version\0001\0-c\0a\0-u\0b\0--exec-process-spec\0p\0-r\0/bin/true\0-l\0none:"),
    SEED("\0--timeout\0009\0--exit-delay=5\0--log-size-max\0001\0--log-max-files\0002\0--log-rotate\0-T9\0-c\0a"),
    SEED("\0--exit-command\0x\0--exit-command-arg\0y\0--exit-command-arg=z\0--version"),
    SEED("\0011 24 80\n2 0 0\n1 1000 1000\n"),
    SEED("\00224 80\n0 0\n-1 5\n99999999999999999999 1\n"),
    SEED("\003\000\001hello\n\006\004\004\004\006\007\002\003\000\100\200\300\004\104\005\006\106\206\306\003\103\203"
         "\303"),
    SEED(
        "\003\000\004\004\004\004\004\004\004\004\004\004\004\004\004\004\004\004\344\344\344\344\344\344\006\006\003"),
    SEED("\004READY=1\nMAINPID=1\nSTATUS=up\r\nWATCHDOG=trigger\nERRNO=2"),
    SEED("\005runc: \"x\"\t\b\f\\/\x7f\xff fails\r\n"),
};

static uint64_t state;
static unsigned long round_number;

static uint32_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

static uint32_t below(size_t limit) { return limit == 0 ? 0 : next() % (uint32_t)limit; }

static void tell_round(void) { dprintf(STDERR_FILENO, "failed in round %lu\n", round_number); }

// Inserts, deletes, overwrites, repeats a piece, or takes one of another seed.
static size_t change(unsigned char *data, size_t size, size_t room) {
  size_t at = below(size), length = 1 + below(next() % 8 == 0 ? 512 : 8);
  switch (next() % 6) {
  case 0:
    data[at] = (unsigned char)next();
    return size;
  case 1:
    data[at] ^= (unsigned char)(1U << next() % 8);
    return size;
  case 2:
    length = length < size - at ? length : size - at;
    memmove(data + at, data + at + length, size - at - length);
    return size - length;
  case 3:
    length = length < room - size ? length : room - size;
    memmove(data + at + length, data + at, size - at);
    memset(data + at, (int)next(), length);
    return size + length;
  case 4:
    length = length < room - size ? length : room - size;
    memmove(data + at + length, data + at, size - at);
    for (size_t i = 0; i < length; i++)
      data[at + i] = (unsigned char)next();
    return size + length;
  default: {
    size_t other = below(sizeof seeds / sizeof *seeds), from = below(seeds[other].size);
    length = seeds[other].size - from < room - size ? seeds[other].size - from : room - size;
    memcpy(data + size, seeds[other].text + from, length);
    return size + length;
  }
  }
}

static void run_round(uint64_t seed) {
  static unsigned char data[65536];
  state = seed * 0x9e3779b97f4a7c15U + 1;
  for (int i = 0; i < 8; i++)
    next();
  size_t number = below(sizeof seeds / sizeof *seeds), size = seeds[number].size;
  memcpy(data, seeds[number].text, size);
  for (uint32_t changes = below(12); changes > 0 && size > 0; changes--)
    size = change(data, size, sizeof data);
  if (size > 0)
    data[0] = (unsigned char)seeds[number].text[0];
  LLVMFuzzerTestOneInput(data, size);
}

int main(int argc, char **argv) {
  unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
  __sanitizer_set_death_callback(tell_round);
  LLVMFuzzerInitialize(&argc, &argv);
  for (; round_number < rounds; round_number++)
    run_round(seed * 1000003 + round_number);
  printf("%lu rounds from %lu: nothing found\n", rounds, seed);
  return 0;
}
