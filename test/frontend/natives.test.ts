// memory.copy and memory.fill, the builtins written in IR, against the obvious implementation; entry trampolines.

import { describe, expect, it } from 'vitest'
import { defaultFrontendOptions } from '../../src/frontend/options.js'
import { buildEntryTrampoline } from '../../src/frontend/trampolines.js'
import { FunctionTranslator } from '../../src/frontend/translate.js'
import { Interpreter } from '../../src/ir/interpret.js'
import { assertValid } from '../../src/ir/verify.js'
import { storeContext, vmContext } from '../../src/vm-layout.js'
import { heapOutOfBoundsCode, TestInstance } from './instance.js'
import { explicitBounds, moduleOf, newFunc } from './util.js'
import { Random, testSeed } from './v8.js'

const size = 0x10000
const text = `(module (memory 1 1)
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2))))`

function freshInstance(random: Random): { instance: TestInstance; reference: Uint8Array } {
  const instance = new TestInstance(moduleOf(text), explicitBounds)
  const bytes = instance.memoryBytes(0)
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.u32()
  return { instance, reference: bytes.slice(0, size) }
}

describe('native builtins', () => {
  it('memory.copy moves overlapping ranges in both directions', () => {
    const random = new Random(testSeed)
    const { instance, reference } = freshInstance(random)
    for (let round = 0; round < 400; round++) {
      const length = random.below(round % 4 === 0 ? 300 : 40)
      const src = 500 + random.below(200)
      const dst = 500 + random.below(200)
      const outcome = instance.invoke('copy', [dst, src, length].map(BigInt))
      expect(outcome).toEqual({ kind: 'returned', values: [] })
      reference.copyWithin(dst, src, src + length)
      expect(Buffer.compare(reference.subarray(0, 2000), instance.memoryBytes(0).subarray(0, 2000))).toBe(0)
    }
  })

  it('memory.fill writes exactly its range, with the low byte', () => {
    const random = new Random(testSeed)
    const { instance, reference } = freshInstance(random)
    for (let round = 0; round < 200; round++) {
      const length = random.below(round % 4 === 0 ? 600 : 40)
      const [dst, byte] = [random.below(900), random.u32()]
      expect(instance.invoke('fill', [dst, byte, length].map(BigInt)).kind).toBe('returned')
      reference.fill(byte & 0xff, dst, dst + length)
      expect(Buffer.compare(reference.subarray(0, 2000), instance.memoryBytes(0).subarray(0, 2000))).toBe(0)
    }
  })

  it.each([
    ['fill', [size, 0, 0], false],
    ['fill', [size + 1, 0, 0], true],
    ['fill', [size - 3, 1, 4], true],
    ['fill', [0xffffffff, 1, 0xffffffff], true],
    ['copy', [0, size, 0], false],
    ['copy', [0, size - 1, 2], true],
    ['copy', [size - 1, 0, 2], true],
    ['copy', [1, 2, 0xffffffff], true],
  ] as const)('%s %j at the bounds (traps: %s)', (name, args, traps) => {
    const { instance, reference } = freshInstance(new Random(1))
    const outcome = instance.invoke(name, args.map(BigInt))
    expect(outcome).toEqual(
      traps ? { kind: 'trapped', code: heapOutOfBoundsCode } : { kind: 'returned', values: [] },
    )
    expect(Buffer.compare(reference, instance.memoryBytes(0).subarray(0, size))).toBe(0)
  })
})

describe('entry trampoline', () => {
  it('loads slots, notes the handler, calls, stores results', () => {
    const module = moduleOf(`(module (func (export "f") (param i32 i64 f32 f64) (result f64 i64 i32 f32)
      (local.get 3) (local.get 1) (i32.add (local.get 0) (i32.const 1)) (local.get 2)))`)
    const [f, entry] = [newFunc(), newFunc()]
    new FunctionTranslator(module, defaultFrontendOptions).translate(0, f)
    buildEntryTrampoline(module.types.funcType(0), 0, entry)
    assertValid(entry, 'entry')
    const interpreter = new Interpreter([f, entry])
    const [vmctx, store, slots] = [new Uint8Array(64), new Uint8Array(storeContext.size), new Uint8Array(64)]
    const view = new DataView(slots.buffer)
    view.setInt32(0, 41, true)
    view.setBigInt64(16, -5n, true)
    view.setFloat32(32, 1.5, true)
    view.setFloat64(48, 2.5, true)
    const storeAt = interpreter.memory.map(store)
    new DataView(vmctx.buffer).setBigUint64(vmContext.storeContext, storeAt, true)
    const args = [interpreter.memory.map(vmctx), interpreter.functionAddress('u0:0')]
    const outcome = interpreter.call(entry, [...args, interpreter.memory.map(slots), 4n])
    expect(outcome).toEqual({ kind: 'returned', values: [1n] })
    expect(view.getFloat64(0, true)).toBe(2.5)
    expect(view.getBigInt64(16, true)).toBe(-5n)
    expect(view.getInt32(32, true)).toBe(42)
    expect(view.getFloat32(48, true)).toBe(1.5)
    for (const word of [storeContext.handlerPc, storeContext.handlerSp, storeContext.handlerFp]) {
      expect(new DataView(store.buffer).getBigUint64(word, true)).not.toBe(0n)
    }
  })
})
