// Single-precision arithmetic on two-dimensional arrays: products of matrices in three orders of the loops.

#include "kernel.h"

#define N 128

static float a[N][N], b[N][N], c[N][N];

static NOINLINE void rows_by_columns(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      float sum = 0;
      for (int k = 0; k < N; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
}

static NOINLINE void rows_by_rows(void) {
  for (int i = 0; i < N; i++)
    for (int k = 0; k < N; k++) {
      const float factor = c[i][k];
      for (int j = 0; j < N; j++) a[i][j] += factor * b[k][j] * 0.015625f;
    }
}

static NOINLINE void blocks(void) {
  for (int i0 = 0; i0 < N; i0 += 4)
    for (int j0 = 0; j0 < N; j0 += 4)
      for (int k = 0; k < N; k++)
        for (int i = i0; i < i0 + 4; i++)
          for (int j = j0; j < j0 + 4; j++) c[i][j] -= a[i][k] * b[k][j];
}

static void limit(float m[N][N]) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) m[i][j] = __builtin_wasm_min_f32(__builtin_wasm_max_f32(m[i][j], -1), 1);
}

void _start(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = (float)(i32)random_below(2001) * 1e-3f - 1;
      b[i][j] = (float)(i32)random_below(2001) * 1e-3f - 1;
    }
  rows_by_columns();
  rows_by_rows();
  limit(a);
  blocks();
  limit(c);
  u64 sum = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) sum = mixed(sum, bits_of((double)c[i][j]));
  report(sum);
}
