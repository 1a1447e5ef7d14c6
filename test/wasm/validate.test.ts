import { describe, expect, test } from 'vitest'
import { decodeModule } from '../../src/wasm/decode.js'
import { allFeatures } from '../../src/wasm/features.js'
import { Opcode as O } from '../../src/wasm/opcodes.js'
import { validateEnvironment, validateFunction, validateModule } from '../../src/wasm/validate.js'
import {
  type Bytes,
  body,
  codeSection,
  funcSection,
  funcType,
  name,
  op,
  s32,
  section,
  T,
  typeSection,
  u32,
  vec,
  wasm,
  withBody,
} from './bytes.js'
import { compileError, judge } from './check.js'

const i32 = (n = 0): Bytes => op(O.I32Const, s32(n))
const i64 = op(O.I64Const, 0)
const drop = op(O.Drop)
const end = op(O.End)
const memory = section(5, vec([0, 1]))
const table = section(4, vec([T.funcref, 0, 1]))
const globals = section(6, vec([T.i32, 0, 0x41, 0, 0x0b], [T.i64, 1, 0x42, 0, 0x0b]))
const none = 0x40

/** Judges a function [] -> results with one memory, one table, an i32 constant global and an i64 variable. */
const code = (results: Bytes[], ...instructions: Bytes[]): string =>
  judge(
    withBody(
      results,
      [
        [1, T.i32],
        [1, T.externref],
      ],
      instructions,
      table,
      memory,
      globals,
    ),
  )

