// `gantry settings`: every option of the engine, every proposal, every CPU feature, and what this machine has.

import { compileTarget, hostTargetName, targetNames } from '../compile/targets.js'
import { hostCpuFeatures } from '../runtime/cpu.js'
import { platformName } from '../shim/load.js'
import { platforms } from '../shim/platform.js'
import { version } from '../version.js'
import { featureRows } from '../wasm/features.js'
import { keyedRows } from './engine-options.js'
import { ExitCode } from './failure.js'
import { print } from './output.js'

export interface SettingsOptions {
  readonly target?: string
  readonly json?: boolean
}

interface OptionSetting {
  readonly name: string
  readonly default: unknown
  readonly doc: string
}

interface FeatureSetting {
  readonly name: string
  readonly enabled: boolean
  readonly doc: string
}

interface CpuSetting {
  readonly name: string
  /** Whether this machine has it; absent for other targets than its own. */
  readonly present?: boolean
  readonly doc: string
}

interface Settings {
  readonly version: string
  readonly platform: string
  readonly canRun: boolean
  readonly targets: readonly string[]
  readonly target: string
  readonly options: readonly OptionSetting[]
  readonly features: readonly FeatureSetting[]
  readonly cpu: readonly CpuSetting[]
}

function cpuSettings(target: string, canRun: boolean): CpuSetting[] {
  const present = canRun && target === hostTargetName() ? new Set(hostCpuFeatures()) : undefined
  return compileTarget(target).target.features.map(({ name, doc }) =>
    present === undefined ? { name, doc } : { name, doc, present: present.has(name) },
  )
}

function gather(wanted: string | undefined): Settings {
  const host = hostTargetName()
  const target = wanted ?? (targetNames.includes(host ?? '') ? (host as string) : (targetNames[0] as string))
  const platform = platformName()
  const canRun = platforms.some(p => p.name === platform)
  return {
    version,
    platform,
    canRun,
    targets: targetNames,
    target,
    options: keyedRows.map(({ name, initial, doc }) => ({ name, default: initial ?? null, doc })),
    features: featureRows.map(r => ({ name: r.name, enabled: r.enabledByDefault, doc: r.description })),
    cpu: cpuSettings(target, canRun),
  }
}

function printTable(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1].map(i => Math.max(...rows.map(r => r[i]?.length ?? 0)))
  const lines = rows.map(row =>
    row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i] as number) : cell)).join('  '),
  )
  return lines.map(line => `  ${line.trimEnd()}\n`).join('')
}

function shown(value: unknown): string {
  if (value === null) return '-'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const onOff = (on: boolean): string => (on ? 'on' : 'off')
const yesNo = (present: boolean | undefined): string => (present === undefined ? '?' : present ? 'yes' : 'no')

function printSettings(s: Settings): string {
  const running = s.canRun ? 'can run programs' : 'can compile, but not run'
  return [
    `gantry ${s.version} on ${s.platform} (${running})\n`,
    `targets: ${s.targets.join(', ')}\n`,
    '\nengine options (-O NAME=VALUE) and their defaults:\n',
    printTable(s.options.map(o => [o.name, shown(o.default), o.doc])),
    '\nWebAssembly proposals (--feature NAME=on|off):\n',
    printTable(s.features.map(f => [f.name, onOff(f.enabled), f.doc])),
    `\nCPU features of ${s.target} (--cpu NAMES) and whether this machine has them:\n`,
    printTable(s.cpu.map(c => [c.name, yesNo(c.present), c.doc])),
  ].join('')
}

/** Prints the settings. Throws ConfigError for a target that does not exist. */
export function runSettings({ target, json }: SettingsOptions): ExitCode {
  const settings = gather(target)
  print(json === true ? `${JSON.stringify(settings, undefined, 2)}\n` : printSettings(settings))
  return ExitCode.Success
}
