// Golden tests: text modules of test/filetests/frontend with the IR that they become in comments behind them.
// GANTRY_BLESS=1 writes the expectations anew.
//
// First lines of a file may choose:  ;;! memory = explicit     compare every access with the length
//                                    ;;! interruption = checks   loops and functions that call look up
//                                    ;;! inlining = yes        inline calls of small functions
//                                    ;;! emit = trampolines    entry and exit trampolines of the module's signatures
//                                    ;;! emit = builtins       all builtins

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtinRows } from '../../src/frontend/builtins.js'
import { moduleSignatures } from '../../src/frontend/module-env.js'
import { buildNative } from '../../src/frontend/natives.js'
import { defaultFrontendOptions } from '../../src/frontend/options.js'
import {
  buildBuiltinExit,
  buildEntryTrampoline,
  buildExitTrampoline,
} from '../../src/frontend/trampolines.js'
import type { Func } from '../../src/ir/func.js'
import { printFunc } from '../../src/ir/print.js'
import { assertValid } from '../../src/ir/verify.js'
import type { Module } from '../../src/wasm/module.js'
import { explicitBounds, moduleOf, newFunc, translateAll } from './util.js'

const folder = 'test/filetests/frontend'
const marker = ';; ==>'

function show(func: Func): string {
  assertValid(func, 'from the front end')
  return printFunc(func)
}

function trampolines(module: Module): string[] {
  const func = newFunc()
  const { entries, exits } = moduleSignatures(module)
  const make = (indices: Int32Array, build: typeof buildEntryTrampoline) =>
    Array.from(indices, index => {
      build(module.types.funcType(index), index, func)
      return show(func)
    })
  return [...make(entries, buildEntryTrampoline), ...make(exits, buildExitTrampoline)]
}

function builtins(): string[] {
  const func = newFunc()
  return builtinRows.map(({ kind, name }, row) => {
    if (kind === 'native') buildNative(row, func)
    else buildBuiltinExit(row, func)
    return `; ${name}\n${show(func)}`
  })
}

function output(source: string): string {
  const directives = new Map(
    Array.from(source.matchAll(/^;;! (\w+) = (\w+)$/gm), m => [m[1] as string, m[2] as string]),
  )
  const emit = directives.get('emit')
  if (emit === 'builtins') return builtins().join('\n')
  const module = moduleOf(source)
  if (emit === 'trampolines') return trampolines(module).join('\n')
  const bounds = directives.get('memory') === 'explicit' ? explicitBounds : defaultFrontendOptions
  const options = {
    ...bounds,
    interruptChecks: directives.get('interruption') === 'checks',
    inlining: directives.get('inlining') === 'yes',
    unoptimized: directives.get('optimized') === 'no',
  }
  const texts: string[] = []
  translateAll(module, options, func => texts.push(show(func)))
  return texts.join('\n')
}

describe('front end, golden', () => {
  const files = readdirSync(folder).filter(name => name.endsWith('.wat'))
  it.each(files)('%s', name => {
    const path = join(folder, name)
    const text = readFileSync(path, 'utf8')
    const at = text.indexOf(marker)
    const source = at < 0 ? `${text.trimEnd()}\n\n` : text.slice(0, at)
    const lines = output(source).trimEnd().split('\n')
    const comments = lines.map(line => `;; ${line}`.trimEnd()).join('\n')
    const actual = `${source}${marker}\n${comments}\n`
    if (process.env.GANTRY_BLESS === '1') writeFileSync(path, actual)
    else expect(actual).toBe(text)
  })
})
