#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor.h"

enum { WORDS_STEP = 16384, WORDS_MAX = 1048576 };

static bool make_room(struct words *words) {
  if (words->size - words->used > 1)
    return true;
  size_t size = words->size == 0 ? WORDS_STEP : words->size * 2;
  char *text = size > WORDS_MAX ? NULL : realloc(words->text, size);
  if (text == NULL)
    return false;
  words->text = text;
  words->size = size;
  return true;
}

// What read() returned. Without room the text is read all the same, and lost.
static ssize_t take(struct words *words, int fd) {
  char spare[4096];
  if (!make_room(words))
    return read(fd, spare, sizeof spare);
  ssize_t length = read(fd, words->text + words->used, words->size - words->used - 1);
  if (length > 0)
    words->used += (size_t)length;
  words->text[words->used] = '\0';
  return length;
}

static void on_words(struct watch *watch, uint32_t events) {
  (void)events;
  struct stream *stream = container_of(watch, struct stream, watch);
  struct monitor *monitor = stream->monitor;
  ssize_t length = take(&monitor->words, watch->fd);
  if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR))
    watch_for(&monitor->loop, watch, 0);
  // More than a few words: this is the process of an exec session, which may write before its runtime ends.
  else if (monitor->options.exec && monitor->words.used >= WORDS_STEP / 2)
    words_pass_on(monitor);
}

void words_collect(struct monitor *monitor) {
  struct watch *watch = &monitor->streams.err.watch;
  if (watch->fd < 0)
    return;
  watch->ready = on_words;
  watch_for(&monitor->loop, watch, EPOLLIN);
}

const char *words_finish(struct monitor *monitor) {
  struct words *words = &monitor->words;
  struct watch *watch = &monitor->streams.err.watch;
  if (watch->fd < 0)
    return NULL;
  watch_for(&monitor->loop, watch, 0);
  for (int reads = 0; reads < 1024 && take(words, watch->fd) > 0;)
    reads++;
  for (size_t i = 0; i < words->used; i++)
    if (words->text[i] == '\0')
      words->text[i] = ' '; // the report ends at a NUL
  return words->used > 0 ? words->text : NULL;
}

void words_pass_on(struct monitor *monitor) {
  struct words *words = &monitor->words;
  streams_take_over(monitor, words->text, words->used);
  free(words->text);
  *words = (struct words){.text = NULL};
}
