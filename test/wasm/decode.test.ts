import { describe, expect, test } from 'vitest'
import { decodeModule, skeletonOf } from '../../src/wasm/decode.js'
import { allFeatures } from '../../src/wasm/features.js'
import { limits } from '../../src/wasm/limits.js'
import { ExternKind, funcTypeOf, SegmentMode } from '../../src/wasm/module.js'
import { Opcode } from '../../src/wasm/opcodes.js'
import { Heap, printFuncType, refType, ValType } from '../../src/wasm/types.js'
import { validateModule } from '../../src/wasm/validate.js'
import {
  type Bytes,
  body,
  codeSection,
  flat,
  funcSection,
  funcType,
  header,
  name,
  op,
  section,
  sized,
  T,
  typeSection,
  u32,
  vec,
  wasm,
} from './bytes.js'
import { judge } from './check.js'

const nop = body([])
const voidType = typeSection(funcType([], []))

/** A module with something in every section. */
const rich = (): Uint8Array =>
  wasm(
    section(0, name('first'), [1, 2, 3]),
    typeSection(funcType([T.i32, T.i64], [T.f32]), funcType([], []), funcType([], [])),
    section(2, vec([name('env'), name('f'), 0, 0], [name('env'), name('g'), 3, T.i32, 0])),
    funcSection(1, 2),
    section(4, vec([T.funcref, 1, 1, 5])),
    section(5, vec([1, 1, 2])),
    section(6, vec([T.i32, 1, 0x41, 7, 0x0b], [T.funcref, 0, 0xd2, 2, 0x0b])),
    section(7, vec([name('run'), 0, 1], [name('mem'), 2, 0])),
    section(8, 1),
    section(9, vec([0, 0x41, 0, 0x0b, vec(1)], [5, T.funcref, vec([0xd0, 0x70, 0x0b])])),
    section(12, 2),
    codeSection(nop, body([[3, T.i32]], op(Opcode.I32Const, 1), op(Opcode.Drop))),
    section(11, vec([0, 0x41, 0, 0x0b, sized(1, 2)], [1, sized(3)])),
    section(0, name('last')),
  )

describe('a module with everything', () => {
  const m = decodeModule(rich())

  test('is valid', () => expect(() => validateModule(m)).not.toThrow())

  test('index spaces have imports first', () => {
    expect([...m.funcTypeIndices]).toEqual([0, 1, 2])
    expect(m.importedFuncCount).toBe(1)
    expect(m.globals.map(g => g.type.mutable)).toEqual([false, true, false])
    expect(m.imports.map(i => [i.module, i.field, i.kind, i.index])).toEqual([
      ['env', 'f', ExternKind.Func, 0],
      ['env', 'g', ExternKind.Global, 0],
    ])
    expect(printFuncType(funcTypeOf(m, 0))).toBe('[i32 i64] -> [f32]')
    expect(m.types.canonical(2)).toBe(1)
  })

  test('tables, memories, exports, start', () => {
    expect(m.tables[0]?.type).toEqual({ element: ValType.FuncRef, min: 1, max: 5, index64: false })
    expect(m.memories[0]).toMatchObject({ min: 1, max: 2, index64: false, shared: false, pageSizeLog2: 16 })
    expect(m.exports).toEqual([
      { name: 'run', kind: ExternKind.Func, index: 1 },
      { name: 'mem', kind: ExternKind.Memory, index: 0 },
    ])
    expect(m.start).toBe(1)
  })

  test('segments', () => {
    expect(m.elements[0]).toMatchObject({
      mode: SegmentMode.Active,
      table: 0,
      type: refType(false, Heap.Func),
    })
    expect([...(m.elements[0]?.funcs ?? [])]).toEqual([1])
    expect(m.elements[1]).toMatchObject({ mode: SegmentMode.Passive, table: -1, funcs: undefined })
    expect(m.elements[1]?.exprs?.length).toBe(2)
    expect(m.data.map(d => [d.mode, [...m.bytes.subarray(d.start, d.end)]])).toEqual([
      [SegmentMode.Active, [1, 2]],
      [SegmentMode.Passive, [3]],
    ])
  })

  test('bodies are offsets', () => {
    const code = m.code
    expect(code?.entryStart.length).toBe(2)
    const at = code?.codeStart[1] as number
    expect([...m.bytes.subarray(at, code?.end[1])]).toEqual([0x41, 1, 0x1a, 0x0b])
    expect(at - (code?.localsStart[1] as number)).toBe(3)
    expect((code?.localsStart[1] as number) - (code?.entryStart[1] as number)).toBe(1)
  })

  test('functions mentioned outside of bodies are declared and escape', () => {
    expect([0, 1, 2].map(i => m.declaredFuncs.has(i))).toEqual([false, true, true])
    expect([0, 1, 2].map(i => m.escapingFuncs.has(i))).toEqual([false, true, true])
  })

  test('custom sections are kept as ranges', () => {
    expect(m.customSections.map(s => [s.name, [...m.bytes.subarray(s.start, s.end)]])).toEqual([
      ['first', [1, 2, 3]],
      ['last', []],
    ])
  })

  test('its skeleton reads back without code', () => {
    const bytes = skeletonOf(m)
    expect(bytes.length).toBe(m.bytes.length - (m.codeSectionEnd - m.codeSectionStart))
    const s = decodeModule(bytes, { skeleton: true })
    expect(s.code).toBeUndefined()
    expect(() => validateModule(s)).not.toThrow()
    expect([...s.funcTypeIndices]).toEqual([...m.funcTypeIndices])
    expect(s.data.map(d => [...bytes.subarray(d.start, d.end)])).toEqual([[1, 2], [3]])
    expect(judge(bytes)).toBe('function and code section have inconsistent lengths')
    expect([...skeletonOf(s)]).toEqual([...bytes])
  })
})

