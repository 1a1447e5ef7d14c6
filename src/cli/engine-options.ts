// The engine's configuration on the command line. Options derive from the rows of config.ts and of the features, so that
// nothing is written down twice.

import type { Command } from 'commander'
import { type Config, configRows } from '../config.js'
import { featureByName } from '../wasm/features.js'
import { UsageError } from './failure.js'

/** What commander collects of the engine's options. */
export interface EngineOptions {
  readonly optimize: readonly string[]
  readonly feature: readonly string[]
  readonly cpu?: string
  readonly target?: string
}

/** Rows that have an option of their own. */
const ownOption: ReadonlySet<string> = new Set(['features', 'cpuFeatures', 'target'])

/** The rows that `-O KEY=VALUE` sets. */
export const keyedRows = configRows.filter(row => !ownOption.has(row.name))

/** Collects the values of an option that may be given several times. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** Adds the options that decide about code. */
export function addEngineOptions(command: Command): Command {
  const names = keyedRows.map(r => r.name)
  return command
    .option(
      '-O, --optimize <setting>',
      `none or speed, or KEY=VALUE for ${names.join(', ')}; may be repeated`,
      collect,
      [],
    )
    .option(
      '--feature <name[=on|off]>',
      'switch a WebAssembly proposal on or off (`gantry settings` lists them); may be repeated',
      collect,
      [],
    )
    .option('--cpu <names>', 'CPU features that code may use, separated by commas; `baseline` for none')
}

const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

function numberOf(text: string): number {
  const [, digits = '', unit = ''] = /^([0-9]+)([kmg]?)(?:ib|b)?$/i.exec(text) ?? []
  return digits === '' ? Number.NaN : Number(digits) * (units[unit.toLowerCase()] as number)
}

const switches: Readonly<Record<string, boolean>> = {
  true: true,
  on: true,
  yes: true,
  false: false,
  off: false,
  no: false,
}

/** The value of an option by what its default is; what cannot be read stays text, which the option's check refuses. */
function readValue(text: string, initial: unknown): unknown {
  if (typeof initial === 'boolean') return switches[text] ?? text
  if (typeof initial !== 'number') return text
  const value = numberOf(text)
  return Number.isNaN(value) ? text : value
}

function setting(text: string): [string, unknown] {
  const at = text.indexOf('=')
  if (at < 0) return ['optLevel', text]
  const key = text.slice(0, at)
  const row = configRows.find(r => r.name === camelCase(key))
  if (row === undefined || ownOption.has(row.name))
    throw new UsageError(`-O ${text}: there is no option ${key}`)
  return [row.name, readValue(text.slice(at + 1), row.initial)]
}

function feature(text: string): [string, boolean] {
  const [name = '', value = 'on'] = text.split('=', 2)
  const on = switches[value]
  if (on === undefined) throw new UsageError(`--feature ${text}: the value must be on or off`)
  if (featureByName(name) === undefined)
    throw new UsageError(`--feature ${text}: there is no WebAssembly proposal ${name}`)
  return [name, on]
}

/** The configuration that the options mean. Throws UsageError; impossible values are the Engine's to refuse. */
export function configOf({ optimize, feature: features, cpu, target }: EngineOptions): Config {
  return {
    ...Object.fromEntries(optimize.map(setting)),
    ...(features.length === 0 ? {} : { features: Object.fromEntries(features.map(feature)) }),
    ...(cpu === undefined ? {} : { cpuFeatures: cpu === 'baseline' ? [] : cpu.split(',') }),
    ...(target === undefined ? {} : { target }),
  }
}
