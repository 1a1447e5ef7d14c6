// The specification's suite through front end and IR interpreter: every assertion about a module that needs no imports but
// spectest's. An oracle for the translation that knows neither optimiser nor back end.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CompileError } from '../../src/base/errors.js'
import { trapRowOf } from '../../src/vm-layout.js'
import { decodeModule } from '../../src/wasm/decode.js'
import { allFeatures } from '../../src/wasm/features.js'
import { type Action, type Command, parseScript, type ScriptModule } from '../../src/wasm/text/script.js'
import type { ScriptPattern, ScriptValue } from '../../src/wasm/text/script-values.js'
import { InstanceTrap, NotLinkable, TestInstance } from './instance.js'
import { explicitBounds, sharedPath } from './util.js'

/** Files that the interpreter does not run; all of them run natively in test/spec. */
const leftOut = new Set([
  // Too long for an interpreter written for clarity, or too deep for its stack.
  ...['fac.wast', 'skip-stack-guard-page.wast', 'memory_copy.wast', 'memory_fill.wast'],
  // Throwing is done by the runtime, which the interpreter's host does not have.
  ...['throw.wast', 'throw_ref.wast', 'try_table.wast'],
])

interface Totals {
  passed: number
  skipped: number
  readonly failures: string[]
}

const wide = (lo: number, hi: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)

/** Bits of an argument; undefined: not expressible here. */
function bitsOf(value: ScriptValue): bigint | undefined {
  if (value.type === 'i32' || value.type === 'f32') return BigInt(value.bits >>> 0)
  if (value.type === 'i64' || value.type === 'f64') return wide(value.lo, value.hi)
  if (value.type === 'ref.null') return 0n
  return value.type === 'ref.extern' ? BigInt(value.id + 1) : undefined
}

function isNaNOf(bits: bigint, payloadBits: bigint, kind: 'f32' | 'f64', canonicalOnly: boolean): boolean {
  const sign = kind === 'f32' ? 1n << 31n : 1n << 63n
  const quiet = payloadBits >> 1n
  const exponent = sign - 1n - (payloadBits - 1n)
  const magnitude = bits & (sign - 1n)
  const canonical = exponent | quiet
  return canonicalOnly ? magnitude === canonical : (magnitude & canonical) === canonical
}

function matches(actual: bigint, pattern: ScriptPattern): boolean {
  if (pattern.type === 'either') return pattern.options.some(option => matches(actual, option))
  if (pattern.type === 'ref') return actual !== 0n
  if (pattern.type === 'f32.nan') return isNaNOf(actual, 1n << 23n, 'f32', isCanonical(pattern.nan))
  if (pattern.type === 'f64.nan') return isNaNOf(actual, 1n << 52n, 'f64', isCanonical(pattern.nan))
  if (pattern.type === 'v128' || pattern.type === 'v128.lanes') return false
  return bitsOf(pattern) === actual
}

const isCanonical = (nan: unknown): boolean => String(nan) === 'canonical' || nan === 0

class ScriptRun {
  private current: TestInstance | undefined
  private readonly named = new Map<string, TestInstance | undefined>()

  constructor(
    private readonly file: string,
    private readonly totals: Totals,
  ) {}

  run(commands: readonly Command[]): void {
    for (const command of commands) this.command(command)
  }

  private command(c: Command): void {
    if (c.type === 'module') this.instantiate(c.module)
    else if (c.type === 'action') this.checked(c.line, c.action, () => true)
    else if (c.type === 'assert_return') this.assertReturn(c.line, c.action, c.expected)
    else if (c.type === 'assert_trap') this.assertTrap(c.line, c.action, c.text)
    else if (c.type === 'assert_trap_module') this.assertTrapModule(c.module, c.text)
    else if (c.type === 'assert_exhaustion') this.totals.skipped++
  }

  private make(module: ScriptModule): TestInstance | undefined {
    try {
      const decoded = decodeModule(module.encode(), { features: allFeatures })
      return new TestInstance(decoded, explicitBounds)
    } catch (e) {
      // What was not instantiated may have changed what others share with it.
      if (e instanceof NotLinkable) this.named.clear()
      if (e instanceof NotLinkable || e instanceof CompileError) return undefined
      throw e
    }
  }

