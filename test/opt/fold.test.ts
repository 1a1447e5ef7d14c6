// Constant folding against the interpreter: all pairs of bytes for every integer operation, and telling values of all types for
// everything that folds.

import { beforeEach, describe, expect, it } from 'vitest'
import { FuncBuilder } from '../../src/ir/builder.js'
import type { Inst, Value } from '../../src/ir/entities.js'
import { Func } from '../../src/ir/func.js'
import { Interpreter } from '../../src/ir/interpret.js'
import { intCompares, intLaneOps, shiftOps } from '../../src/ir/interpret-int.js'
import { floatccNames, type IntCC, intccNames, Op, opByName, opInfo, Result } from '../../src/ir/ops.js'
import { CallConv, signature } from '../../src/ir/signature.js'
import { isInt, Type, typeBytes, typeInfo } from '../../src/ir/types.js'
import { verifyFunc } from '../../src/ir/verify.js'
import { foldInst, isFoldableOp } from '../../src/opt/fold-inst.js'
import { foldBinary, foldCompare, folded, foldUnary } from '../../src/opt/fold-int.js'

// The runner wants a turn between tests.
beforeEach(() => new Promise<void>(resolve => setImmediate(resolve)))

const bytes = Array.from({ length: 256 }, (_, n) => n - 128)
const low = (x: bigint): number => Number(BigInt.asIntN(8, x))

/** What the interpreter says, or null for a trap. */
function expected(compute: () => bigint): number | null {
  try {
    return low(compute())
  } catch {
    return null
  }
}

function checkByte(op: number, a: number, b: number, of: () => bigint): void {
  const want = expected(of)
  const folds = foldBinary(op, Type.I8, a, a >> 31, b, b >> 31)
  const ok = folds === (want !== null) && (!folds || (folded.lo === want && folded.hi === want >> 31))
  if (!ok) expect(`${a}, ${b}: ${folds} ${folded.lo} ${folded.hi}`).toBe(want)
}

describe('bytes, exhaustively', () => {
  const names = [...Object.keys(intLaneOps), ...Object.keys(shiftOps)]
  const binary = names.filter(name => foldBinary(opByName.get(name) as number, Type.I8, 1, 0, 1, 0))
  it.each(binary)('%s', name => {
    const op = opByName.get(name) as number
    const lane = (intLaneOps[name] ?? shiftOps[name]) as NonNullable<(typeof shiftOps)[string]>
    for (const a of bytes) {
      for (const b of bytes) checkByte(op, a, b, () => lane(8, BigInt(a & 255), BigInt(b & 255), 0n))
    }
  })

  it('all binary operations are there', () => expect(binary.length).toBe(21))

  const unary = names.filter(name => foldUnary(opByName.get(name) as number, Type.I8, 1, 0))
  it.each(unary)('%s', name => {
    for (const a of bytes) {
      foldUnary(opByName.get(name) as number, Type.I8, a, a >> 31)
      expect(folded.lo).toBe(
        low((intLaneOps[name] as NonNullable<(typeof shiftOps)[string]>)(8, BigInt(a & 255), 0n, 0n)),
      )
    }
  })

  it.each(intccNames.map((name, cc) => [name, cc] as const))('icmp %s', (_, cc) => {
    const holds = intCompares[cc] as (typeof intCompares)[number]
    for (const a of bytes) {
      for (const b of bytes) {
        const want = holds(8, BigInt(a & 255), BigInt(b & 255))
        if (foldCompare(cc as IntCC, Type.I8, a, a >> 31, b, b >> 31) !== want) expect(`${a} ${b}`).toBe(want)
      }
    }
  })
})

// ── All types ───────────────────────────────────────────────────────────────────────────────────────────────────────

const types = [Type.I8, Type.I16, Type.I32, Type.I64, Type.F32, Type.F64]

function tellingInts(bits: number): bigint[] {
  const one = 1n << BigInt(bits - 1)
  const list = [
    0n,
    1n,
    2n,
    3n,
    7n,
    -1n,
    -2n,
    -7n,
    one,
    one - 1n,
    one >> 1n,
    0x12345678_9abcdef1n,
    31n,
    32n,
    33n,
    63n,
  ]
  return [...new Set(list.map(x => BigInt.asIntN(bits, x)))]
}