describe('bodies', () => {
  const cases: [string, string, Bytes[], ...Bytes[]][] = [
    ['empty', 'valid', []],
    ['constant', 'valid', [T.i32], i32()],
    ['missing result', 'type mismatch: instruction requires [i32] but stack has []', [T.i32]],
    ['wrong result', 'type mismatch: instruction requires [i32] but stack has [i64]', [T.i32], i64],
    ['left over', 'type mismatch: block requires [] but stack has [i32]', [], i32()],
    ['two results', 'valid', [T.i32, T.i64], i32(), i64],
    ['add', 'valid', [T.i32], i32(), i32(), op(O.I32Add)],
    ['add of i64', 'type mismatch', [T.i32], i32(), i64, op(O.I32Add)],
    ['unreachable gives anything', 'valid', [T.i32], op(O.Unreachable), op(O.I32Add)],
    ['unreachable gives the rest', 'valid', [T.i32], op(O.Unreachable), i32(), op(O.I32Add)],
    ['but not the wrong', 'type mismatch', [T.i32], op(O.Unreachable), i64, op(O.I32Add)],
    ['unreachable with leftovers', 'type mismatch', [], op(O.Unreachable), i32()],
    ['block', 'valid', [T.i32], op(O.Block, T.i32), i32(), end],
    ['block sees no operands', 'type mismatch', [T.i32], i32(), op(O.Block, T.i32), op(O.I32Eqz), end],
    ['block type index', 'valid', [], op(O.Block, 0), end],
    ['block type unknown', 'unknown type 9', [], op(O.Block, 9), end],
    ['if without else', 'type mismatch', [T.i32], i32(), op(O.If, T.i32), i32(), end],
    ['if with else', 'valid', [T.i32], i32(), op(O.If, T.i32), i32(), op(O.Else), i32(1), end],
    ['else without if', 'END opcode expected', [], op(O.Else)],
    ['else in block', 'END opcode expected', [], op(O.Block, none), op(O.Else), end],
    ['br out', 'valid', [T.i32], op(O.Block, none), i32(), op(O.Br, 1), end, op(O.Unreachable)],
    ['br unknown', 'unknown label 1', [], op(O.Br, 1)],
    ['br to loop takes parameters', 'valid', [], op(O.Loop, T.i32), op(O.Br, 0), end, drop],
    ['br_if keeps operands', 'valid', [T.i32], op(O.Block, T.i32), i32(), i32(), op(O.BrIf, 0), end],
    ['br_table', 'valid', [], op(O.Block, none), i32(), op(O.BrTable, vec(0, 1, 1), 0), end],
    [
      'br_table arity',
      'type mismatch',
      [T.i32],
      op(O.Block, none),
      i32(),
      i32(),
      op(O.BrTable, vec(0), 1),
      end,
      i32(),
    ],
    ['br_table unknown', 'unknown label 7', [], i32(), op(O.BrTable, vec(7), 0)],
    ['return drops the rest', 'valid', [T.i32], i64, i32(), op(O.Return)],
    ['call', 'valid', [], op(O.Call, 0)],
    ['call unknown', 'unknown function 1', [], op(O.Call, 1)],
    ['call_indirect', 'valid', [], i32(), op(O.CallIndirect, 0, 0)],
    ['call_indirect unknown type', 'unknown type 3', [], i32(), op(O.CallIndirect, 3, 0)],
    ['call_indirect unknown table', 'unknown table 1', [], i32(), op(O.CallIndirect, 0, 1)],
    ['tail call', 'valid', [], op(O.ReturnCall, 0)],
    ['local', 'valid', [T.i32], op(O.LocalGet, 0)],
    ['local unknown', 'unknown local 2', [], op(O.LocalGet, 2), drop],
    ['local wrong', 'type mismatch', [], i64, op(O.LocalSet, 0)],
    ['tee', 'valid', [T.i32], i32(), op(O.LocalTee, 0)],
    ['global', 'valid', [T.i32], op(O.GlobalGet, 0)],
    ['global set', 'valid', [], i64, op(O.GlobalSet, 1)],
    ['global immutable', 'immutable global', [], i32(), op(O.GlobalSet, 0)],
    ['global unknown', 'unknown global 2', [], op(O.GlobalGet, 2), drop],
    ['load', 'valid', [T.i32], i32(), op(O.I32Load, 2, 0)],
    ['load of unknown memory', 'unknown memory 1', [T.i32], i32(), op(O.I32Load, 0x42, 1, 0)],
    ['load too aligned', 'alignment must not be larger than natural', [T.i32], i32(), op(O.I32Load, 3, 0)],
    ['load with bad flags', 'malformed memop flags', [T.i32], i32(), op(O.I32Load, [0x80, 1], 0)],
    ['offset beyond 32 bits', 'offset out of range', [T.i32], i32(), op(O.I32Load, 2, u32(2 ** 32))],
    ['offset of 32 bits', 'valid', [T.i32], i32(), op(O.I32Load, 2, u32(2 ** 32 - 1))],
    ['store', 'valid', [], i32(), i64, op(O.I64Store, 3, 0)],
    [
      'memory.init without data count',
      'data count section required',
      [],
      i32(),
      i32(),
      i32(),
      op(O.MemoryInit, 0, 0),
    ],
    ['elem.drop unknown', 'unknown elem segment 0', [], op(O.ElemDrop, 0)],
    ['memory.copy', 'valid', [], i32(), i32(), i32(), op(O.MemoryCopy, 0, 0)],
    ['memory.grow', 'valid', [T.i32], i32(), op(O.MemoryGrow, 0)],
    ['table.get', 'valid', [T.funcref], i32(), op(O.TableGet, 0)],
    ['table.set wrong', 'type mismatch', [], i32(), op(O.LocalGet, 1), op(O.TableSet, 0)],
    ['select', 'valid', [T.i32], i32(), i32(), i32(), op(O.Select)],
    ['select of different', 'type mismatch', [T.i32], i32(), i64, i32(), op(O.Select)],
    [
      'select of references',
      'type mismatch',
      [T.externref],
      op(O.LocalGet, 1),
      op(O.LocalGet, 1),
      i32(),
      op(O.Select),
    ],
    [
      'select typed',
      'valid',
      [T.externref],
      op(O.LocalGet, 1),
      op(O.LocalGet, 1),
      i32(),
      op(O.SelectT, vec(T.externref)),
    ],
    ['select of two', 'invalid result arity', [T.i32], i32(), i32(), i32(), op(O.SelectT, vec(T.i32, T.i32))],
    ['ref.is_null', 'valid', [T.i32], op(O.RefNull, T.funcref), op(O.RefIsNull)],
    ['ref.is_null of a number', 'type mismatch', [T.i32], i32(), op(O.RefIsNull)],
    ['ref.func undeclared', 'undeclared function reference 0', [T.funcref], op(O.RefFunc, 0)],
    ['ref.func unknown', 'unknown function 7', [T.funcref], op(O.RefFunc, 7)],
    ['ref.as_non_null', 'valid', [[0x64, T.funcref]], op(O.RefNull, T.funcref), op(O.RefAsNonNull)],
    ['vector lane', 'valid', [T.i32], op(O.V128Const, new Array(16).fill(0)), op(O.I8x16ExtractLaneU, 15)],
    [
      'vector lane too large',
      'invalid lane index',
      [T.i32],
      op(O.V128Const, new Array(16).fill(0)),
      op(O.I32x4ExtractLane, 4),
    ],
    [
      'shuffle',
      'invalid lane index',
      [],
      op(O.V128Const, new Array(16).fill(0)),
      op(O.V128Const, new Array(16).fill(0)),
      op(O.I8x16Shuffle, new Array(16).fill(32)),
      drop,
    ],
    [
      'load lane',
      'valid',
      [],
      i32(),
      op(O.V128Const, new Array(16).fill(0)),
      op(O.V128Load64Lane, 3, 0, 1),
      drop,
    ],
    ['atomic alignment', 'atomic alignment', [], i32(), op(O.I32AtomicLoad, 1, 0), drop],
    ['wide arithmetic', 'valid', [T.i64, T.i64], i64, i64, op(O.I64MulWideU)],
    ['throw unknown', 'unknown tag 0', [], op(O.Throw, 0)],
    ['rethrow outside', 'invalid rethrow label', [], op(O.Block, none), op(O.Rethrow, 0), end],
    ['i31', 'valid', [T.i32], i32(), op(O.RefI31), op(O.I31GetS)],
    ['illegal', 'illegal opcode 27', [], 0x27],
    ['illegal prefixed', 'illegal opcode fc 7f', [], [0xfc, 0x7f]],
    ['body goes on behind end', 'section size mismatch', [], end, op(O.Nop)],
  ]
  for (const [what, reason, results, ...instructions] of cases) {
    test(what, () => {
      const got = code(results, ...instructions)
      if (reason === 'valid') expect(got).toBe('valid')
      else expect(got.slice(0, reason.length)).toBe(reason)
    })
  }

  test('non-nullable locals must be set first, and sets end with their block', () => {
    const locals: Bytes[] = [[1, [0x64, T.funcref]]]
    const get = [op(O.LocalGet, 0), drop]
    const set = [op(O.RefNull, T.funcref), op(O.RefAsNonNull), op(O.LocalSet, 0)]
    const judged = (...c: Bytes[]): string => judge(withBody([], locals, c))
    expect(judged(get)).toBe('uninitialized local 0')
    expect(judged(set, get)).toBe('valid')
    expect(judged(op(O.Block, none), set, get, end)).toBe('valid')
    expect(judged(op(O.Block, none), set, end, get)).toBe('uninitialized local 0')
    expect(judged(i32(), op(O.If, none), set, op(O.Else), get, end)).toBe('uninitialized local 0')
    expect(judged(set, op(O.Block, none), get, set, end, get)).toBe('valid')
  })

  test('errors tell where the instruction is', () => {
    const bytes = withBody([], [], [op(O.Nop), i64, op(O.I32Eqz), drop])
    expect(bytes[compileError(bytes)?.offset ?? 0]).toBe(O.I32Eqz)
  })

  test('functions can be validated one by one', () => {
    const bytes = wasm(
      typeSection(funcType([], [])),
      funcSection(0, 0),
      codeSection(body([]), body([], i32())),
    )
    const module = decodeModule(bytes)
    validateEnvironment(module)
    validateFunction(module, 0)
    expect(() => validateFunction(module, 1)).toThrow('type mismatch')
    validateFunction(module, 0)
    expect(() => validateModule(module)).toThrow('type mismatch')
  })

  test('deep nesting and wide stacks need no recursion', () => {
    const depth = 50_000
    const nested = [new Array(depth).fill([O.Block, none]), new Array(depth).fill(O.End)]
    expect(judge(withBody([], [], nested))).toBe('valid')
    const wide = [new Array(depth).fill([O.I32Const, 0]), new Array(depth).fill(O.Drop)]
    expect(judge(withBody([], [], wide))).toBe('valid')
  })
})

