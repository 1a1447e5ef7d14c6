// What is valid but cannot be compiled yet is refused with a sentence and the offset, and nothing else happens.

import { describe, expect, it } from 'vitest'
import { CompileError } from '../../src/base/errors.js'
import { defaultFrontendOptions } from '../../src/frontend/options.js'
import { buildEntryTrampoline } from '../../src/frontend/trampolines.js'
import { FunctionTranslator } from '../../src/frontend/translate.js'
import { Opcode } from '../../src/wasm/opcodes.js'
import { moduleOf, newFunc, translateOne } from './util.js'

function errorOf(action: () => unknown): CompileError {
  try {
    action()
  } catch (e) {
    if (e instanceof CompileError) return e
    throw e
  }
  throw new Error('nothing was refused')
}

describe('refusals', () => {
  it('names the instruction and where it is', () => {
    const module = moduleOf('(module (func (drop (v128.const i32x4 0 0 0 0))))')
    const e = errorOf(() => translateOne(module, 0))
    expect(e.reason).toBe('v128.const is not yet supported by the code generator')
    expect(module.bytes[e.offset]).toBe(0xfd)
  })

  it.each([
    ['(module (func (param v128)))', 'a value of type v128'],
    ['(module (func (local v128)))', 'a value of type v128'],
    ['(module (func (block (result v128) (unreachable)) (drop)))', 'a value of type v128'],
    ['(module (type $s (struct)) (func (drop (struct.new $s))))', 'struct.new'],
  ])('%s', (text, what) => {
    expect(errorOf(() => translateOne(moduleOf(text), 0)).reason).toContain(what)
  })

  it.each([
    ['(module (memory i64 1))', 'a memory with 64-bit addresses'],
    ['(module (memory 1 1 shared))', 'a shared memory'],
    ['(module (table i64 1 funcref))', 'a table with 64-bit indices'],
  ])('%s', (text, what) => {
    const e = errorOf(() => new FunctionTranslator(moduleOf(text), defaultFrontendOptions))
    expect(e.reason).toContain(what)
  })

  it('trampolines of vector signatures', () => {
    const module = moduleOf('(module (type (func (param v128))))')
    expect(errorOf(() => buildEntryTrampoline(module.types.funcType(0), 0, newFunc())).reason).toContain(
      'v128',
    )
  })

  it('a translator is as good as new after a refusal', () => {
    const module = moduleOf(`(module
      (func (result i32) (block (result i32) (drop (v128.const i32x4 0 0 0 0)) (i32.const 1)))
      (func (result i32) (i32.const 2)))`)
    const translator = new FunctionTranslator(module, defaultFrontendOptions)
    const func = newFunc()
    expect(() => translator.translate(0, func)).toThrow(CompileError)
    translator.translate(1, func)
    expect(func.numInsts).toBe(2)
    expect(module.bytes[func.loc(func.firstInst(func.firstBlock))]).toBe(Opcode.I32Const)
  })
})
