// Modules made to be slow to compile: each stretches one dimension of a function.

const I32 = 0x7f
const op = {
  ...{ block: 0x02, loop: 0x03, end: 0x0b, br: 0x0c, brIf: 0x0d, brTable: 0x0e, return: 0x0f, call: 0x10 },
  ...{ get: 0x20, set: 0x21, const: 0x41, add: 0x6a, mul: 0x6c, xor: 0x73, load: 0x28, store: 0x36 },
  ...{ void: 0x40, unreachable: 0x00, eqz: 0x45 },
} as const

/** Bytes of a function body. */
class Body {
  readonly bytes: number[] = []

  op(...bytes: number[]): this {
    for (const b of bytes) this.bytes.push(b)
    return this
  }

  /** An instruction with one unsigned immediate. */
  with(opcode: number, n: number): this {
    this.bytes.push(opcode)
    leb(this.bytes, n)
    return this
  }

  /** i32.const with a number up to 2^27. */
  constant(n: number): this {
    this.bytes.push(op.const)
    // The sign bit of the last byte has to be clear.
    for (let rest = n; ; rest >>>= 7) {
      if (rest < 0x40) {
        this.bytes.push(rest)
        return this
      }
      this.bytes.push((rest & 0x7f) | 0x80)
    }
  }
}

function leb(out: number[], n: number): void {
  let rest = n
  for (; rest >= 0x80; rest >>>= 7) out.push((rest & 0x7f) | 0x80)
  out.push(rest)
}

const uleb = (n: number): number[] => {
  const out: number[] = []
  leb(out, n)
  return out
}

function section(id: number, contents: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from([id, ...uleb(contents.length)]), Uint8Array.from(contents)])
}

/** A body's entry in the code section, with a number of i32 locals. */
function entry(locals: number, { bytes }: Body): Buffer {
  const groups = locals === 0 ? [0] : [1, ...uleb(locals), I32]
  const size = uleb(groups.length + bytes.length + 1)
  return Buffer.concat([Buffer.from([...size, ...groups]), Uint8Array.from(bytes), Buffer.from([op.end])])
}

/** A module with one memory and functions (i32) → i32, the first of which has i32 locals beside its parameter. */
function moduleOf(locals: number, first: Body, ...others: readonly Body[]): Uint8Array {
  const count = uleb(1 + others.length)
  const code = Buffer.concat([
    Buffer.from(count),
    entry(locals, first),
    ...others.map(body => entry(0, body)),
  ])
  const types = [...count, ...new Array<number>(1 + others.length).fill(0)]
  const head = [...section(1, [1, 0x60, 1, I32, 1, I32]), ...section(3, types), ...section(5, [1, 0, 1])]
  const start = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  return Buffer.concat([Buffer.from([...start, ...head, 10, ...uleb(code.length)]), code])
}

/** Locals that are all written, and read in another block. */
function manyLocals(n: number): Uint8Array {
  const b = new Body()
  for (let i = 1; i <= n; i++) b.op(op.get, 0).constant(i).op(op.add).with(op.set, i)
  b.op(op.block, op.void, op.get, 0, op.brIf, 0, op.end, op.get, 0)
  for (let i = 1; i <= n; i++) b.with(op.get, i).op(op.xor)
  return moduleOf(n, b)
}

/** Blocks one behind the other. */
function manyBlocks(n: number): Uint8Array {
  const b = new Body()
  for (let i = 0; i < n / 2; i++) {
    b.op(op.block, op.void, op.get, 0).constant(i).op(op.xor, op.brIf, 0)
    b.op(op.get, 0).constant(i).op(op.add, op.set, 0, op.end)
  }
  return moduleOf(0, b.op(op.get, 0))
}

/** A br_table whose targets are all different, out of as many nested blocks. */
function wideTable(n: number): Uint8Array {
  const b = new Body()
  for (let i = 0; i < n; i++) b.op(op.block, op.void)
  b.op(op.get, 0).with(op.brTable, n - 1)
  for (let i = 0; i < n; i++) leb(b.bytes, i)
  for (let i = 0; i < n; i++) b.op(op.end, op.get, 0).constant(i).op(op.add, op.set, 0)
  return moduleOf(0, b.op(op.get, 0))
}

/** The same in a loop that all targets lie outside of; code falls into each of them, too. */
function waysOut(n: number): Uint8Array {
  const b = new Body()
  for (let i = 0; i < n; i++) b.op(op.block, op.void)
  b.op(op.loop, op.void, op.get, 0).constant(1).op(op.add, op.set, 0, op.get, 0).with(op.brTable, n)
  for (let i = n; i >= 0; i--) leb(b.bytes, i)
  b.op(op.end)
  for (let i = 0; i < n; i++) b.op(op.end, op.get, 0).constant(i).op(op.add, op.set, 0)
  return moduleOf(0, b.op(op.get, 0))
}

/** br_tables with few targets each, nested in each other's blocks. */
function nestedTables(n: number): Uint8Array {
  const b = new Body()
  for (let i = 0; i < n; i++) b.op(op.block, op.void, op.block, op.void)
  for (let i = 0; i < n; i++) {
    b.op(op.get, 0).with(op.brTable, 6).op(0, 1, 0, 1, 1, 0, 1, 0, op.end)
    b.op(op.get, 0).constant(i).op(op.xor, op.set, 0, op.end)
  }
  return moduleOf(0, b.op(op.get, 0))
}

