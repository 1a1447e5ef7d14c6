// Compiles modules for a machine that need not be this one, and prints a hash of each artifact, by module, level and number
// of worker threads: the same in every host that runs JavaScript. `small`: without the large module.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Engine, Module } from '../../dist/index.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const kernels = join(root, 'bench', 'kernels')
const large = join(root, 'node_modules', '@dprint', 'json', 'plugin.wasm')

const machine = { target: 'x86_64', cpuFeatures: [] }
const levels = [{}, { optLevel: 'none', regalloc: 'single_pass' }]

const hashes = {}

async function note(name, file, config) {
  const bytes = await Module.compileArtifact(
    new Engine({ ...machine, ...config }),
    new Uint8Array(readFileSync(file)),
  )
  hashes[`${name} ${JSON.stringify(config)}`] = createHash('sha256').update(bytes).digest('hex')
}

for (const name of readdirSync(kernels)
  .filter(f => f.endsWith('.wasm'))
  .sort())
  for (const level of levels) await note(name, join(kernels, name), level)
// Large enough for workers.
if (existsSync(large) && !process.argv.includes('small'))
  for (const compileThreads of [0, 3]) await note('@dprint/json', large, { compileThreads })

console.log(JSON.stringify(hashes))
process.exit(0)
