// Every option of an engine: its default, its reason, what it rejects. One row each; the public type, validation, help
// texts and the compatibility record of artifacts derive from the rows.

import { GantryError } from './base/errors.js'

/** An option has a value that it cannot have. */
export class ConfigError extends GantryError {
  override readonly name = 'ConfigError'
}

/** Kinds of profiles. */
export const profileKinds = ['none', 'perfmap', 'jitdump', 'cpuprofile'] as const

/** What may be configured. Everything is optional; see `configRows` for defaults and limits. */
export interface Config {
  /** Optimisation: `none` compiles fast, `speed` makes fast code. */
  readonly optLevel?: 'none' | 'speed'
  /** Register allocation: `linear_scan` makes fast code, `single_pass` is fast itself. */
  readonly regalloc?: 'linear_scan' | 'single_pass'
  /** Are small functions inlined where they are called? At `optLevel` `speed` only. */
  readonly inlining?: boolean
  /** Target of the code generator; running needs the machine's own. */
  readonly target?: string
  /** WebAssembly proposals to switch on or off, by name (`gantry settings` lists them). */
  readonly features?: Readonly<Record<string, boolean>>
  /** CPU features that code may use, by name; default: what this machine has (the baseline when compiling for another target). */
  readonly cpuFeatures?: readonly string[]
  /** Stack that Wasm may use, in bytes. */
  readonly maxWasmStack?: number
  /** Address space reserved for each linear memory, in bytes. */
  readonly memoryReservation?: number
  /** Inaccessible bytes behind the reservation. */
  readonly memoryGuard?: number
  /** Frames that a stack trace holds at most. */
  readonly maxFrames?: number
  /** Do stack traces as text tell files and lines, where modules have debug information? */
  readonly debugInfo?: boolean
  /** Traps and exceptions whose JavaScript stack is recorded, per store and stretch of JavaScript. */
  readonly maxHostTraces?: number
  /** How explicit traps leave: `jump` through generated code, `illegal` by a signal. */
  readonly trapStyle?: 'jump' | 'illegal'
  /** May memory accesses trap by signals? Off: code compares every address, and no signal handler is installed. */
  readonly signalsBasedTraps?: boolean
  /**
   * How WebAssembly that does not end is interrupted, for deadlines and the end of its thread: `signals` of a timer, `checks` in
   * compiled code, or `none`. Default: signals where signalsBasedTraps is on, else checks.
   */
  readonly interruption?: 'signals' | 'checks' | 'none'
  /** Worker threads that Module.compile may use; 0: none. */
  readonly compileThreads?: number
  /**
   * Where time goes: `perfmap` and `jitdump` write names, and names with code and lines, for Linux's perf; `cpuprofile`
   * samples WebAssembly itself. Default: `none`.
   */
  readonly profile?: (typeof profileKinds)[number]
  /** Proves every register allocation with the symbolic checker. Slow; for tests. */
  readonly checkRegalloc?: boolean
}

/** A complete, checked configuration. */
export type Settings = Required<Omit<Config, 'cpuFeatures'>> & Pick<Config, 'cpuFeatures'>

interface ConfigRow<K extends keyof Config> {
  readonly name: K
  readonly initial: Required<Config>[K] | undefined
  /** One line for `gantry settings` and the manual. */
  readonly doc: string
  /** What is wrong with a value, or undefined. */
  readonly check: (value: unknown) => string | undefined
  /** Does it change compiled code or its contract with the runtime? Then artifacts record it. */
  readonly inArtifact: boolean
}

const oneOf =
  (...names: readonly string[]) =>
  (value: unknown): string | undefined =>
    names.includes(value as string) ? undefined : `must be one of ${names.join(', ')}`

