// The list of everything that an artifact holds, the VMContext layout by module index, and stable output.

import { describe, expect, it } from 'vitest'
import { SymbolSpace } from '../../src/backend/code-chunk.js'
import { builtinRows } from '../../src/frontend/builtins.js'
import { ModuleLayout } from '../../src/frontend/module-layout.js'
import { defaultFrontendOptions } from '../../src/frontend/options.js'
import { printFunc, printName } from '../../src/ir/print.js'
import { assertValid } from '../../src/ir/verify.js'
import { funcRef, memoryDefinition, vmContext } from '../../src/vm-layout.js'
import { moduleUnits, UnitBuilder } from './units.js'
import { moduleOf, newFunc } from './util.js'

const module = moduleOf(`(module
  (type $unused (func (param f64 f64)))
  (import "" "f" (func $f (param i32)))
  (import "" "g" (func $g (param i32)))
  (import "" "m" (memory 1))
  (import "" "v" (global i32))
  (memory 1) (memory 2)
  (table 1 funcref) (global (mut i64) (i64.const 0))
  (func $start)
  (func $exported (export "e") (param i64))
  (func $private (param f32) (drop (ref.func $f)))
  (func $in_table (param i32))
  (elem (i32.const 0) $in_table $f)
  (start $start))`)

describe('units of a module', () => {
  const units = moduleUnits(module)

  it('has defined functions, trampolines by canonical type, builtins', () => {
    const of = (space: SymbolSpace) => units.filter(u => u.space === space).map(u => u.index)
    const type = (func: number) => module.types.canonical(module.funcTypeIndices[func] as number)
    expect(of(SymbolSpace.WasmFunction)).toEqual([2, 3, 4, 5])
    // start, exported, in_table (and f, of the same type); not: private, unused
    expect(of(SymbolSpace.EntryTrampoline)).toEqual([type(2), type(3), type(0)].sort((a, b) => a - b))
    expect(of(SymbolSpace.ExitTrampoline)).toEqual([type(0)])
    expect(of(SymbolSpace.Builtin)).toEqual(builtinRows.map((_, i) => i))
  })

  it('builds each as valid IR under its name, twice the same', () => {
    const [first, again] = [
      new UnitBuilder(module, defaultFrontendOptions),
      new UnitBuilder(module, defaultFrontendOptions),
    ]
    const [a, b] = [newFunc(), newFunc()]
    for (const unit of units) {
      first.build(unit, a)
      assertValid(a, 'unit')
      expect(printName(a.name)).toBe(`u${unit.space}:${unit.index}`)
      again.build(unit, b)
      expect(printFunc(b)).toBe(printFunc(a))
    }
  })
})

describe('layout of a VMContext by module index', () => {
  const layout = new ModuleLayout(module)

  it('places defined memories first', () => {
    expect([layout.memory(1), layout.memory(2)]).toEqual([
      vmContext.header,
      vmContext.header + memoryDefinition.size,
    ])
    expect([layout.isImportedMemory(0), layout.isImportedMemory(1)]).toEqual([true, false])
  })

  it('has a funcRef record for every escaping function and no other', () => {
    expect(Array.from(layout.escapedFuncs)).toEqual([0, 3, 5])
    expect(layout.funcRef(3) - layout.funcRef(0)).toBe(funcRef.size)
    expect(layout.hasFuncRef(4)).toBe(false)
    expect(() => layout.funcRef(4)).toThrow('funcRef record')
  })

  it('overlaps nothing', () => {
    const pieces = [
      [layout.memory(0), 8],
      [layout.memory(1), 16],
      [layout.memory(2), 16],
      [layout.table(0), 16],
      [layout.global(0), 8],
      [layout.global(1), 16],
      [layout.importedFunction(0), 16],
      [layout.importedFunction(1), 16],
      ...Array.from(layout.escapedFuncs, f => [layout.funcRef(f), funcRef.size]),
    ].sort((a, b) => (a[0] as number) - (b[0] as number)) as [number, number][]
    pieces.forEach(([at, size], i) => {
      expect(at + size).toBeLessThanOrEqual(pieces[i + 1]?.[0] ?? layout.size)
    })
    expect(layout.global(1) % 16).toBe(0)
  })
})
