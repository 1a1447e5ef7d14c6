// Golden disassembly of every kind of trampoline and stub. The first line of a file in test/filetests/trampolines says
// what it is; the rest is its code on x86-64. GANTRY_BLESS=1 writes the code anew: read the difference before keeping it.
//
//   ; entry (param i32) (result f64)     ; builtin memory_grow     ; stub suspend     ; trap unreachable
//   ; exit (param i32) (result f64)      ; enter                   ; resume       ; interrupt

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { disassemble } from '../../src/asm/x64/disasm.js'
import { CodeChunk, SymbolSpace } from '../../src/backend/code-chunk.js'
import { symbolName } from '../../src/compile/artifact.js'
import { type CompileOptions, compileOptions, compileSurroundings } from '../../src/compile/compiler.js'
import { appendStub, compileTarget } from '../../src/compile/targets.js'
import { settingsOf } from '../../src/config.js'
import { builtinRows } from '../../src/frontend/builtins.js'
import { stubRows } from '../../src/frontend/stubs.js'
import { linkChunks } from '../../src/object/link.js'
import { irTrapCode, type TrapCodeName } from '../../src/vm-layout.js'
import { decodeModule } from '../../src/wasm/decode.js'
import { parseWat } from '../../src/wasm/text/parse.js'

const folder = 'test/filetests/trampolines'
const options: CompileOptions = compileOptions(settingsOf({ target: 'x86_64' }), [])

/** What is shown: a symbol of linked code. */
interface Piece {
  readonly text: CodeChunk
  readonly space: SymbolSpace
  readonly index: number
}

function trampoline(space: SymbolSpace, type: string): Piece {
  const { types } = decodeModule(parseWat(`(module (type (func ${type})))`))
  const wanted = [{ index: 0, type: types.funcType(0) }]
  const entry = space === SymbolSpace.EntryTrampoline
  const chunk = compileSurroundings(options, entry ? wanted : [], entry ? [] : wanted, [])
  return { text: linkChunks([chunk]).text, space, index: 0 }
}

function builtin(name: string): Piece {
  const index = builtinRows.findIndex(row => row.name === name)
  const caller = new CodeChunk()
  caller.relocSpace.push(SymbolSpace.Builtin)
  caller.relocIndex.push(index)
  const chunk = compileSurroundings(options, [], [], [caller])
  return { text: linkChunks([chunk]).text, space: SymbolSpace.Builtin, index }
}

function stub(space: SymbolSpace.Stub | SymbolSpace.TrapStub, index: number): Piece {
  const text = new CodeChunk()
  appendStub(text, compileTarget('x86_64'), space, index)
  return { text, space, index }
}

/** The thread's cell lies at an address that is only known at run time. */
const cell = [0x12345678, 0x1234] as const

function threadStub(name: 'enter' | 'resume' | 'raise' | 'land' | 'interrupt'): Piece {
  const text = new CodeChunk()
  text.appendFunction(SymbolSpace.Stub, 0, compileTarget('x86_64').stubs[name](cell))
  return { text, space: SymbolSpace.Stub, index: 0 }
}

const kinds: Readonly<Record<string, (rest: string) => Piece>> = {
  entry: rest => trampoline(SymbolSpace.EntryTrampoline, rest),
  exit: rest => trampoline(SymbolSpace.ExitTrampoline, rest),
  builtin,
  stub: rest =>
    stub(
      SymbolSpace.Stub,
      stubRows.findIndex(row => row.name === rest),
    ),
  trap: rest => stub(SymbolSpace.TrapStub, irTrapCode(rest as TrapCodeName)),
  enter: () => threadStub('enter'),
  resume: () => threadStub('resume'),
  raise: () => threadStub('raise'),
  land: () => threadStub('land'),
  interrupt: () => threadStub('interrupt'),
}

/** Number among the functions of the text, by a condition. */
function findFunction(text: CodeChunk, wanted: (n: number) => boolean): number {
  for (let n = 0; n < text.funcOffset.length; n++) if (wanted(n)) return n
  return -1
}

/** `offset: instruction` from the symbol's start on; what lies elsewhere goes by its name. */
function listing({ text, space, index }: Piece): string {
  const n = findFunction(text, k => text.funcSpace.at(k) === space && text.funcIndex.at(k) === index)
  const [start, size] = [text.funcOffset.at(n), text.funcSize.at(n)]
  const bytes = text.code.written()
  const lines = [`; ${size} bytes`]
  for (let at = start; at < start + size; ) {
    const d = disassemble(bytes, at, at - start)
    const to =
      d.target < 0 ? -1 : findFunction(text, k => k !== n && text.funcOffset.at(k) === d.target + start)
    const name = (k: number): string =>
      symbolName(text.funcSpace.at(k), text.funcIndex.at(k), i => `function ${i}`)
    const what = to < 0 ? d.text : d.text.replace(/ \S+$/, ` <${name(to)}>`)
    lines.push(`${(at - start).toString(16).padStart(4)}: ${what}`)
    at += d.length
  }
  return lines.join('\n')
}

describe('trampolines', () => {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name)
    const [first = '', ...rest] = readFileSync(path, 'utf8').split('\n')
    it(first.slice(2), () => {
      const [, kind = '', argument = ''] = /^; (\S+) ?(.*)$/.exec(first) ?? []
      const make = kinds[kind]
      if (make === undefined) throw new Error(`${name}: there is no kind ${kind}`)
      const code = `${listing(make(argument))}\n`
      if (process.env.GANTRY_BLESS === '1') writeFileSync(path, `${first}\n${code}`)
      else expect(rest.join('\n')).toBe(code)
    })
  }

  it('cost an exported function no code of its own: one body for each signature', () => {
    const count = 200
    const source = `(module ${'(func (export "X") (param i32))'.repeat(count)})`
    let n = 0
    const module = decodeModule(parseWat(source.replaceAll('X', () => `f${n++}`)))
    const wanted = [{ index: 0, type: module.types.funcType(0) }]
    const chunk = compileSurroundings(options, wanted, [], [])
    expect(chunk.code.length / count).toBeLessThan(2)
  })
})
