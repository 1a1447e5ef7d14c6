// Runs `.wast` scripts: commands one after the other in a store of their own. What a command expects and what happened
// instead becomes a sentence with the script's line; nothing that a script contains ends the run.

import type { Engine } from '../api/engine.js'
import { Instance } from '../api/linker.js'
import { Module } from '../api/module.js'
import { Store } from '../api/store.js'
import { CompileError, LinkError } from '../base/errors.js'
import { WasmException } from '../runtime/exception-object.js'
import { Func } from '../runtime/func.js'
import { Global } from '../runtime/global.js'
import type { Extern } from '../runtime/instance.js'
import { Trap } from '../runtime/trap.js'
import { slotWords, trapRows } from '../vm-layout.js'
import { type Action, type Command, parseScript, type ScriptModule } from '../wasm/text/script.js'
import type { ScriptPattern } from '../wasm/text/script-values.js'
import { TextError } from '../wasm/text/source.js'
import { printFuncType } from '../wasm/types.js'
import { makeSpectest } from './spectest.js'
import {
  canBe,
  HostReferences,
  matches,
  printPattern,
  printResult,
  putConstant,
  type Result,
} from './values.js'

export interface ScriptOptions {
  /** Accept any message where a failure is expected. Default false: it must contain the script's. */
  readonly ignoreMessages?: boolean
  /** Gets what scripts give to the print functions of `spectest`. Default: it is dropped. */
  readonly print?: (...values: readonly unknown[]) => void
}

/** A command that did not pass, and why. */
export interface Remark {
  /** 1-based line of the script. */
  readonly line: number
  readonly what: string
}

/** What became of a script's commands; together they are all of them. */
export interface ScriptResult {
  readonly passed: number
  readonly failed: readonly Remark[]
  /** Commands that need what gantry does not have yet. */
  readonly skipped: readonly Remark[]
}

/** Runs a script. A script that is itself malformed is one failed command. */
export function runScript(
  engine: Engine,
  text: string | Uint8Array,
  options: ScriptOptions = {},
): ScriptResult {
  let commands: readonly Command[]
  try {
    commands = parseScript(text)
  } catch (error) {
    if (!(error instanceof TextError)) throw error
    return {
      passed: 0,
      failed: [{ line: error.line, what: `the script is malformed: ${error.message}` }],
      skipped: [],
    }
  }
  using store = new Store(engine)
  return new ScriptRun(engine, store, options).run(commands)
}

/** How a command ended: as it should, or with a sentence. */
type Verdict = undefined | { readonly failed: string } | { readonly skipped: string }

const failed = (what: string): Verdict => ({ failed: what })

/** A command that cannot be done: there is no such instance, export or value. */
class CommandError extends Error {}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/** What happened, without the parts that differ from run to run. */
function reasonOf(error: unknown): string {
  if (error instanceof Trap) return trapRows.find(row => row.code === error.code)?.message ?? error.message
  if (error instanceof CompileError) return error.reason
  return error instanceof Error ? error.message : String(error)
}

type Exports = (name: string) => Extern | undefined
type Kind<E extends Error> = abstract new (...args: never[]) => E

class ScriptRun {
  private readonly references = new HostReferences()
  private readonly definitions = new Map<string, Module>()
  private latestDefinition: Module | undefined
  private readonly instances = new Map<string, Instance>()
  private latest: Instance | undefined
  private readonly registered = new Map<string, Exports>()

  constructor(
    private readonly engine: Engine,
    private readonly store: Store,
    private readonly options: ScriptOptions,
  ) {
    const spectest = makeSpectest(store, options.print ?? (() => {}))
    this.registered.set('spectest', name => spectest.get(name))
  }

  run(commands: readonly Command[]): ScriptResult {
    let passed = 0
    const failures: Remark[] = []
    const skipped: Remark[] = []
    for (const command of commands) {
      const verdict = this.perform(command)
      if (verdict === undefined) passed++
      else if ('failed' in verdict) failures.push({ line: command.line, what: verdict.failed })
      else skipped.push({ line: command.line, what: verdict.skipped })
    }
    return { passed, failed: failures, skipped }
  }

  private perform(command: Command): Verdict {
    try {
      return (performers[command.type] as (run: ScriptRun, command: Command) => Verdict)(this, command)
    } catch (error) {
      return failed(error instanceof CommandError ? error.message : messageOf(error))
    }
  }

  private compile(module: ScriptModule): Module {
    return Module.compileSync(this.engine, module.encode())
  }

  private instantiate(module: Module): Instance {
    const imports = module.imports.map(i => this.registered.get(i.module)?.(i.name))
    return Instance.create(this.store, module, imports)
  }

  define(module: ScriptModule): Verdict {
    this.latestDefinition = undefined
    const compiled = this.compile(module)
    this.latestDefinition = compiled
    if (module.name !== undefined) this.definitions.set(module.name, compiled)
    return undefined
  }

  /** Instantiates what `make` gives; on failure the commands that follow have no latest instance to use by mistake. */
  private enter(name: string | undefined, make: () => Module): Verdict {
    this.latest = undefined
    if (name !== undefined) this.instances.delete(name)
    const instance = this.instantiate(make())
    this.latest = instance
    if (name !== undefined) this.instances.set(name, instance)
    return undefined
  }

