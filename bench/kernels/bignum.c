// Long arithmetic: products and quotients of 64 bits with carries, in factorials and their digits.

#include "kernel.h"

#define LIMBS 600

static u32 number[LIMBS];
static u32 length = 1;

static NOINLINE void multiply(u32 by) {
  u64 carry = 0;
  for (u32 i = 0; i < length; i++) {
    carry += (u64)number[i] * by;
    number[i] = (u32)carry;
    carry >>= 32;
  }
  if (carry != 0) number[length++] = (u32)carry;
}

// Divides in place; returns the remainder.
static NOINLINE u32 divide(u32 by) {
  u64 rest = 0;
  for (u32 i = length; i-- > 0;) {
    rest = rest << 32 | number[i];
    number[i] = (u32)(rest / by);
    rest %= by;
  }
  while (length > 1 && number[length - 1] == 0) length--;
  return (u32)rest;
}

static u64 power_modulo(u64 base, u64 exponent, u64 modulus) {
  u64 result = 1;
  for (; exponent != 0; exponent >>= 1, base = base * base % modulus)
    if (exponent & 1) result = result * base % modulus;
  return result;
}

void _start(void) {
  u64 sum = 0;
  for (u32 round = 0; round < 6; round++) {
    number[0] = 1;
    for (u32 n = 2; n <= 1500 + round; n++) multiply(n);
    while (length > 1 || number[0] != 0) sum = mixed(sum, divide(1000000000));
  }
  for (u64 p = 4294967291u; p > 4294967291u - 40000; p -= 2) sum += power_modulo(3, p - 1, p) == 1;
  report(sum);
}
