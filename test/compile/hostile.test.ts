// Functions made to be slow to compile (hostile.ts), with every combination of level and allocator. Whatever takes more than
// linear time in one of their dimensions takes minutes here instead of about a second: so the limit is generous, and
// nothing is measured.

import { describe, expect, it } from 'vitest'
import { Engine } from '../../src/api/engine.js'
import { compileModule } from '../../src/compile/module.js'
import { readArtifact } from '../../src/object/artifact-reader.js'
import { hostileFunctions } from './hostile.js'

const limit = 60_000
const levels = ['none', 'speed'] as const
const allocators = ['single_pass', 'linear_scan'] as const

describe.each(levels.flatMap(level => allocators.map(allocator => [level, allocator] as const)))(
  'hostile functions with %s, %s',
  (optLevel, regalloc) => {
    const { compileJob } = new Engine({ optLevel, regalloc, target: 'x86_64', cpuFeatures: [] })
    it.each(hostileFunctions.map(f => [f.size, f.name, f] as const))(
      '%d %s',
      (size, _, f) => {
        const artifact = compileModule(f.make(size), compileJob)
        expect(readArtifact(artifact).info.target).toBe('x86_64')
      },
      limit,
    )
  },
)