  enterModule(module: ScriptModule): Verdict {
    return this.enter(module.name, () => this.compile(module))
  }

  enterDefinition(name: string | undefined, definition: string | undefined): Verdict {
    const module = definition === undefined ? this.latestDefinition : this.definitions.get(definition)
    if (module === undefined) throw new CommandError(`no module ${definition ?? ''} is defined`)
    return this.enter(name, () => module)
  }

  private instance(name: string | undefined): Instance {
    const instance = name === undefined ? this.latest : this.instances.get(name)
    if (instance === undefined) throw new CommandError(`there is no instance ${name ?? ''}`.trimEnd())
    return instance
  }

  register(as: string, name: string | undefined): Verdict {
    const instance = this.instance(name)
    this.registered.set(as, field => instance.export(field))
    return undefined
  }

  /** Performs an action. Throws what the Wasm function throws, and CommandError. */
  act(action: Action): Result[] {
    const extern = this.instance(action.module).export(action.field)
    if (action.type === 'invoke') {
      if (!(extern instanceof Func)) throw new CommandError(`there is no exported function ${action.field}`)
      return this.invoke(extern, action)
    }
    if (!(extern instanceof Global)) throw new CommandError(`there is no exported global ${action.field}`)
    const words = new Uint32Array(slotWords)
    words.set(extern.storage.words.subarray(0, slotWords))
    return [{ store: this.store, words, type: extern.type.type }]
  }

  private invoke(func: Func, { args }: Action & { readonly type: 'invoke' }): Result[] {
    const { params, results } = func.type
    const fit = args.length === params.length && args.every((a, i) => canBe(a, params[i] as number))
    if (!fit) throw new CommandError(`the arguments do not fit ${printFuncType(func.type)}`)
    const slots = new Uint32Array(args.length * slotWords)
    args.forEach((value, i) => {
      putConstant(this.store, this.references, slots, i * slotWords, value)
    })
    const out = func.callRaw(slots)
    return Array.from(results, (type, i) => {
      return { store: this.store, words: out.subarray(i * slotWords, (i + 1) * slotWords), type }
    })
  }

  assertReturn(action: Action, expected: readonly ScriptPattern[]): Verdict {
    const results = this.act(action)
    const fits =
      results.length === expected.length && results.every((r, i) => matches(r, expected[i] as ScriptPattern))
    if (fits) return undefined
    const wanted = expected.map(printPattern).join(', ')
    return failed(`${action.field}: expected (${wanted}), got (${results.map(printResult).join(', ')})`)
  }

  assertTrap(action: Action, text: string): Verdict {
    return this.expectFailure(Trap, text, () => this.act(action))
  }

  assertException(action: Action): Verdict {
    return this.expectFailure(WasmException, '', () => this.act(action))
  }

  assertRefused(module: ScriptModule, text: string): Verdict {
    return this.expectFailure(CompileError, text, () => this.compile(module))
  }

  assertUnlinkable(module: ScriptModule, text: string): Verdict {
    const compiled = this.compile(module)
    return this.expectFailure(LinkError, text, () => this.instantiate(compiled))
  }

  assertUninstantiable(module: ScriptModule, text: string): Verdict {
    const compiled = this.compile(module)
    return this.expectFailure(Trap, text, () => this.instantiate(compiled))
  }

  private expectFailure<E extends Error>(kind: Kind<E>, text: string, run: () => unknown): Verdict {
    try {
      run()
    } catch (error) {
      if (!(error instanceof kind)) return failed(`expected "${text}", got ${messageOf(error)}`)
      const reason = reasonOf(error)
      // The suite's words may say more than ours ("uninitialized element 2") and ours more than the suite's.
      const fits = reason.includes(text) || text.startsWith(reason)
      return fits || this.options.ignoreMessages === true
        ? undefined
        : failed(`expected "${text}", got ${messageOf(error)}`)
    }
    return failed(`expected "${text}", but all went well`)
  }
}

type Performers = {
  readonly [K in Command['type']]: (run: ScriptRun, command: Command & { readonly type: K }) => Verdict
}

const needsThreads = (): Verdict => ({ skipped: 'threads are not supported yet' })

const performers: Performers = {
  module: (run, { module }) => run.enterModule(module),
  definition: (run, { module }) => run.define(module),
  instance: (run, { name, definition }) => run.enterDefinition(name, definition),
  register: (run, { as, module }) => run.register(as, module),
  action: (run, { action }) => {
    run.act(action)
    return undefined
  },
  assert_return: (run, { action, expected }) => run.assertReturn(action, expected),
  assert_trap: (run, { action, text }) => run.assertTrap(action, text),
  assert_exhaustion: (run, { action, text }) => run.assertTrap(action, text),
  assert_trap_module: (run, { module, text }) => run.assertUninstantiable(module, text),
  assert_exception: (run, { action }) => run.assertException(action),
  assert_malformed: (run, { module, text }) => run.assertRefused(module, text),
  assert_invalid: (run, { module, text }) => run.assertRefused(module, text),
  assert_unlinkable: (run, { module, text }) => run.assertUnlinkable(module, text),
  assert_malformed_custom: (run, { module, text }) => run.assertRefused(module, text),
  assert_invalid_custom: () => ({ skipped: 'custom sections are not validated' }),
  thread: needsThreads,
  wait: needsThreads,
}
