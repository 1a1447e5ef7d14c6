// Calls: deep and wide recursion with many arguments of all types, more than there are registers.

#include "kernel.h"

static NOINLINE i32 tak(i32 x, i32 y, i32 z) {
  return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

static NOINLINE double many(u32 depth, i64 a, double x, u32 b, float y, i64 c, double z, u32 d, i64 e, u32 f) {
  if (depth == 0) return x + (double)y - z + (double)(i64)((a ^ c ^ e) & 0xffff) + (double)(b + d - f);
  const double left = many(depth - 1, c + 1, z, d, y * 0.5f, e, x, f + 1, a, b);
  return left + many(depth - 1, e, x + 1, f, y + 1, a, z * 0.5, b, c - 3, d ^ depth);
}

static NOINLINE u64 hanoi(u32 discs, u32 from, u32 to, u32 over) {
  if (discs == 0) return 0;
  const u64 before = hanoi(discs - 1, from, over, to);
  return mixed(before + from * 3 + to, discs) + hanoi(discs - 1, over, to, from);
}

void _start(void) {
  u64 sum = mixed(1, (u64)tak(18, 11, 5));
  sum = mixed(sum, bits_of(many(17, 1, 2.5, 3, 4.5f, 5, 6.5, 7, 8, 9)));
  report(mixed(sum, hanoi(18, 1, 2, 3)));
}
