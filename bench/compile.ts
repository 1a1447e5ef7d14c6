// Compile throughput on one thread: three sizes of module, both levels; peak memory of the process.

import { existsSync, readFileSync } from 'node:fs'
import { Engine, Module } from '../src/index.js'
import { v8 } from './engines.js'
import { ms, printTable } from './table.js'

const modules = [
  '@dprint/json/plugin.wasm',
  '@dprint/typescript/plugin.wasm',
  '@yowasp/yosys/gen/yosys.core.wasm',
]

export function benchCompile(): void {
  const rows: string[][] = []
  for (const name of modules) {
    const path = `node_modules/${name}`
    if (!existsSync(path)) continue
    const bytes = readFileSync(path)
    const size = bytes.length / 1e6
    for (const optLevel of ['none', 'speed'] as const) {
      const engine = new Engine({ optLevel })
      const start = performance.now()
      const artifact = Module.compileArtifactSync(engine, bytes)
      const time = performance.now() - start
      const rss = process.resourceUsage().maxRSS / 1024
      rows.push([
        `${name} ${optLevel}`,
        size.toFixed(1),
        ms(time),
        ((size / time) * 1000).toFixed(2),
        (artifact.length / 1e6).toFixed(1),
        rss.toFixed(0),
      ])
    }
    const start = performance.now()
    new v8.Module(bytes)
    const time = performance.now() - start
    rows.push([`${name} V8`, size.toFixed(1), ms(time), ((size / time) * 1000).toFixed(2), '', ''])
  }
  printTable(['compile', 'MB', 'ms', 'MB/s', 'artifact MB', 'peak MiB'], rows)
}