const f32Values = [
  0, 0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0x40200000, 0x4f000000, 0x4e7fffff, 0x7f800000,
]
const f32More = [
  0xff800000, 0x7fc00000, 0x7fa00000, 1, 0x007fffff, 0x7f7fffff, 0x3effffff, 0x5f800000, 0xcf000001,
]
const f64Values = [
  ...[0n, 1n << 63n, 0x3ff0000000000000n, 0xbff0000000000000n, 0x3fe0000000000000n, 0x4004000000000000n],
  ...[
    0x41dfffffffc00000n,
    0x41e0000000000000n,
    0xc1e0000000200000n,
    0x43e0000000000000n,
    0x43dfffffffffffffn,
  ],
  ...[
    0x7ff0000000000000n,
    0xfff0000000000000n,
    0x7ff8000000000000n,
    0x7ff4000000000000n,
    1n,
    0x7fefffffffffffffn,
  ],
  ...[
    0x3fdfffffffffffffn,
    0x3810000000000000n,
    0x47efffffe0000000n,
    0x36a0000000000000n,
    0xbfd0000000000000n,
  ],
]

function telling(t: Type): bigint[] {
  if (t === Type.F32) return [...f32Values, ...f32More].map(BigInt)
  return t === Type.F64 ? f64Values : tellingInts((typeBytes[t] as number) * 8)
}

function constant(b: FuncBuilder, t: Type, bits: bigint): Value {
  const [lo, hi] = [Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n))]
  if (t === Type.F32) return b.f32const(lo)
  return t === Type.F64 ? b.f64const(lo, hi) : b.iconst(t, lo, hi)
}

interface Case {
  readonly func: Func
  readonly inst: Inst
}

/** A function that returns the operation on constants. Null if the operation does not take these types. */
function instance(op: number, type: Type, from: Type, cc: number, a: bigint, b: bigint): Case | null {
  const info = opInfo[op] as (typeof opInfo)[number]
  const result = info.result === Result.Bool ? Type.I8 : type
  const func = new Func(signature([], [result], CallConv.Fast))
  const builder = new FuncBuilder(func)
  builder.switchToBlock(builder.createEntryBlock())
  const x = constant(builder, from, a)
  const args = info.args === 2 ? [x, constant(builder, type, b)] : [x]
  const inst = builder.inst(op, args, type)
  func.setAux(inst, cc)
  builder.return([builder.result(inst)])
  builder.sealAllBlocks()
  builder.finish()
  return verifyFunc(func).length === 0 ? { func, inst } : null
}

/** Folds where it must not, or to something else: what happened. */
function mistake({ func, inst }: Case): string {
  const outcome = new Interpreter([func]).call(func, [])
  if (!foldInst(func, inst)) return ''
  if (outcome.kind !== 'returned') return `folded, but ${outcome.kind}`
  const t = func.valueType(func.result(inst))
  const bits = (typeBytes[t] as number) * 8
  const got = BigInt.asUintN(bits, (BigInt(folded.hi) << 32n) | BigInt(folded.lo >>> 0))
  const wide = isInt(t) && bits < 64 ? folded.hi === folded.lo >> 31 : true
  if (got === outcome.values[0] && wide) return ''
  return `${got.toString(16)}, not ${(outcome.values[0] as bigint).toString(16)}`
}

describe('all types, telling values', () => {
  const ops = opInfo.map((_, op) => op).filter(op => isFoldableOp(op) && op !== Op.iconst)
  const names = ops.map(op => [(opInfo[op] as { name: string }).name, op] as const)
  it.each(names)('%s', (_, op) => {
    const info = opInfo[op] as (typeof opInfo)[number]
    const ccs = op === Op.icmp ? intccNames.length : op === Op.fcmp ? floatccNames.length : 1
    for (const type of types) {
      for (const from of info.args === 2 ? [type] : types) {
        if (instance(op, type, from, 0, 1n, 1n) === null) continue
        for (const a of telling(from)) {
          for (const b of info.args === 2 ? telling(type) : [0n]) {
            const test = instance(op, type, from, ccs > 1 ? Number((a ^ b) & 0xffn) % ccs : 0, a, b)
            const wrong = test === null ? '' : mistake(test)
            if (wrong !== '')
              expect(wrong, `${typeInfo[type]?.name} of ${a.toString(16)}, ${b.toString(16)}`).toBe('')
          }
        }
      }
    }
  })
})
