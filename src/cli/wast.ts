// `gantry wast`: runs scripts of the specification's test suite.

import { basename } from 'node:path'
import { Engine } from '../api/engine.js'
import { Feature, featureRows } from '../wasm/features.js'
import { runScript, type ScriptResult } from '../wast/runner.js'
import { configOf, type EngineOptions } from './engine-options.js'
import { ExitCode } from './failure.js'
import { readFile } from './input.js'
import { print } from './output.js'

export interface WastOptions extends EngineOptions {
  /** File that lists scripts to leave out: `name.wast reason` per line. */
  readonly skip?: string
  readonly ignoreErrorMessages?: boolean
  /** Most failures that are shown per file. */
  readonly show: number
}

/** Scripts to leave out, by name (or end of the path), with their reasons. */
function readSkipList(path: string): ReadonlyMap<string, string> {
  const lines = new TextDecoder().decode(readFile(path)).split('\n')
  const rows = lines.map(line => /^([^#\s]+)(?:\s+(.*))?$/.exec(line.trim())).filter(row => row !== null)
  return new Map(rows.map(row => [row[1] as string, row[2] ?? 'listed']))
}

function skipReason(list: ReadonlyMap<string, string>, path: string): string | undefined {
  const own = list.get(basename(path))
  if (own !== undefined) return own
  for (const [name, reason] of list) if (name.includes('/') && path.endsWith(`/${name}`)) return reason
  return undefined
}

function printResult(path: string, { passed, failed, skipped }: ScriptResult, most: number): void {
  for (const { line, what } of failed.slice(0, most)) print(`${path}:${line}: failed: ${what}\n`)
  if (failed.length > most) print(`${path}: ${failed.length - most} more failed\n`)
  const reasons = new Map<string, number[]>()
  for (const { line, what } of skipped) reasons.set(what, [...(reasons.get(what) ?? []), line])
  for (const [what, lines] of reasons)
    print(`${path}:${lines[0]}: skipped (${lines.length} times): ${what}\n`)
  print(`${path}: ${passed} passed, ${failed.length} failed, ${skipped.length} skipped\n`)
}

/**
 * What the suite's authors assume: all of WebAssembly 3.0. Page sizes of one byte change which binaries are malformed, so
 * they need asking for.
 */
const suiteFeatures: Readonly<Record<string, boolean>> = Object.fromEntries(
  featureRows.map(r => [r.name, r.feature !== Feature.CustomPageSizes]),
)

function makeEngine(options: WastOptions): Engine {
  const config = configOf(options)
  return new Engine({ ...config, features: { ...suiteFeatures, ...config.features } })
}

/** Runs the scripts; prints a line for each and the totals. Exit code 1 if a command failed or had to be skipped. */
export function runWast(files: readonly string[], options: WastOptions): ExitCode {
  const engine = makeEngine(options)
  const list = options.skip === undefined ? new Map<string, string>() : readSkipList(options.skip)
  const total = { passed: 0, failed: 0, skipped: 0, leftOut: 0 }
  for (const path of files) {
    const reason = skipReason(list, path)
    if (reason !== undefined) {
      total.leftOut++
      print(`${path}: left out: ${reason}\n`)
      continue
    }
    const ignoreMessages = options.ignoreErrorMessages === true
    const result = runScript(engine, readFile(path), { ignoreMessages })
    printResult(path, result, options.show)
    total.passed += result.passed
    total.failed += result.failed.length
    total.skipped += result.skipped.length
  }
  const leftOut = total.leftOut === 0 ? '' : `, ${total.leftOut} files left out`
  print(`total: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped${leftOut}\n`)
  return total.failed + total.skipped > 0 ? ExitCode.Failure : ExitCode.Success
}
