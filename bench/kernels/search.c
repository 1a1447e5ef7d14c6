// Bytes and short loops: finding words in a text, byte by byte and with a table of shifts.

#include "kernel.h"

#define TEXT 200000

static u8 text[TEXT];

static NOINLINE u32 count_naive(const u8 *word, u32 length) {
  u32 found = 0;
  for (u32 at = 0; at + length <= TEXT; at++) {
    u32 i = 0;
    while (i < length && text[at + i] == word[i]) i++;
    found += i == length;
  }
  return found;
}

// Horspool: how far the window may move is decided by its last byte.
static NOINLINE u32 count_shifting(const u8 *word, u32 length) {
  static u8 shift[256];
  for (int i = 0; i < 256; i++) shift[i] = (u8)length;
  for (u32 i = 0; i + 1 < length; i++) shift[word[i]] = (u8)(length - 1 - i);
  u32 found = 0;
  for (u32 at = 0; at + length <= TEXT; at += shift[text[at + length - 1]]) {
    u32 i = length;
    while (i > 0 && text[at + i - 1] == word[i - 1]) i--;
    found += i == 0;
  }
  return found;
}

static NOINLINE u32 count_words(void) {
  u32 words = 0, inside = 0;
  for (u32 i = 0; i < TEXT; i++) {
    const u32 letter = (u32)(text[i] | 32) - 'a' < 26;
    words += letter & ~inside;
    inside = letter;
  }
  return words;
}

void _start(void) {
  for (u32 i = 0; i < TEXT; i++) text[i] = (u8)"etaoin srhdlu cmfyw gpbvk"[random_below(25)];
  u64 sum = count_words();
  for (int i = 0; i < 8; i++) {
    u8 word[8];
    const u32 length = 2 + random_below(7), from = random_below(TEXT - 8);
    for (u32 k = 0; k < 8; k++) word[k] = text[from + k];
    sum = mixed(sum, count_naive(word, length));
    sum = mixed(sum, count_shifting(word, length));
  }
  report(sum);
}
