// Who else must know the layout of native memory: the shim, which says what it was built from, and cases/layout.mjs, which
// repeats parts of src/shim/layout.ts.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { environmentArea, imports, processState } from '../../src/shim/layout.js'
import { platformName } from '../../src/shim/load.js'
import { layoutStamp } from '../../src/shim/stamp.js'
import { root, runNode } from '../support/child.js'

it('what the cases know of native memory is so', async () => {
  const cases = await import(new URL('./cases/layout.mjs', import.meta.url).href)
  expect(environmentArea).toMatchObject(cases.environmentArea)
  expect(processState).toMatchObject(cases.processState)
  expect(imports.slice(0, cases.imports.length)).toEqual(cases.imports)
})

it('a shim that was built from other sources is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-shim-'))
  try {
    const shim = readFileSync(join(root, 'dist', 'shim', `${platformName()}.node`))
    const stamp = Buffer.alloc(4)
    stamp.writeUInt32LE(layoutStamp)
    shim.writeUInt32LE((layoutStamp ^ 1) >>> 0, shim.indexOf(stamp))
    const GANTRY_SHIM = join(folder, 'other.node')
    writeFileSync(GANTRY_SHIM, shim)
    const { status, stderr } = await runNode(['test/runtime/cases/traps.mjs'], { GANTRY_SHIM })
    expect(status).toBe(1)
    expect(stderr).toContain('PlatformError: the native part was built from other sources')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
