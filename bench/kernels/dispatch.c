// Indirect calls whose target is hard to predict: objects of eight kinds in random order, two virtual methods each.

#include "kernel.h"

typedef struct Shape Shape;

typedef struct {
  u32 (*area)(const Shape *);
  void (*grow)(Shape *, u32);
} Methods;

struct Shape {
  const Methods *methods;
  u32 width, height;
};

#define KIND(name, area_of, growth)                                                   \
  static u32 name##_area(const Shape *s) { return area_of; }                          \
  static void name##_grow(Shape *s, u32 by) { growth; }                               \
  static const Methods name = {name##_area, name##_grow};

KIND(rectangle, s->width *s->height, s->width += by)
KIND(square, s->width *s->width, s->width += by; s->height = s->width)
KIND(triangle, s->width *s->height / 2, s->height += by)
KIND(circle, s->width *s->width * 355 / 113, s->width = (s->width + by) & 1023)
KIND(ring, (s->width + s->height) * (s->width - s->height), s->width += by & 3)
KIND(line, s->width, s->width ^= by)
KIND(point, 1, s->width -= by)
KIND(group, s->width + s->height * 7, s->height += s->width >> 3)

#define SHAPES 4096

static const Methods *const kinds[8] = {&rectangle, &square, &triangle, &circle, &ring, &line, &point, &group};
static Shape shapes[SHAPES];

void _start(void) {
  u64 sum = 0;
  for (int i = 0; i < SHAPES; i++)
    shapes[i] = (Shape){kinds[random_below(8)], random_below(100), random_below(100)};
  for (int round = 0; round < 200; round++) {
    for (int i = 0; i < SHAPES; i++) {
      Shape *s = &shapes[i];
      sum += s->methods->area(s);
      s->methods->grow(s, (u32)round & 7);
    }
    sum = mixed(sum, (u64)round);
  }
  report(sum);
}