  private instantiate(module: ScriptModule): void {
    try {
      this.current = this.make(module)
    } catch (e) {
      this.current = undefined
      this.fail(module.line, e instanceof InstanceTrap ? `instantiation traps ${e.code}` : String(e))
    }
    if (module.name !== undefined) this.named.set(module.name, this.current)
  }

  private assertTrapModule(module: ScriptModule, text: string): void {
    try {
      if (this.make(module) === undefined) this.totals.skipped++
      else this.fail(module.line, 'instantiation did not trap')
    } catch (e) {
      if (!(e instanceof InstanceTrap)) throw e
      this.check(module.line, isTrap(e.code, text), `trap ${e.code} instead of ${text}`)
    }
  }

  private assertReturn(line: number, action: Action, expected: readonly ScriptPattern[]): void {
    this.checked(line, action, (values, code) => {
      if (values === undefined) return `trap ${code}`
      const shown = values.map(v => `0x${v.toString(16)}`).join(' ')
      if (expected.length !== values.length) return `results ${shown}`
      return expected.every((p, i) => matches(values[i] as bigint, p)) || `results ${shown}`
    })
  }

  private assertTrap(line: number, action: Action, text: string): void {
    this.checked(
      line,
      action,
      (values, code) => (values === undefined && isTrap(code, text)) || `no ${text}: ${code}`,
    )
  }

  /** Performs an action and judges what came out: values, or the code of a trap. */
  private checked(
    line: number,
    action: Action,
    judge: (values: readonly bigint[] | undefined, code: number) => boolean | string,
  ): void {
    const instance = action.module === undefined ? this.current : this.named.get(action.module)
    const args = action.type === 'invoke' ? action.args.map(bitsOf) : []
    if (instance === undefined || args.includes(undefined)) {
      this.totals.skipped++
      return
    }
    if (action.type === 'get') {
      const verdict = judge([this.narrow(instance, action.field)], -1)
      this.check(line, verdict === true, String(verdict))
      return
    }
    const outcome = instance.invoke(action.field, args as bigint[])
    if (outcome.kind === 'exhausted' || outcome.kind === 'raised') this.totals.skipped++
    else {
      const verdict = outcome.kind === 'returned' ? judge(outcome.values, -1) : judge(undefined, outcome.code)
      this.check(line, verdict === true, `${action.field}: ${verdict}`)
    }
  }

  private narrow(instance: TestInstance, field: string): bigint {
    return instance.getGlobal(field)
  }

  private check(line: number, ok: boolean, what: string): void {
    if (ok) this.totals.passed++
    else this.fail(line, what)
  }

  private fail(line: number, what: string): void {
    this.totals.failures.push(`${this.file}:${line}: ${what}`)
  }
}

/** Does the code mean the trap that the suite expects? The suite may say more, or less, than the message. */
function isTrap(code: number, text: string): boolean {
  const message = trapRowOf(code)?.message ?? ''
  return message.startsWith(text) || text.startsWith(message)
}

describe('specification suite on the interpreter', () => {
  const { path, present } = sharedPath('suites/spec')
  it.skipIf(present)('skipped: set GANTRY_SHARED to the folder of shared test data', () => undefined)
  const files = present ? readdirSync(path).filter(n => n.endsWith('.wast') && !leftOut.has(n)) : []
  const all = { passed: 0, skipped: 0 }
  it.each(files)('%s', name => {
    const totals: Totals = { passed: 0, skipped: 0, failures: [] }
    new ScriptRun(name, totals).run(parseScript(readFileSync(join(path, name))))
    expect(totals.failures.slice(0, 20).join('\n')).toBe('')
    all.passed += totals.passed
    all.skipped += totals.skipped
  })
  it.skipIf(!present)('checks most of it', () => {
    console.log(`specification suite on the interpreter: ${all.passed} passed, ${all.skipped} skipped`)
    expect(all.passed).toBeGreaterThan(18_000)
  })
})
