// Compression in the manner of LZ4: matches are found through a hash table, and copied byte by byte or in bulk.
//
// A block is a sequence of: token (length of literals << 4 | length of the match - 4; 15: more bytes follow), literals,
// distance of the match as two bytes. The last sequence has no match.

#include "kernel.h"

#define SIZE 150000
#define HASH_BITS 13

static u8 plain[SIZE], packed[SIZE + SIZE / 200 + 64], unpacked[SIZE];
static u32 table[1 << HASH_BITS];

static inline u32 word_at(const u8 *at) { return *(const u32 *)at; }

static u8 *put_length(u8 *out, u32 length) {
  for (length -= 15; length >= 255; length -= 255) *out++ = 255;
  *out++ = (u8)length;
  return out;
}

static u8 *put_sequence(u8 *out, const u8 *literals, u32 count, u32 distance, u32 match) {
  const u32 extra = distance == 0 ? 0 : match - 4;
  *out++ = (u8)((count < 15 ? count : 15) << 4 | (extra < 15 ? extra : 15));
  if (count >= 15) out = put_length(out, count);
  for (u32 i = 0; i < count; i++) *out++ = literals[i];
  if (distance == 0) return out;
  *out++ = (u8)distance;
  *out++ = (u8)(distance >> 8);
  return extra >= 15 ? put_length(out, extra) : out;
}

static NOINLINE u32 compress(void) {
  u8 *out = packed;
  u32 start = 0;
  for (u32 at = 1; at + 8 < SIZE;) {
    const u32 slot = word_at(plain + at) * 2654435761u >> (32 - HASH_BITS);
    const u32 candidate = table[slot];
    table[slot] = at;
    if (candidate >= at || at - candidate > 65535 || word_at(plain + candidate) != word_at(plain + at)) {
      at++;
      continue;
    }
    u32 length = 4;
    while (at + length < SIZE - 8 && plain[candidate + length] == plain[at + length]) length++;
    out = put_sequence(out, plain + start, at - start, at - candidate, length);
    at += length;
    start = at;
  }
  return (u32)(put_sequence(out, plain + start, SIZE - start, 0, 0) - packed);
}

static u32 get_length(const u8 **in, u32 length) {
  if (length < 15) return length;
  u32 byte;
  do length += byte = *(*in)++;
  while (byte == 255);
  return length;
}

static NOINLINE u32 decompress(u32 size) {
  const u8 *in = packed, *end = packed + size;
  u8 *out = unpacked;
  for (;;) {
    const u32 token = *in++;
    const u32 literals = get_length(&in, token >> 4);
    __builtin_memcpy(out, in, literals);
    out += literals;
    in += literals;
    if (in >= end) return (u32)(out - unpacked);
    const u32 distance = in[0] | (u32)in[1] << 8;
    in += 2;
    for (u32 left = get_length(&in, token & 15) + 4; left > 0; left--, out++) *out = *(out - distance);
  }
}

static void write_text(void) {
  for (u32 at = 0; at < SIZE;) {
    const u32 back = random_below(3000) + 1, length = random_below(24) + 1;
    const u32 fresh = back > at || random_below(4) == 0;
    for (u32 i = 0; i < length && at < SIZE; i++, at++) plain[at] = fresh ? (u8)random_below(64) : plain[at - back];
  }
}

void _start(void) {
  write_text();
  const u32 size = compress();
  u64 sum = size;
  for (int round = 0; round < 30; round++) sum = mixed(sum, decompress(size) + unpacked[(u32)round * 1000]);
  for (u32 i = 0; i < SIZE; i++)
    if (plain[i] != unpacked[i]) __builtin_trap();
  report(sum);
}
