// A general sort: elements of any size, compared by a function that is called indirectly.

#include "kernel.h"

typedef i32 (*Compare)(const void *, const void *);

typedef struct {
  u32 key;
  float weight;
  u64 id;
} Item;

#define ITEMS 12000

static Item items[ITEMS];

static void swap(u8 *a, u8 *b, size_t size) {
  for (; size >= 4; size -= 4, a += 4, b += 4) {
    const u32 kept = *(u32 *)a;
    *(u32 *)a = *(u32 *)b;
    *(u32 *)b = kept;
  }
}

static void insertion_sort(u8 *base, size_t count, size_t size, Compare compare) {
  for (size_t i = 1; i < count; i++)
    for (u8 *at = base + i * size; at > base && compare(at - size, at) > 0; at -= size) swap(at - size, at, size);
}

static NOINLINE void quick_sort(u8 *base, size_t count, size_t size, Compare compare) {
  while (count > 12) {
    swap(base, base + count / 2 * size, size);
    u8 *low = base + size, *high = base + (count - 1) * size;
    for (;;) {
      while (low <= high && compare(low, base) < 0) low += size;
      while (compare(high, base) > 0) high -= size;
      if (low >= high) break;
      swap(low, high, size);
      low += size;
      high -= size;
    }
    swap(base, high, size);
    const size_t left = (size_t)(high - base) / size;
    quick_sort(base, left, size, compare);
    base = high + size;
    count -= left + 1;
  }
  insertion_sort(base, count, size, compare);
}

static i32 by_key(const void *a, const void *b) {
  const Item *x = a, *y = b;
  return x->key < y->key ? -1 : x->key > y->key;
}

static i32 by_weight(const void *a, const void *b) {
  const Item *x = a, *y = b;
  return x->weight < y->weight ? -1 : x->weight > y->weight ? 1 : by_key(a, b);
}

static i32 by_id_down(const void *a, const void *b) {
  const Item *x = a, *y = b;
  return x->id > y->id ? -1 : x->id < y->id;
}

void _start(void) {
  static Compare volatile const orders[] = {by_key, by_weight, by_id_down};
  u64 sum = 0;
  for (u32 i = 0; i < ITEMS; i++)
    items[i] = (Item){random_below(ITEMS / 2), (float)random_below(1000) * 0.25f, random_u64()};
  for (int round = 0; round < 6; round++) {
    quick_sort((u8 *)items, ITEMS, sizeof(Item), orders[round % 3]);
    for (u32 i = 0; i < ITEMS; i += 97) sum = mixed(sum, items[i].id & 0xffffffff);
    items[random_below(ITEMS)].key += (u32)round;
  }
  report(sum);
}
