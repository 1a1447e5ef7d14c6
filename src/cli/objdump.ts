// `gantry objdump`: an artifact's code, disassembled by our own disassembler and annotated from its tables.

import { Engine } from '../api/engine.js'
import { Module } from '../api/module.js'
import { type Disassembled, disassemble } from '../asm/x64/disasm.js'
import { SymbolSpace } from '../backend/code-chunk.js'
import { symbolName, trampolineComment } from '../compile/artifact.js'
import { type Artifact, readArtifact, sectionBytes } from '../object/artifact-reader.js'
import { type InlinedRange, placesOf } from '../object/inline-table.js'
import { sectionNames } from '../object/sections.js'
import { trapRowOf } from '../vm-layout.js'
import { decodeModule } from '../wasm/decode.js'
import { allFeatures } from '../wasm/features.js'
import { funcTypeOf, type Module as WasmModule } from '../wasm/module.js'
import { ModuleNames } from '../wasm/names.js'
import { printFuncType } from '../wasm/types.js'
import {
  type CallRow,
  type FunctionRow,
  readAddressMap,
  readCalls,
  readFunctions,
  readInlined,
  readTraps,
} from './artifact-tables.js'
import { configOf, type EngineOptions } from './engine-options.js'
import { ExitCode, UsageError } from './failure.js'
import { readInput } from './input.js'
import { print } from './output.js'
import { withProgress } from './progress.js'

/** Kinds of function that can be asked for. */
const functionKinds = ['all', 'wasm', 'trampoline', 'builtin', 'stub'] as const

export interface ObjdumpOptions extends EngineOptions {
  readonly funcs: (typeof functionKinds)[number]
  /** Only functions whose name contains this. */
  readonly filter?: string
  readonly addresses: boolean
  readonly bytes?: boolean
  readonly traps: boolean
  readonly exceptions: boolean
  readonly addrmap?: boolean
  readonly summary?: boolean
}

const kindOfSpace: Readonly<Record<number, (typeof functionKinds)[number]>> = {
  [SymbolSpace.WasmFunction]: 'wasm',
  [SymbolSpace.EntryTrampoline]: 'trampoline',
  [SymbolSpace.ExitTrampoline]: 'trampoline',
  [SymbolSpace.Builtin]: 'builtin',
  [SymbolSpace.TrapStub]: 'stub',
  [SymbolSpace.Stub]: 'stub',
}

/** Tables whose entries the summary counts. */
const countedTables: Readonly<
  Record<string, { readonly count: (artifact: Artifact) => number; readonly what: string }>
> = {
  traps: { count: artifact => readTraps(artifact).size, what: 'sites' },
  addressMap: { count: artifact => readAddressMap(artifact).size, what: 'entries' },
  inlines: { count: artifact => [...readInlined(artifact).values()].flat().length, what: 'inlined calls' },
  exceptions: { count: artifact => readCalls(artifact).size, what: 'calls with handlers' },
}

/** Where the notes beside and below instructions begin. */
const indent = '    '
const addressWidth = 8

const hex = (n: number): string => n.toString(16)

class Listing {
  private readonly module: WasmModule
  private readonly names: ModuleNames
  private readonly text: Uint8Array
  readonly functions: readonly FunctionRow[]
  private readonly byOffset: ReadonlyMap<number, FunctionRow>
  private readonly traps: ReadonlyMap<number, number>
  private readonly calls: ReadonlyMap<number, CallRow>
  private readonly map: ReadonlyMap<number, number>
  private readonly bodies: ReadonlyMap<number, number>
  private readonly inlined: ReadonlyMap<number, readonly InlinedRange[]>

  constructor(
    private readonly artifact: Artifact,
    private readonly options: ObjdumpOptions,
  ) {
    const bytes = sectionBytes(artifact, 'module').slice()
    this.module = decodeModule(bytes, { features: allFeatures, skeleton: true })
    this.names = new ModuleNames(this.module)
    this.text = sectionBytes(artifact, 'text')
    this.functions = readFunctions(artifact)
    this.byOffset = new Map(this.functions.map(f => [f.offset, f]))
    this.traps = options.traps ? readTraps(artifact) : new Map()
    this.calls = options.exceptions ? readCalls(artifact) : new Map()
    this.map = options.addrmap === true ? readAddressMap(artifact) : new Map()
    const wasm = this.functions.filter(f => f.space === SymbolSpace.WasmFunction)
    this.bodies = new Map(wasm.map(f => [f.index, f.body]))
    this.inlined = readInlined(artifact)
  }

  name({ space, index }: FunctionRow): string {
    return symbolName(space, index, i => this.names.displayName(i))
  }

  isWanted(f: FunctionRow): boolean {
    const { funcs, filter } = this.options
    return (
      (funcs === 'all' || kindOfSpace[f.space] === funcs) &&
      (filter === undefined || this.name(f).includes(filter))
    )
  }

  private heading(f: FunctionRow): string {
    const parts = [`${f.size} bytes`]
    if (f.space === SymbolSpace.WasmFunction) {
      parts.unshift(`function ${f.index}, ${printFuncType(funcTypeOf(this.module, f.index))}`)
      parts.push(`body at 0x${hex(f.body)}`)
    } else if (kindOfSpace[f.space] === 'trampoline') {
      parts.unshift(trampolineComment(this.module, f.index))
    }
    return `\n<${this.name(f)}>: ${parts.join(', ')}\n`
  }

  /** A function with everything that is known about it. */
  print(f: FunctionRow): string {
    const lines: string[] = []
    const end = f.offset + f.size
    for (let at = f.offset; at < end; ) {
      const instruction = disassemble(this.text, at, at)
      this.note(lines, this.locationNote(f, at))
      lines.push(this.instruction(f, at, instruction))
      this.notesBehind(lines, at, instruction)
      at += instruction.length
    }
    return `${this.heading(f)}${lines.map(line => `${line}\n`).join('')}`
  }