/** One basic block. */
function longBlock(n: number): Uint8Array {
  const b = new Body().op(op.get, 0)
  for (let i = 0; i < n; i += 2)
    b.constant(i & 0xffff).op(i % 6 === 0 ? op.mul : i % 4 === 0 ? op.xor : op.add)
  return moduleOf(0, b)
}

/** Loads and stores in one basic block. */
function longMemory(n: number): Uint8Array {
  const b = new Body()
  for (let i = 0; i < n; i += 4) {
    b.op(op.get, 0, op.get, 0, op.load, 2)
    leb(b.bytes, (i * 4) & 0xffff)
    b.op(op.store, 2)
    leb(b.bytes, (i * 4 + 8) & 0xffff)
  }
  return moduleOf(0, b.op(op.get, 0))
}

/** Nested blocks, branched out of from the innermost one. */
function deepBlocks(n: number): Uint8Array {
  const b = new Body()
  for (let i = 0; i < n; i++) b.op(op.block, op.void)
  for (let i = 0; i < n; i++) b.op(op.get, 0).constant(i).op(op.xor).with(op.brIf, i)
  for (let i = 0; i < n; i++) b.op(op.end)
  return moduleOf(0, b.op(op.get, 0))
}

/** Nested loops, each of which changes a local that the others read. */
function deepLoops(n: number): Uint8Array {
  const b = new Body()
  for (let i = 0; i < n; i++) b.op(op.loop, op.void)
  for (let i = 0; i < n; i++) {
    const local = 1 + (i % 16)
    b.with(op.get, local).op(op.get, 0, op.add).with(op.set, local)
    b.with(op.get, local).op(op.brIf, 0, op.end)
  }
  return moduleOf(16, b.op(op.get, 1))
}

/** Nested loops with a way out of all of them in each. */
function waysOutOfNest(n: number): Uint8Array {
  const b = new Body().op(op.block, op.void)
  for (let i = 0; i < n; i++) b.op(op.loop, op.void)
  for (let i = 0; i < n; i++) {
    b.op(op.get, 0)
      .constant(i)
      .op(op.add, op.set, 0, op.get, 0)
      .with(op.brIf, n - i)
    b.op(op.get, 0).constant(i).op(op.xor, op.brIf, 0, op.end)
  }
  return moduleOf(0, b.op(op.end, op.get, 0))
}

/** A loop that changes many locals: as many parameters of its header. */
function manyPhis(n: number): Uint8Array {
  const b = new Body().op(op.loop, op.void)
  for (let i = 1; i < n; i++)
    b.with(op.get, i)
      .with(op.get, i + 1)
      .op(op.add)
      .with(op.set, i)
  b.op(op.get, 1, op.brIf, 0, op.end, op.get, 1)
  return moduleOf(n, b)
}

/** Recursive calls, across which many values live. */
function manyCalls(n: number): Uint8Array {
  const b = new Body()
  for (let i = 1; i <= n; i++) b.op(op.get, 0, op.call, 0).with(op.set, i)
  b.op(op.get, 0)
  for (let i = 1; i <= n; i++) b.with(op.get, i).op(op.add)
  return moduleOf(n, b)
}

/** Calls of a small function that calls another one twice, and so on: as many as powers of two, if all were inlined. */
function smallFunctions(n: number): Uint8Array {
  const first = new Body().op(op.get, 0)
  for (let i = 0; i < n; i++) first.op(op.call, 1)
  const others = Array.from({ length: 100 }, (_, i) => {
    const next = Math.min(i + 2, 100)
    return new Body().op(op.get, 0).with(op.call, next).with(op.call, next)
  })
  return moduleOf(0, first, ...others)
}

/** Operands that all wait on the stack. */
function deepStack(n: number): Uint8Array {
  const b = new Body()
  for (let i = 0; i < n; i++) b.op(op.get, 0).constant(i).op(op.xor)
  for (let i = 1; i < n; i++) b.op(op.add)
  return moduleOf(0, b)
}

/** A function that is slow to compile if anything is more than linear in `size`. */
export interface HostileFunction {
  readonly name: string
  readonly size: number
  make(size: number): Uint8Array
}

export const hostileFunctions: readonly HostileFunction[] = [
  { name: 'locals', size: 49_999, make: manyLocals },
  { name: 'blocks', size: 100_000, make: manyBlocks },
  { name: 'targets of a br_table', size: 10_000, make: wideTable },
  { name: 'ways out of a loop', size: 10_000, make: waysOut },
  { name: 'nested br_tables', size: 5_000, make: nestedTables },
  { name: 'instructions in a block', size: 1_000_000, make: longBlock },
  { name: 'memory accesses in a block', size: 400_000, make: longMemory },
  { name: 'nested blocks', size: 10_000, make: deepBlocks },
  { name: 'nested loops', size: 10_000, make: deepLoops },
  { name: 'ways out of nested loops', size: 10_000, make: waysOutOfNest },
  { name: 'parameters of a loop', size: 10_000, make: manyPhis },
  { name: 'calls with as many live values', size: 5_000, make: manyCalls },
  { name: 'calls of small functions', size: 100_000, make: smallFunctions },
  { name: 'operands on the stack', size: 100_000, make: deepStack },
]
