// Compiles the kernels: node bench/kernels/build.mjs [FOLDER]. The .wasm files are committed, so that nobody needs a C
// compiler; they were made with Debian's clang 14.0.6 and lld 14.0.6 by exactly this command line.

import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))

const flags = [
  '--target=wasm32',
  '-std=c17',
  '-O2',
  '-Wall',
  '-Wextra',
  '-Wno-unused-parameter',
  '-ffreestanding',
  '-fno-math-errno',
  '-mbulk-memory',
  '-msign-ext',
  '-mnontrapping-fptoint',
  '-nostdlib',
  // A small stack and no symbols but names.
  '-Wl,-z,stack-size=65536',
  '-Wl,--strip-debug',
]

const [out = folder] = process.argv.slice(2)

for (const source of readdirSync(folder).filter(file => file.endsWith('.c'))) {
  const module = resolve(out, `${basename(source, '.c')}.wasm`)
  execFileSync('clang', [...flags, '-o', module, source], { cwd: folder, stdio: 'inherit' })
  chmodSync(module, 0o644)
}
