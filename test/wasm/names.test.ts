import { describe, expect, test } from 'vitest'
import { decodeModule } from '../../src/wasm/decode.js'
import { ModuleNames, NameSpace, NestedNameSpace } from '../../src/wasm/names.js'
import { type Bytes, name, section, u32, vec, wasm } from './bytes.js'

const names = (...subsections: Bytes[]): ModuleNames =>
  new ModuleNames(decodeModule(wasm(section(0, name('name'), ...subsections))))

const entry = (index: number, text: string): Bytes => [u32(index), name(text)]

test('names of everything', () => {
  const n = names(
    section(0, name('mod')),
    section(1, vec(entry(0, 'zero'), entry(300, 'many'))),
    section(2, vec([u32(5), vec(entry(0, 'x'), entry(2, 'y'))], [u32(6), vec()])),
    section(7, vec(entry(1, 'g'))),
  )
  expect(n.moduleName()).toBe('mod')
  expect([0, 1, 300].map(i => n.displayName(i))).toEqual(['zero', 'wasm-function[1]', 'many'])
  expect(n.name(NameSpace.Global, 1)).toBe('g')
  expect(n.name(NameSpace.Memory, 0)).toBeUndefined()
  expect([0, 1, 2].map(i => n.nestedName(NestedNameSpace.Local, 5, i))).toEqual(['x', undefined, 'y'])
  expect(n.nestedName(NestedNameSpace.Local, 6, 0)).toBeUndefined()
  expect(n.nestedName(NestedNameSpace.Label, 5, 0)).toBeUndefined()
})

test('without a name section', () => {
  const n = new ModuleNames(decodeModule(wasm()))
  expect(n.moduleName()).toBeUndefined()
  expect(n.displayName(12)).toBe('wasm-function[12]')
})

describe('what is broken is as if it were not there', () => {
  test('subsection too long', () => {
    const n = names(section(1, vec(entry(0, 'good'))), [2, 100, 1])
    expect(n.displayName(0)).toBe('good')
    expect(n.nestedName(NestedNameSpace.Local, 0, 0)).toBeUndefined()
  })
  test('map cut off: the names before stay', () => {
    const n = names(section(1, 3, entry(0, 'a'), entry(1, 'b'), 2, 50))
    expect([0, 1, 2].map(i => n.displayName(i))).toEqual(['a', 'b', 'wasm-function[2]'])
  })
  test('not UTF-8', () => {
    expect(names(section(1, vec([0, 1, 0x80], entry(1, 'b')))).displayName(1)).toBe('b')
    expect(names(section(1, vec([0, 1, 0x80]))).displayName(0)).toBe('wasm-function[0]')
  })
  test('absurd counts and indices', () => {
    expect(names(section(1, u32(0xffffffff))).displayName(0)).toBe('wasm-function[0]')
    expect(names(section(1, vec(entry(0xfffffff0, 'far'), entry(0, 'near')))).displayName(0)).toBe(
      'wasm-function[0]',
    )
  })
})
