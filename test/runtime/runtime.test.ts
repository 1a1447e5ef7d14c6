// Behaviour of running code, one script per subject, each in a process of its own.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { root, runCase } from '../support/child.js'

const folder = 'test/runtime/cases'

describe('running code', () => {
  for (const name of readdirSync(join(root, folder)).sort()) {
    if (name === 'support.mjs') continue
    it(name, () => {
      runCase(`${folder}/${name}`)
    })
  }
})
