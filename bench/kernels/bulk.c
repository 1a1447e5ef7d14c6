// memory.copy and memory.fill of all sizes, from a few bytes to many kilobytes, with and without overlap.

#include "kernel.h"

#define SIZE (1 << 18)

static u8 buffer[2 * SIZE];

static NOINLINE void copies(u32 largest, int times) {
  for (int i = 0; i < times; i++) {
    const u32 length = random_below(largest);
    const u32 from = random_below(SIZE - length), to = random_below(SIZE - length);
    __builtin_memmove(buffer + to, buffer + from, length);
  }
}

static NOINLINE void fills(u32 largest, int times) {
  for (int i = 0; i < times; i++) {
    const u32 length = random_below(largest);
    __builtin_memset(buffer + random_below(SIZE - length), i, length);
  }
}

void _start(void) {
  for (int i = 0; i < SIZE; i++) buffer[i] = (u8)random_u64();
  for (int round = 0; round < 4; round++) {
    copies(16, 40000);
    copies(256, 20000);
    fills(64, 10000);
    copies(65536, 100);
    fills(4096, 100);
    __builtin_memcpy(buffer + SIZE, buffer, SIZE);
  }
  u64 sum = 0;
  for (int i = 0; i < 2 * SIZE; i += 64) sum = mixed(sum, *(const u64 *)(buffer + i));
  report(sum);
}