describe('malformed modules', () => {
  const cases: [string, Uint8Array | (() => Uint8Array), string][] = [
    ['empty file', new Uint8Array(0), 'unexpected end'],
    ['wrong magic', Uint8Array.of(0, 0x61, 0x73, 0x6e, 1, 0, 0, 0), 'magic header not detected'],
    ['wrong version', Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), 'unknown binary version'],
    ['component', Uint8Array.of(0, 0x61, 0x73, 0x6d, 13, 0, 1, 0), 'unknown binary version'],
    ['no version', Uint8Array.from(header.slice(0, 6)), 'unexpected end'],
    ['unknown section', wasm([14, 0]), 'malformed section id'],
    ['section id as LEB', wasm([0x81, 0x00, 1, 0]), 'malformed section id'],
    ['section too large', wasm([1, 5, 0]), 'length out of bounds'],
    ['section size cut off', wasm([1]), 'unexpected end'],
    ['section with rest', wasm([1, 2, 0, 0]), 'section size mismatch'],
    ['section twice', wasm(voidType, voidType), 'unexpected content after last section'],
    ['sections swapped', wasm(section(3, 0), section(1, 0)), 'unexpected content after last section'],
    ['custom name too long', wasm([0, 2, 5, 0x61]), 'length out of bounds'],
    ['custom name not UTF-8', wasm(section(0, sized(0x80))), 'malformed UTF-8 encoding'],
    ['absurd type count', wasm(section(1, u32(0xffffffff))), 'unexpected end'],
    ['bad definition', wasm(section(1, vec([0x41, 0, 0]))), 'malformed definition type'],
    ['bad value type', wasm(typeSection(funcType([0x41], []))), 'malformed value type'],
    ['bad import kind', wasm(section(2, vec([name(''), name(''), 5, 0]))), 'malformed import kind'],
    ['bad export kind', wasm(section(7, vec([name(''), 5, 0]))), 'malformed export kind'],
    ['bad mutability', wasm(section(6, vec([T.i32, 2, 0x41, 0, 0x0b]))), 'malformed mutability'],
    ['bad table element', wasm(section(4, vec([T.i32, 0, 0]))), 'malformed reference type'],
    ['bad table flags', wasm(section(4, vec([T.funcref, 2, 0]))), 'malformed limits flags'],
    ['bad memory flags', wasm(section(5, vec([16, 0]))), 'malformed limits flags'],
    [
      'functions without code',
      wasm(voidType, funcSection(0)),
      'function and code section have inconsistent lengths',
    ],
    ['code without functions', wasm(codeSection(nop)), 'function and code section have inconsistent lengths'],
    [
      'data count without data',
      wasm(section(12, 1)),
      'data count and data section have inconsistent lengths',
    ],
    [
      'data count too small',
      wasm(section(12, 0), section(11, vec([1, 0]))),
      'data count and data section have inconsistent lengths',
    ],
    ['bad element flags', wasm(section(9, vec(8))), 'malformed element segment kind'],
    ['bad element kind', wasm(section(9, vec([1, 1, 0]))), 'malformed element kind'],
    ['bad data flags', wasm(section(11, vec(3))), 'malformed data segment kind'],
    ['data cut off', wasm([11, 4, 1, 1, 5, 0]), 'unexpected end'],
    ['expression not ended', wasm(section(6, vec([T.i32, 0, 0x41, 0]))), 'unexpected end'],
    ['illegal opcode', wasm(section(6, vec([T.i32, 0, 0xff, 0x0b]))), 'illegal opcode ff'],
    [
      'illegal prefixed opcode',
      wasm(section(6, vec([T.i32, 0, 0xfd, 0xff, 0x7f, 0x0b]))),
      'illegal opcode fd',
    ],
    [
      'body longer than its size',
      wasm(voidType, funcSection(0), section(10, 1, 2, 0, 1, 0x0b)),
      'section size mismatch',
    ],
    ['function type unknown', wasm(voidType, funcSection(1), codeSection(nop)), 'unknown type 1'],
    ['supertype unknown', wasm(section(1, vec([0x50, 1, 0, 0x5f, 0]))), 'unknown type 0'],
    ['two supertypes', wasm(section(1, vec([0x50, 2, 0, 0, 0x5f, 0]))), 'sub type'],
  ]
  for (const [what, bytes, reason] of cases) {
    test(what, () => expect(judge(typeof bytes === 'function' ? bytes() : bytes)).toMatch(reason))
  }
})

