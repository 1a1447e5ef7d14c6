// Double-precision arithmetic with square roots and divisions: bodies that attract each other.

#include "kernel.h"

#define BODIES 9

typedef struct {
  double x, y, z, vx, vy, vz, mass;
} Body;

static Body bodies[BODIES];

static double random_double(void) { return (double)(i64)(random_u64() >> 11) * (1.0 / (1ull << 53)) - 0.5; }

static NOINLINE void step(double dt) {
  for (int i = 0; i < BODIES; i++) {
    Body *a = &bodies[i];
    for (int k = i + 1; k < BODIES; k++) {
      Body *b = &bodies[k];
      const double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      const double square = dx * dx + dy * dy + dz * dz + 1e-3;
      const double pull = dt / (square * __builtin_sqrt(square));
      a->vx -= dx * b->mass * pull;
      a->vy -= dy * b->mass * pull;
      a->vz -= dz * b->mass * pull;
      b->vx += dx * a->mass * pull;
      b->vy += dy * a->mass * pull;
      b->vz += dz * a->mass * pull;
    }
  }
  for (int i = 0; i < BODIES; i++) {
    bodies[i].x += dt * bodies[i].vx;
    bodies[i].y += dt * bodies[i].vy;
    bodies[i].z += dt * bodies[i].vz;
  }
}

void _start(void) {
  for (int i = 0; i < BODIES; i++)
    bodies[i] = (Body){random_double(), random_double(), random_double(), 0, 0, 0, random_double() + 0.6};
  for (int i = 0; i < 16000; i++) step(1e-4);
  u64 sum = 0;
  for (int i = 0; i < BODIES; i++) sum = mixed(mixed(sum, bits_of(bodies[i].x)), bits_of(bodies[i].vz));
  report(sum);
}
