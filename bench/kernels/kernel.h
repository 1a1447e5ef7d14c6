// What all kernels share: they have no C library; each is a WASI command that executes some tens of millions of
// instructions and writes a checksum of what it computed as one line, so that any two engines can be compared.

#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;
typedef int64_t i64;

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write"))) i32
fd_write(i32 fd, const void *buffers, i32 count, u32 *written);

// Keeps a function, or a way of calling it, from being optimised away.
#define NOINLINE __attribute__((noinline))

static u64 random_state = 0x9e3779b97f4a7c15u;

// xorshift64: the same numbers everywhere.
static inline u64 random_u64(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static inline u32 random_below(u32 limit) { return (u32)(((random_u64() >> 32) * limit) >> 32); }

// One round of a checksum.
static inline u64 mixed(u64 sum, u64 value) {
  sum = (sum ^ value) * 0xff51afd7ed558ccdu;
  return sum ^ (sum >> 32);
}

static inline u64 bits_of(double value) {
  union {
    double value;
    u64 bits;
  } both = {value};
  return both.bits;
}

static NOINLINE void report(u64 checksum) {
  static char line[17];
  for (int i = 0; i < 16; i++) line[i] = "0123456789abcdef"[(checksum >> (60 - 4 * i)) & 15];
  line[16] = '\n';
  struct {
    const char *start;
    size_t length;
  } buffer = {line, sizeof line};
  u32 written;
  fd_write(1, &buffer, 1, &written);
}
