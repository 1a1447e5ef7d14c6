// `gantry run`: instantiates a program with what it is allowed to see, runs it, and makes its end the process's.

import { basename } from 'node:path'
import { Engine } from '../api/engine.js'
import { type Instance, Linker } from '../api/linker.js'
import type { Module } from '../api/module.js'
import { Store } from '../api/store.js'
import { LinkError } from '../base/errors.js'
import type { Settings } from '../config.js'
import type { ValueTypeName } from '../runtime/descriptions.js'
import { Func } from '../runtime/func.js'
import { addWasi, createHostWasi, useMemory } from '../wasi/bind.js'
import { WasiExit } from '../wasi/exit.js'
import { type Wasi, type WasiPreopen, wasiModuleName } from '../wasi/preview1.js'
import { configOf, type EngineOptions } from './engine-options.js'
import { ExitCode, UsageError } from './failure.js'
import { loadModule } from './input.js'
import { print } from './output.js'
import { parseArguments, printValue } from './values.js'

export interface RunOptions extends EngineOptions {
  readonly invoke?: string
  readonly dir: readonly string[]
  readonly env: readonly string[]
  readonly preload: readonly string[]
  readonly unknownImportsDefault?: boolean
  readonly profile?: Settings['profile']
}

/** Splits at the first separator, both sides being there. */
function split(text: string, separator: string, option: string, form: string): [string, string] {
  const at = text.indexOf(separator)
  if (at <= 0) throw new UsageError(`${option} ${text}: the form is ${form}`)
  return [text.slice(0, at), text.slice(at + separator.length)]
}

function preopenOf(text: string): WasiPreopen {
  if (!text.includes('::')) return { host: text, guest: text }
  const [host, guest] = split(text, '::', '--dir', 'HOST::GUEST')
  return { host, guest }
}

function makeWasi(file: string, args: readonly string[], { dir, env }: RunOptions): Wasi {
  const variables = env.map(text => split(text, '=', '--env', 'NAME=VALUE'))
  return createHostWasi({
    args: [basename(file), ...args],
    env: Object.fromEntries(variables),
    preopens: dir.map(preopenOf),
  })
}

const zeros: Readonly<Record<string, unknown>> = { i32: 0, i64: 0n, f32: 0, f64: 0, v128: new Uint8Array(16) }

/** Defines functions that do nothing for the module's function imports that have no meaning yet. */
function defineUnknown(linker: Linker, module: Module): void {
  for (const item of module.imports) {
    if (item.kind !== 'function' || linker.get(item.module, item.name) !== undefined) continue
    const results = item.results.map(type => zeros[type] ?? null)
    const type = {
      params: item.params as readonly ValueTypeName[],
      results: item.results as readonly ValueTypeName[],
    }
    linker.func(item.module, item.name, type, () => (results.length === 1 ? results[0] : results))
  }
}

const importsWasi = (module: Module): boolean => module.imports.some(i => i.module === wasiModuleName)

/** Calls an export that takes and gives nothing, if it is there. */
function callPlain(instance: Instance, name: string): boolean {
  const extern = instance.export(name)
  if (!(extern instanceof Func)) return false
  extern.call()
  return true
}

class Runner {
  private readonly linker: Linker
  private wasi: Wasi | undefined

  constructor(
    private readonly engine: Engine,
    store: Store,
    private readonly makeWasi: () => Wasi,
    private readonly options: RunOptions,
  ) {
    this.linker = new Linker(store)
  }

  /** Loads everything and instantiates the preloaded modules and the program. */
  async instantiate(file: string): Promise<Instance> {
    for (const text of this.options.preload) {
      const [name, path] = split(text, '=', '--preload', 'NAME=FILE')
      const instance = await this.load(path)
      callPlain(instance, '_initialize')
      this.linker.instance(name, instance)
    }
    return this.load(file)
  }

  private async load(path: string): Promise<Instance> {
    const module = await loadModule(this.engine, path)
    if (importsWasi(module) && this.wasi === undefined) {
      this.wasi = this.makeWasi()
      addWasi(this.linker, this.wasi)
    }
    if (this.options.unknownImportsDefault === true) defineUnknown(this.linker, module)
    this.checkImports(module, path)
    const instance = this.linker.instantiate(module)
    if (this.wasi !== undefined) useMemory(this.wasi, instance)
    return instance
  }

  /** Says what can be done about imports that nobody provides; the rest is instantiation's to check. */
  private checkImports(module: Module, path: string): void {
    const missing = module.imports.find(i => this.linker.get(i.module, i.name) === undefined)
    if (missing === undefined) return
    const what = `the ${missing.kind} ${missing.module}.${missing.name}`
    const advice = `--preload ${missing.module}=FILE provides a module`
    const zero = missing.kind === 'function' ? ', --unknown-imports-default functions that do nothing' : ''
    throw new LinkError(`${path} imports ${what}, which is not there (${advice}${zero})`)
  }

  dispose(): void {
    this.wasi?.dispose()
  }
}

function functionNames(instance: Instance): string {
  const names = instance.module.exports.filter(e => e.kind === 'function').map(e => e.name)
  return names.length === 0 ? 'it exports no functions' : `it exports ${names.join(', ')}`
}

/** Calls the export and prints its results. */
function invoke(instance: Instance, name: string, args: readonly string[]): void {
  const func = instance.export(name)
  if (!(func instanceof Func))
    throw new UsageError(`there is no function ${name}: ${functionNames(instance)}`)
  const values = parseArguments(func.type, args, name)
  const result = func.call(...values)
  const { results } = func.type
  const all = results.length === 1 ? [result] : ((result ?? []) as unknown[])
  all.forEach((value, i) => {
    print(`${printValue(results[i] as number, value)}\n`)
  })
}

function start(instance: Instance, file: string, args: readonly string[], options: RunOptions): void {
  const initialised = callPlain(instance, '_initialize')
  if (options.invoke !== undefined) {
    invoke(instance, options.invoke, args)
    return
  }
  const nothing = !callPlain(instance, '_start') && !initialised && !instance.module.hasStart
  if (nothing) throw new UsageError(`${file} has no _start; use --invoke NAME: ${functionNames(instance)}`)
}

/** Runs a program. Returns its exit code; throws what kept it from running or ended it otherwise. */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: RunOptions,
): Promise<number> {
  const profile = options.profile === undefined ? {} : { profile: options.profile }
  const engine = new Engine({ debugInfo: true, ...configOf(options), ...profile })
  using store = new Store(engine)
  const runner = new Runner(engine, store, () => makeWasi(file, args, options), options)
  try {
    start(await runner.instantiate(file), file, args, options)
    return ExitCode.Success
  } catch (error) {
    if (error instanceof WasiExit) return error.code
    throw error
  } finally {
    runner.dispose()
  }
}