  private note(lines: string[], text: string | undefined): void {
    if (text !== undefined) lines.push(`${indent}${this.blank()}; ${text}`)
  }

  private blank(): string {
    return this.options.addresses ? ' '.repeat(addressWidth + 2) : ''
  }

  private locationNote({ number, index }: FunctionRow, at: number): string | undefined {
    const location = this.map.get(at)
    if (location === undefined) return undefined
    if (location < 0) return 'wasm: none'
    const places = placesOf(index, this.inlined.get(number) ?? [], location, this.bodyOf)
    const last = places.length - 1
    const shown = places.map(
      (p, i) => `0x${hex(p.offset)}${i < last ? ` of ${this.names.displayName(p.func)}` : ''}`,
    )
    return `wasm: ${shown.join(', inlined at ')}`
  }

  private readonly bodyOf = (func: number): number => this.bodies.get(func) ?? -1

  private instruction(f: FunctionRow, at: number, { length, text, target }: Disassembled): string {
    const address = this.options.addresses ? `${hex(at).padStart(addressWidth)}: ` : ''
    const raw = Array.from(this.text.subarray(at, at + length), b => hex(b).padStart(2, '0')).join(' ')
    const bytes = this.options.bytes === true ? raw.padEnd(32) : ''
    const symbol = target < 0 ? undefined : this.symbol(f, target)
    return `${indent}${address}${bytes}${text}${symbol === undefined ? '' : ` <${symbol}>`}`
  }

  /** The name of what lies at a text offset outside the function itself. */
  private symbol(from: FunctionRow, target: number): string | undefined {
    const found = this.byOffset.get(target)
    return found === undefined || found === from ? undefined : this.name(found)
  }

  private notesBehind(lines: string[], at: number, { length, target }: Disassembled): void {
    const trap = this.trapNote(at, target)
    this.note(lines, trap)
    const call = this.calls.get(at + length)
    if (call === undefined) return
    const clauses = call.handlers.map(h => {
      const clause = h.tag < 0 ? 'default' : `tag ${h.tag}${h.context < 0 ? '' : ` of [sp+${h.context}]`}`
      return `${clause} to 0x${hex(h.target)}`
    })
    this.note(lines, `call: frame of ${call.frameBytes} bytes; handlers: ${clauses.join(', ')}`)
  }

  /** Hardware traps are listed by their instruction; calls of trap stubs say what they are by their target. */
  private trapNote(at: number, target: number): string | undefined {
    if (!this.options.traps) return undefined
    const stub = target < 0 ? undefined : this.byOffset.get(target)
    const code = stub?.space === SymbolSpace.TrapStub ? stub.index : this.traps.get(at)
    return code === undefined ? undefined : `trap: ${trapRowOf(code)?.code ?? code}`
  }

  /** How many entries a table has, and what one costs. */
  private entriesIn(key: string, bytes: number): string {
    const table = countedTables[key]
    if (table === undefined) return ''
    const entries = table.count(this.artifact)
    const each = entries === 0 ? '' : `, ${(bytes / entries).toFixed(2)} bytes each`
    return `${entries} ${table.what}${each}`
  }

  /** Sizes of the sections, and of the text by kind of function. */
  summary(): string {
    const { info, sections, bytes } = this.artifact
    const rows: [string, number, string][] = Object.entries(sections).map(([key, { size }]) => [
      sectionNames[key as keyof typeof sectionNames],
      size,
      this.entriesIn(key, size),
    ])
    rows.push(['file', bytes.length, ''])
    for (const kind of functionKinds.slice(1)) {
      const functions = this.functions.filter(f => kindOfSpace[f.space] === kind)
      const size = functions.reduce((sum, f) => sum + f.size, 0)
      rows.push([`code: ${kind}`, size, `${functions.length} functions`])
    }
    const lines = rows.map(([name, size, more]) =>
      `  ${name.padEnd(20)} ${String(size).padStart(10)}  ${more}`.trimEnd(),
    )
    const cpu = info.cpuFeatures.length === 0 ? 'baseline' : info.cpuFeatures.join(', ')
    const config = Object.entries(info.config).map(([name, value]) => `${name}=${value}`)
    return [
      `artifact of gantry ${info.gantry} for ${info.target} (${cpu})`,
      `options: ${config.join(', ')}`,
      `module: ${info.moduleBytes} bytes`,
      ...lines,
      '',
    ].join('\n')
  }
}

async function artifactOf(file: string, options: ObjdumpOptions): Promise<Artifact> {
  const input = readInput(file)
  if (input.kind === 'artifact') return readArtifact(input.bytes)
  const engine = new Engine(configOf(options))
  return readArtifact(
    await withProgress(file, progress => Module.compileArtifact(engine, input.bytes, progress)),
  )
}

/** Writes a file's listing, or its summary, to stdout. */
export async function runObjdump(file: string, options: ObjdumpOptions): Promise<ExitCode> {
  const artifact = await artifactOf(file, options)
  if (artifact.info.target !== 'x86_64')
    throw new UsageError(`${file}: there is no disassembler for ${artifact.info.target} yet`)
  const listing = new Listing(artifact, options)
  if (options.summary === true) {
    print(listing.summary())
    return ExitCode.Success
  }
  const wanted = listing.functions.filter(f => listing.isWanted(f))
  if (wanted.length === 0) throw new UsageError(`${file}: no function is of that kind and name`)
  for (const f of wanted) print(listing.print(f))
  return ExitCode.Success
}
