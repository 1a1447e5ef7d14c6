// A loop around a br_table: an interpreter of a stack machine, which computes primes.

#include "kernel.h"

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, MOD, LESS, EQUAL, JUMP, JUMP_IF_ZERO, INCREMENT, DUP, DROP, XOR, HALT };

// n in variable 0, divisor in 1, number of primes in 2, sum in 3.
static const u8 program[] = {
    PUSH, 2, STORE, 0,                                   //  0: n = 2
    PUSH, 2, STORE, 1,                                   //  4: d = 2
    LOAD, 1, DUP, MUL, LOAD, 0, LESS, JUMP_IF_ZERO, 28,  //  8: if d * d >= n: 28
    LOAD, 0, LOAD, 1, MOD, JUMP_IF_ZERO, 41,             // 17: if d divides n: 41
    INCREMENT, 1, JUMP, 8,                               // 24: d++, again
    LOAD, 1, DUP, MUL, LOAD, 0, EQUAL, JUMP_IF_ZERO, 39, // 28: if d * d is not n: 39
    JUMP, 41,                                            // 37
    INCREMENT, 2,                                        // 39: a prime more
    LOAD, 3, LOAD, 0, XOR, LOAD, 2, ADD, STORE, 3,       // 41: sum = (sum ^ n) + primes
    INCREMENT, 0, LOAD, 0, LOAD, 4, LESS,                // 51: n++
    JUMP_IF_ZERO, 62, JUMP, 4,                           // 58: if n < limit: 4
    HALT,                                                // 62
};

static NOINLINE u64 run(u32 limit) {
  u32 stack[16] = {0}, variables[5] = {0, 0, 0, 0, limit};
  u32 top = 0;
  u64 steps = 0;
  for (const u8 *pc = program;; steps++) {
    switch (*pc++) {
      case PUSH: stack[++top] = *pc++; break;
      case LOAD: stack[++top] = variables[*pc++]; break;
      case STORE: variables[*pc++] = stack[top--]; break;
      case ADD: top--; stack[top] += stack[top + 1]; break;
      case SUB: top--; stack[top] -= stack[top + 1]; break;
      case MUL: top--; stack[top] *= stack[top + 1]; break;
      case MOD: top--; stack[top] %= stack[top + 1]; break;
      case LESS: top--; stack[top] = stack[top] < stack[top + 1]; break;
      case EQUAL: top--; stack[top] = stack[top] == stack[top + 1]; break;
      case JUMP: pc = program + *pc; break;
      case JUMP_IF_ZERO: pc = stack[top--] == 0 ? program + *pc : pc + 1; break;
      case INCREMENT: variables[*pc++]++; break;
      case DUP: top++; stack[top] = stack[top - 1]; break;
      case DROP: top--; break;
      case XOR: top--; stack[top] ^= stack[top + 1]; break;
      case HALT: return mixed(mixed(steps, variables[2]), variables[3]);
      default: __builtin_trap();
    }
  }
}

void _start(void) { report(run(14000)); }