const integer =
  (min: number, max: number) =>
  (value: unknown): string | undefined =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be an integer from ${min} to ${max}`

const isBoolean = (value: unknown): string | undefined =>
  typeof value === 'boolean' ? undefined : 'must be true or false'
const isText = (value: unknown): string | undefined =>
  typeof value === 'string' ? undefined : 'must be a string'
const isTexts = (value: unknown): string | undefined =>
  Array.isArray(value) && value.every(v => typeof v === 'string') ? undefined : 'must be an array of strings'
const isSwitches = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && Object.values(value).every(v => typeof v === 'boolean')
    ? undefined
    : 'must be an object of booleans'

const KiB = 1024
const GiB = 1024 ** 3

function row<K extends keyof Config>(
  name: K,
  initial: ConfigRow<K>['initial'],
  check: ConfigRow<K>['check'],
  doc: string,
  inArtifact = false,
): ConfigRow<K> {
  return { name, initial, check, doc, inArtifact }
}

/** All options. */
export const configRows = [
  row('optLevel', 'speed', oneOf('none', 'speed'), 'none compiles fast, speed makes fast code', true),
  row(
    'regalloc',
    'linear_scan',
    oneOf('linear_scan', 'single_pass'),
    'linear_scan makes fast code, single_pass is fast itself',
    true,
  ),
  row(
    'inlining',
    true,
    isBoolean,
    'inline small functions where they are called (optLevel speed only)',
    true,
  ),
  row('target', 'x86_64', isText, 'target of the code generator'),
  row('features', {}, isSwitches, 'WebAssembly proposals by name'),
  row('cpuFeatures', undefined, isTexts, 'CPU features that code may use; default: those of this machine'),
  row('maxWasmStack', 512 * KiB, integer(16 * KiB, 2 * GiB - 1024 * KiB), 'bytes of stack that Wasm may use'),
  // 4 GiB let 32-bit addresses go without checks; a guard of 32 MiB takes the static offsets that programs have.
  row(
    'memoryReservation',
    4 * GiB,
    v =>
      v === 4 * GiB ? undefined : 'must be 4 GiB: smaller reservations need checks that do not exist yet',
    'bytes of address space reserved for each linear memory',
    true,
  ),
  row(
    'memoryGuard',
    32 * KiB * KiB,
    integer(64 * KiB, 4 * GiB),
    'inaccessible bytes behind the reservation',
    true,
  ),
  row('maxFrames', 20, integer(0, 100_000), 'frames that a stack trace holds at most'),
  // Reading it takes as long as it is large: megabytes as a rule. `Frame.source` reads it in any case.
  row(
    'debugInfo',
    false,
    isBoolean,
    'tell files and lines in stack traces, from the debug information of modules',
  ),
  // Recording one costs several times what a trap does; who traps so often in one stretch does not read them.
  row(
    'maxHostTraces',
    100,
    integer(0, 2 ** 31 - 1),
    'traps and exceptions with JavaScript frames per store and stretch of JavaScript',
  ),
  row(
    'trapStyle',
    'jump',
    oneOf('jump', 'illegal'),
    'jump: traps leave through generated code; illegal: by a signal',
    true,
  ),
  row(
    'signalsBasedTraps',
    true,
    isBoolean,
    'false: every memory access is checked by code, and no signal handler is installed',
    true,
  ),
  row(
    'interruption',
    undefined,
    oneOf('signals', 'checks', 'none'),
    'how loops are interrupted; default: signals where signalsBasedTraps is on, else checks',
    true,
  ),
  row('compileThreads', 2, integer(0, 64), 'worker threads that Module.compile may use'),
  row(
    'profile',
    'none',
    oneOf(...profileKinds),
    'perfmap: perf-PID.map in the temporary directory; jitdump: jit-PID.dump; cpuprofile: gantry-PID.cpuprofile',
  ),
  row('checkRegalloc', false, isBoolean, 'prove every register allocation (slow)'),
] as const

/** A value of any kind for a message: what JSON cannot say (NaN, bigints, functions) as itself. */
function shown(value: unknown): string {
  if (typeof value !== 'object' && typeof value !== 'string') return String(value)
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))
}

/** Checks a configuration and fills in the defaults. Throws ConfigError naming option, value and what is allowed. */
export function settingsOf(config: Config): Settings {
  const given = config as Readonly<Record<string, unknown>>
  const rows: readonly ConfigRow<keyof Config>[] = configRows as unknown as readonly ConfigRow<keyof Config>[]
  for (const name of Object.keys(given)) {
    if (!rows.some(r => r.name === name)) throw new ConfigError(`there is no option ${name}`)
  }
  const settings: Record<string, unknown> = {}
  for (const { name, initial, check } of rows) {
    const value = given[name] ?? initial
    if (value === undefined) continue
    const problem = check(value)
    if (problem !== undefined) throw new ConfigError(`${name} = ${shown(value)}: ${problem}`)
    settings[name] = value
  }
  return checkedTogether(settings as unknown as Settings)
}

/** What no option can tell by itself. */
function checkedTogether(settings: Omit<Settings, 'interruption'> & Pick<Config, 'interruption'>): Settings {
  if (!settings.signalsBasedTraps && settings.trapStyle === 'illegal') {
    throw new ConfigError('trapStyle = "illegal": needs signalsBasedTraps, which is off')
  }
  const interruption = settings.interruption ?? (settings.signalsBasedTraps ? 'signals' : 'checks')
  if (!settings.signalsBasedTraps && interruption === 'signals') {
    throw new ConfigError('interruption = "signals": needs signalsBasedTraps, which is off')
  }
  if (interruption !== 'signals' && settings.profile === 'cpuprofile') {
    throw new ConfigError(`profile = "cpuprofile": needs interruption = "signals", not "${interruption}"`)
  }
  return { ...settings, interruption }
}

/** The options that an artifact records, with their values. */
export function artifactConfig(settings: Settings): Readonly<Record<string, string | number | boolean>> {
  const recorded = configRows.filter(r => r.inArtifact)
  return Object.fromEntries(recorded.map(r => [r.name, settings[r.name] as string | number | boolean]))
}