describe('limits', () => {
  const repeat = (n: number, ...bytes: Bytes[]): Bytes => {
    const one = flat(bytes)
    return [u32(n), Array.from({ length: n }, () => one)]
  }
  const locals = (n: number): Uint8Array =>
    wasm(voidType, funcSection(0), codeSection(body([[u32(n), T.i32]])))
  const params = (n: number): Uint8Array => wasm(section(1, vec([0x60, repeat(n, T.i32), 0])))
  const cases: [string, () => Uint8Array, string][] = [
    ['locals at the limit', () => locals(limits.locals), 'valid'],
    ['locals', () => locals(limits.locals + 1), 'too many locals'],
    [
      'locals beyond 32 bits',
      () =>
        wasm(
          voidType,
          funcSection(0),
          codeSection(
            body([
              [u32(0xffffffff), T.i32],
              [u32(0xffffffff), T.i64],
            ]),
          ),
        ),
      'too many locals',
    ],
    ['parameters at the limit', () => params(limits.params), 'valid'],
    ['parameters', () => params(limits.params + 1), 'too many parameters'],
    [
      'results',
      () => wasm(section(1, vec([0x60, 0, repeat(limits.results + 1, T.i32)]))),
      'too many results',
    ],
    ['memories', () => wasm(section(5, repeat(limits.memories + 1, 0, 0))), 'too many memories'],
    ['tables', () => wasm(section(4, repeat(limits.tables + 1, T.funcref, 0, 0))), 'too many tables'],
    [
      'data segments',
      () => wasm(section(11, repeat(limits.dataSegments + 1, 1, 0))),
      'too many data segments',
    ],
    ['names', () => wasm(section(0, name('x'.repeat(limits.nameBytes + 1)))), 'too many bytes in a name'],
    [
      'struct fields',
      () => wasm(section(1, vec([0x5f, repeat(limits.structFields + 1, T.i32, 0)]))),
      'too many struct fields',
    ],
    ['functions', () => wasm(voidType, section(3, repeat(limits.functions + 1, 0))), 'too many functions'],
  ]
  for (const [what, bytes, reason] of cases) test(what, () => expect(judge(bytes())).toMatch(reason))

  test('parameters count as locals', () => {
    const bytes = wasm(
      typeSection(funcType([T.i32], [])),
      funcSection(0),
      codeSection(body([[u32(limits.locals), T.i32]])),
    )
    expect(judge(bytes)).toMatch('too many locals')
  })

  test('function bytes', () => {
    const code = new Array(limits.functionBytes).fill(Opcode.Nop)
    expect(judge(wasm(voidType, funcSection(0), codeSection(body([], code))))).toMatch(
      'bytes in a function body',
    )
  })
})

test('every cut of a module is refused or is a module', () => {
  const bytes = rich()
  for (let n = 0; n < bytes.length; n++) {
    const reason = judge(bytes.subarray(0, n), { features: allFeatures })
    expect(typeof reason).toBe('string')
  }
})
