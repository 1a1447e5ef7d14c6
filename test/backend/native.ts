// Compiles the functions of a text test and executes its `; run:` commands natively, in a process of their own.
//
// Every function gets a driver: an IR function (args pointer, results pointer) that loads the arguments, calls, and stores
// the results, compiled by the same back end. An executable (elf.ts) makes all calls one after the other.

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodeChunk, SymbolSpace } from '../../src/backend/code-chunk.js'
import type { Allocator } from '../../src/backend/regalloc/api.js'
import type { CodegenOptions } from '../../src/backend/target.js'
import { createX64Compiler, x64Target } from '../../src/backend/x64/target.js'
import { FuncBuilder } from '../../src/ir/builder.js'
import type { ExternalName } from '../../src/ir/entities.js'
import { Func } from '../../src/ir/func.js'
import { trusted } from '../../src/ir/memflags.js'
import { Op } from '../../src/ir/ops.js'
import { CallConv, type Signature, signature } from '../../src/ir/signature.js'
import type { DataValue, RunCommand, TestFile } from '../../src/ir/testfile.js'
import { Type, typeBytes } from '../../src/ir/types.js'
import { type NativeCall, writeExecutable } from './elf.js'

/** Can this machine execute what the tests compile? */
export const canExecute = process.platform === 'linux' && process.arch === 'x64'

const driverSpace = 100

/** A call of a compiled function. */
export interface Command {
  readonly func: Func
  readonly args: readonly DataValue[]
}

/** Results of the calls that returned, and why the rest did not. */
export interface NativeResult {
  readonly results: readonly (readonly bigint[])[]
  /** Exit status: 0, or 100 + trap code. */
  readonly status: number
  readonly signal: string | null
}

/** Compiles functions and executes the commands in order. `tweak` changes the options. */
export function runNative(
  functions: readonly Func[],
  commands: readonly Command[],
  tweak: Partial<CodegenOptions> = {},
  allocator: Allocator | null = null,
): NativeResult {
  const names = new Map<string, number>()
  for (const f of functions) if (f.name.kind === 'test') names.set(f.name.name, names.size)
  const options: CodegenOptions = {
    optLevel: 'none',
    trapStyle: 'jump',
    pic: false,
    checkRegalloc: true,
    features: new Set(),
    symbolIndex: name => {
      const index = names.get(name)
      if (index === undefined) throw new Error(`the file calls %${name}, which it does not define`)
      return index
    },
    ...tweak,
  }
  const compiler =
    allocator === null ? x64Target.createCompiler(options) : createX64Compiler(options, allocator)
  const chunk = new CodeChunk()
  for (const f of functions) {
    const [space, index] = symbolOf(f.name, names)
    compiler.compile(f, space, index, chunk)
  }
  const drivers = new Map<Func, number>()
  const calls: NativeCall[] = commands.map(command => {
    let offset = drivers.get(command.func)
    if (offset === undefined) {
      compiler.compile(driver(command.func), driverSpace, drivers.size, chunk)
      offset = chunk.funcOffset.at(chunk.funcOffset.length - 1)
      drivers.set(command.func, offset)
    }
    return {
      offset,
      args: packValues(command.args),
      resultBytes: 16 * command.func.signature.results.length,
    }
  })
  return execute(writeExecutable(chunk, calls), commands)
}

function symbolOf(name: ExternalName, names: ReadonlyMap<string, number>): readonly [number, number] {
  if (name.kind === 'user') return [name.space, name.index]
  return [SymbolSpace.Named, names.get(name.name) as number]
}

/** A function (args, results) that calls `target` with values from memory. */
function driver(target: Func): Func {
  const func = new Func(signature([Type.I64, Type.I64], [], CallConv.SystemV))
  const b = new FuncBuilder(func)
  const entry = b.createEntryBlock()
  b.switchToBlock(entry)
  b.sealBlock(entry)
  const sig: Signature = target.signature
  const ref = func.addExtFunc({ name: target.name, signature: func.addSignature(sig), colocated: true })
  const args = sig.params.map((p, i) => b.load(Op.load, p.type, trusted, b.param(entry, 0), i * 16))
  const call = b.call(ref, args)
  for (const [i, r] of b.results(call).entries()) b.store(Op.store, trusted, r, b.param(entry, 1), i * 16)
  b.return([])
  b.sealAllBlocks()
  b.finish()
  return func
}

