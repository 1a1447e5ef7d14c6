// The modules that are only compiled. Those that the tests need too are dev dependencies; the others (150 MB of packages) are
// installed at the first use.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BenchProgram } from './programs.js'

interface Row {
  /** Package and file. */
  readonly name: string
  /** Version to install; absent for dev dependencies. */
  readonly install?: string
}

/** Small to large; the first is the quick one. */
const rows: readonly Row[] = [
  { name: '@dprint/json/plugin.wasm' },
  { name: '@dprint/typescript/plugin.wasm' },
  { name: 'esbuild-wasm/esbuild.wasm', install: 'esbuild-wasm@0.28.2' },
  { name: '@ruby/3.4-wasm-wasi/dist/ruby.wasm', install: '@ruby/3.4-wasm-wasi@2.10.1' },
  { name: '@yowasp/yosys/gen/yosys.core.wasm' },
]

const cache = join('node_modules', '.cache', 'modules')

/** Where a module lies, installed if need be; undefined, with a note, if it cannot be had. */
function locate({ name, install }: Row): string | undefined {
  if (install === undefined) {
    const file = join('node_modules', name)
    return existsSync(file) ? file : note(name, 'it is not installed')
  }
  const file = join(cache, 'node_modules', name)
  if (!existsSync(file)) {
    spawnSync('npm', ['install', '--prefix', cache, '--no-audit', '--no-fund', install], { stdio: 'ignore' })
  }
  return existsSync(file) ? file : note(name, `the package ${install} cannot be had`)
}

function note(name: string, why: string): undefined {
  console.log(`${name}: skipped, ${why}`)
}

/** Modules whose names contain one of `words`, all without words; the quick one if neither. */
export function benchModules(words: readonly string[], quick: boolean): BenchProgram[] {
  const wanted = rows.filter((row, i) =>
    words.length > 0 ? words.some(w => row.name.includes(w)) : !quick || i === 0,
  )
  return wanted.flatMap(row => {
    const file = locate(row)
    if (file === undefined) return []
    return [{ name: row.name, file, dir: dirname(file), bytes: readFileSync(file), options: {} }]
  })
}
