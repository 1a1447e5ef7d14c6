// The one check of a copy: what cases/layout.mjs repeats of src/shim/layout.ts.

import { expect, it } from 'vitest'
import { environmentArea, imports, processState } from '../../src/shim/layout.js'

it('what the cases know of native memory is so', async () => {
  const cases = await import(new URL('./cases/layout.mjs', import.meta.url).href)
  expect(environmentArea).toMatchObject(cases.environmentArea)
  expect(processState).toMatchObject(cases.processState)
  expect(imports.slice(0, cases.imports.length)).toEqual(cases.imports)
})
