// V8's own WebAssembly, as far as the tests need it (the compiler's library has no types for it).

export type V8Function = (...args: (number | bigint)[]) => number | bigint | undefined

interface V8 {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: Record<string, unknown> }
}

const v8 = Reflect.get(globalThis, 'WebAssembly') as V8

/** Exports of an instance without imports. */
export function v8Exports(bytes: Uint8Array): Record<string, unknown> {
  // A copy: V8 wants an ArrayBuffer of its own kind.
  return new v8.Instance(new v8.Module(new Uint8Array(bytes))).exports
}

/** xorshift32: seeded, the same everywhere. */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed | 1
  }

  u32(): number {
    let x = this.state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.state = x
    return x >>> 0
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32())
  }

  /** 0 … n − 1. */
  below(n: number): number {
    return this.u32() % n
  }
}

/** Seed of random tests; GANTRY_SEED overrides. */
export const testSeed = Number(process.env.GANTRY_SEED ?? 20260101)