function packValues(values: readonly DataValue[]): Uint8Array {
  const bytes = new Uint8Array(16 * values.length)
  const view = new DataView(bytes.buffer)
  for (const [i, v] of values.entries()) {
    view.setBigUint64(16 * i, v.bits & 0xffff_ffff_ffff_ffffn, true)
    view.setBigUint64(16 * i + 8, (v.bits >> 64n) & 0xffff_ffff_ffff_ffffn, true)
  }
  return bytes
}

function execute(elf: Uint8Array, commands: readonly Command[]): NativeResult {
  const dir = mkdtempSync(join(tmpdir(), 'gantry-native-'))
  try {
    const file = join(dir, 'test')
    writeFileSync(file, elf)
    chmodSync(file, 0o755)
    const run = spawnSync(file, [], { maxBuffer: 1 << 28, timeout: 60_000 })
    return { results: unpack(run.stdout, commands), status: run.status ?? -1, signal: run.signal }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function unpack(out: Uint8Array, commands: readonly Command[]): bigint[][] {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength)
  const all: bigint[][] = []
  let at = 0
  for (const { func } of commands) {
    const types = func.signature.results.map(p => p.type)
    if (at + 16 * types.length > out.byteLength) break
    all.push(types.map((t, i) => readValue(view, at + 16 * i, typeBytes[t] as number)))
    at += 16 * types.length
  }
  return all
}

function readValue(view: DataView, at: number, bytes: number): bigint {
  const bits = view.getBigUint64(at, true) | (view.getBigUint64(at + 8, true) << 64n)
  return BigInt.asUintN(bytes * 8, bits)
}

// ── Settings of text tests ──────────────────────────────────────────────────────────────────────────────────────────

/** Names of this machine's CPU flags and of the settings of the suite, by feature of the back end. */
const featureNames: Readonly<Record<string, string>> = {
  sse3: 'pni',
  ssse3: 'ssse3',
  sse41: 'sse4_1',
  sse42: 'sse4_2',
  popcnt: 'popcnt',
  cx16: 'cx16',
  avx: 'avx',
  fma: 'fma',
  lzcnt: 'abm',
  bmi1: 'bmi1',
  bmi2: 'bmi2',
}

const implied: Readonly<Record<string, readonly string[]>> = {
  ssse3: ['sse3'],
  sse41: ['sse3', 'ssse3'],
  sse42: ['sse3', 'ssse3', 'sse41'],
  avx: ['sse3', 'ssse3', 'sse41', 'sse42'],
  fma: ['sse3', 'ssse3', 'sse41', 'sse42', 'avx'],
  skylake: Object.keys(featureNames),
}

const hostFlags = canExecute
  ? new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(/\s+/) ?? [])
  : new Set<string>()

/** Every feature of the back end that this machine has. */
export const hostFeatures: readonly string[] = Object.keys(featureNames).filter(f =>
  hostFlags.has(featureNames[f] as string),
)

/** Features that the settings of a target line ask for; null if this machine or the back end lacks one. */
export function featuresOf(settings: readonly string[]): ReadonlySet<string> | null {
  const features = new Set<string>()
  for (const setting of settings) {
    const [word, value] = setting.split('=') as [string, string | undefined]
    if (value === 'false') continue
    const name = word.replace(/^has_/, '')
    for (const f of implied[name] ?? []) features.add(f)
    if (name !== 'skylake') features.add(name)
  }
  for (const f of features) if (!hostFeatures.includes(f)) return null
  return features
}

/** Options from the `set` lines of a file. */
export function optionsOf(file: TestFile): Partial<CodegenOptions> {
  const on = (name: string): boolean => file.settings.some(s => s === name || s === `${name}=true`)
  const log2 = file.settings
    .filter(s => s.startsWith('probestack_size_log2='))
    .map(s => Number(s.split('=')[1]))
  return {
    pinnedReg: on('enable_pinned_reg'),
    probePage: on('enable_probestack') ? 1 << Math.min(...log2, 12) : 0,
  }
}

/** Run commands of a file as native commands. */
export function commandsOf(file: TestFile): readonly RunCommand[] {
  return file.runs
}
