// Functions made to be slow to compile (hostile.ts), with both levels and both allocators. Whatever takes more than
// linear time in one of their dimensions takes minutes here instead of about a second: so the limit is generous, and
// nothing is measured.

import { describe, expect, it } from 'vitest'
import { Engine } from '../../src/api/engine.js'
import { compileModule } from '../../src/compile/module.js'
import { readArtifact } from '../../src/object/artifact-reader.js'
import { hostileFunctions } from './hostile.js'

const limit = 60_000
const combinations = [
  ['none', 'single_pass'],
  ['speed', 'linear_scan'],
] as const

describe.each(combinations)('hostile functions with %s, %s', (optLevel, regalloc) => {
  const { compileJob } = new Engine({ optLevel, regalloc, target: 'x86_64', cpuFeatures: [] })
  it.each(hostileFunctions.map(f => [f.size, f.name, f] as const))(
    '%d %s',
    async (size, _, f) => {
      // Compilation blocks; the runner wants to hear of each test.
      await new Promise(resolve => setImmediate(resolve))
      const artifact = compileModule(f.make(size), compileJob)
      expect(readArtifact(artifact).info.target).toBe('x86_64')
    },
    limit,
  )
})
