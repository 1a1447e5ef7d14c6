// Runs a TypeScript file of this repository: node tools/run.mjs FILE [ARGS…].
// Bundles it to node_modules/.cache/gantry-run (const enums are inlined, as in dist) and imports the result.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { bundleOptions } from './bundle-options.mjs'

const [file, ...args] = process.argv.slice(2)
if (file === undefined) {
  console.error('usage: node tools/run.mjs FILE [ARGS…]')
  process.exit(2)
}
const out = join(
  'node_modules',
  '.cache',
  'gantry-run',
  `${file.replace(/[^a-z0-9]+/gi, '_')}.${process.pid}.mjs`,
)
await build({
  entryPoints: [file],
  outfile: out,
  ...bundleOptions,
  sourcemap: 'inline',
  logLevel: 'warning',
})
// The bundle does not lie beside dist/, so it is told where the shim is.
const shim = resolve('dist', 'shim', `${process.platform}-${process.arch}.node`)
if (existsSync(shim)) process.env.GANTRY_SHIM ??= shim
process.argv = [process.argv[0], resolve(file), ...args]
await import(pathToFileURL(resolve(out)).href)
