// Builds the package: bundles the library, the command line and the compile worker into dist/, writes the
// declarations, and has the fresh bundle emit the native shims (every byte by our own code generator).
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundleOptions } from './bundle-options.mjs'
import { constBindings } from './const-bindings.mjs'
import { pruneTypes } from './prune-types.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
process.chdir(root)
rmSync('dist', { recursive: true, force: true })

/**
 * Bundles entries (output name → source). What an entry imports from a chunk is a cell to V8, constants included; so those
 * that compile modules have no chunks, and share nothing with each other. The command line does, to start quickly.
 */
async function bundle(entryPoints, splitting) {
  const { outputFiles } = await build({
    entryPoints,
    outdir: 'dist',
    ...bundleOptions,
    splitting,
    sourcemap: true,
    chunkNames: 'chunks/[name]-[hash]',
    write: false,
  })
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true })
    const mode = text.startsWith('#!') ? 0o755 : 0o644
    writeFileSync(path, path.endsWith('.js') ? constBindings(text) : text, { mode })
  }
}

await bundle({ index: 'src/index.ts', worker: 'src/worker.ts' }, false)
await bundle({ cli: 'src/cli/main.ts' }, true)
const tsc = join('node_modules', 'typescript', 'bin', 'tsc')
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.types.json'], { stdio: 'inherit' })
pruneTypes(join('dist', 'types'))
execFileSync(process.execPath, ['tools/run.mjs', 'tools/write-shims.ts'], { stdio: 'inherit' })
