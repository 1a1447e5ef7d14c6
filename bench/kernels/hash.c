// 64-bit integers: a hash in the manner of xxHash over bytes, then counting and rotating bits.

#include "kernel.h"

#define SIZE 65536

static u64 words[SIZE / 8];

static inline u64 rotated(u64 x, int by) { return (x << by) | (x >> (64 - by)); }

static NOINLINE u64 hash(const u64 *data, u32 count, u64 seed) {
  u64 lanes[4] = {seed + 0x60ea27eeadc0b5d6u, seed + 0xc2b2ae3d27d4eb4fu, seed, seed - 0x9e3779b185ebca87u};
  for (u32 i = 0; i + 4 <= count; i += 4)
    for (int k = 0; k < 4; k++)
      lanes[k] = rotated(lanes[k] + data[i + k] * 0xc2b2ae3d27d4eb4fu, 31) * 0x9e3779b185ebca87u;
  u64 sum = rotated(lanes[0], 1) + rotated(lanes[1], 7) + rotated(lanes[2], 12) + rotated(lanes[3], 18);
  return mixed(sum, count);
}

// How many times the subset of some bits steps down to zero, and where the bits lie.
static NOINLINE u64 walk_bits(u64 x) {
  u64 sum = 0;
  while (x != 0) {
    sum = sum * 31 + (u64)__builtin_ctzll(x) + (u64)__builtin_clzll(x);
    x &= x - 1;
  }
  return sum;
}

void _start(void) {
  u64 sum = 0;
  for (int i = 0; i < SIZE / 8; i++) words[i] = random_u64();
  for (int round = 0; round < 140; round++) {
    sum = mixed(sum, hash(words, SIZE / 8, sum));
    for (int i = 0; i < SIZE / 8; i += 16) {
      sum += walk_bits(words[i]) + (u64)__builtin_popcountll(words[i + 1] & sum);
      words[i] = rotated(words[i], (int)(sum & 63) | 1) ^ sum;
    }
  }
  report(sum);
}