describe('outside of bodies', () => {
  const global = (type: Bytes, ...expr: Bytes[]): Uint8Array =>
    wasm(
      typeSection(funcType([], [])),
      funcSection(0),
      section(6, vec([type, 0, expr, 0x0b])),
      codeSection(body([])),
    )
  const start = (index: number, params: Bytes[]): Uint8Array =>
    wasm(typeSection(funcType(params, [])), funcSection(0), section(8, index), codeSection(body([])))
  const cases: [string, string, Uint8Array][] = [
    ['constant', 'valid', global(T.i32, i32())],
    ['extended constant', 'valid', global(T.i32, i32(), i32(), op(O.I32Add))],
    ['not constant', 'constant expression required', global(T.i32, i32(), op(O.I32Ctz))],
    ['nop is not constant', 'constant expression required', global(T.i32, op(O.Nop), i32())],
    ['constant of wrong type', 'type mismatch', global(T.i64, i32())],
    ['two constants', 'type mismatch', global(T.i32, i32(), i32())],
    ['no constant', 'type mismatch', global(T.i32)],
    ['global of itself', 'unknown global 0', global(T.i32, op(O.GlobalGet, 0))],
    ['function reference', 'valid', global(T.funcref, op(O.RefFunc, 0))],
    ['unknown function reference', 'unknown function 1', global(T.funcref, op(O.RefFunc, 1))],
    [
      'mutable global in a constant',
      'constant expression required',
      wasm(section(6, vec([T.i32, 1, i32(), 0x0b], [T.i32, 0, op(O.GlobalGet, 0), 0x0b]))),
    ],
    [
      'earlier global in a constant',
      'valid',
      wasm(section(6, vec([T.i32, 0, i32(), 0x0b], [T.i32, 0, op(O.GlobalGet, 0), 0x0b]))),
    ],
    [
      'memory too large',
      'memory size must be at most 65536 pages (4GiB)',
      wasm(section(5, vec([0, u32(65537)]))),
    ],
    ['memory maximum too large', 'memory size', wasm(section(5, vec([1, 0, u32(65537)])))],
    [
      'memory limits swapped',
      'size minimum must not be greater than maximum',
      wasm(section(5, vec([1, 2, 1]))),
    ],
    ['64-bit memory', 'valid', wasm(section(5, vec([4, u32(2 ** 48)])))],
    ['shared without maximum', 'shared memory must have maximum', wasm(section(5, vec([2, 0])))],
    ['page size', 'invalid custom page size', wasm(section(5, vec([8, 0, 1])))],
    ['table too large', 'table size', wasm(section(4, vec([T.funcref, 0, u32(2 ** 32)])))],
    ['table without null', 'type mismatch', wasm(section(4, vec([0x64, T.funcref, 0, 0])))],
    [
      'table of itself',
      'unknown function 0',
      wasm(section(4, vec([0x40, 0, T.funcref, 0, 0, op(O.RefFunc, 0), 0x0b]))),
    ],
    [
      'duplicate export',
      'duplicate export name',
      wasm(memory, section(7, vec([name('a'), 2, 0], [name('a'), 2, 0]))),
    ],
    ['export of nothing', 'unknown memory 0', wasm(section(7, vec([name('a'), 2, 0])))],
    ['start', 'valid', start(0, [])],
    ['start unknown', 'unknown function 1', start(1, [])],
    ['start with parameters', 'start function', start(0, [T.i32])],
    ['element for unknown table', 'unknown table 0', wasm(section(9, vec([0, i32(), 0x0b, vec()])))],
    [
      'element of unknown function',
      'unknown function 0',
      wasm(table, section(9, vec([0, i32(), 0x0b, vec(0)]))),
    ],
    [
      'element of wrong type',
      'type mismatch',
      wasm(section(9, vec([5, T.externref, vec([op(O.RefNull, T.funcref), 0x0b])]))),
    ],
    ['element offset of wrong type', 'type mismatch', wasm(table, section(9, vec([0, i64, 0x0b, vec()])))],
    ['data for unknown memory', 'unknown memory 0', wasm(section(11, vec([0, i32(), 0x0b, 0])))],
    ['data offset of wrong type', 'type mismatch', wasm(memory, section(11, vec([0, i64, 0x0b, 0])))],
    [
      'tag with results',
      'non-empty tag result type',
      wasm(typeSection(funcType([], [T.i32])), section(13, vec([0, 0]))),
    ],
    ['final supertype', 'sub type', wasm(typeSection([0x5f, 0], [0x50, 1, 0, 0x5f, 0]))],
    [
      'mismatching supertype',
      'sub type',
      wasm(typeSection([0x50, 0, 0x5f, vec([T.i32, 0])], [0x50, 1, 0, 0x5f, 0])),
    ],
    [
      'matching supertype',
      'valid',
      wasm(typeSection([0x50, 0, 0x5f, 0], [0x50, 1, 0, 0x5f, vec([T.i32, 0])])),
    ],
  ]
  for (const [what, reason, bytes] of cases) {
    test(what, () => expect(judge(bytes, { features: allFeatures }).slice(0, reason.length)).toBe(reason))
  }

  test('a chain of supertypes has a limit', () => {
    const chain = (n: number): Uint8Array =>
      wasm(
        typeSection([0x50, 0, 0x5f, 0], ...Array.from({ length: n }, (_, i) => [0x50, 1, u32(i), 0x5f, 0])),
      )
    expect(judge(chain(63))).toBe('valid')
    expect(judge(chain(64))).toMatch('sub type')
  })
})
