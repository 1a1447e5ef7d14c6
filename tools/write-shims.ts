// Writes the shims of all platforms into dist/shim/: node tools/run.mjs tools/write-shims.ts

import { mkdirSync, writeFileSync } from 'node:fs'
import { compileTarget } from '../src/compile/targets.js'
import { buildShim } from '../src/shim/build.js'
import { platforms } from '../src/shim/platform.js'

mkdirSync('dist/shim', { recursive: true })
for (const platform of platforms) {
  const { target, stubs } = compileTarget(platform.target)
  const bytes = buildShim(platform, target, stubs)
  writeFileSync(`dist/shim/${platform.name}.node`, bytes)
}
