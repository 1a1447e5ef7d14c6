// Where the specification's test suite lies, for tests that need it.

import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

const shared = process.env.GANTRY_SHARED ?? resolve(import.meta.dirname, '../../../shared')

/** The folder of the suite. */
export const suiteRoot: string = join(shared, 'suites/spec')

/** Whether the suite is there. */
export const haveSuite: boolean = existsSync(suiteRoot)

/** What skipped tests say. */
export const suiteMissing = `the specification's test suite is not in ${suiteRoot} (set GANTRY_SHARED)`

/** All scripts of the suite, as paths relative to its folder. */
export function suiteFiles(): string[] {
  if (!haveSuite) return []
  return readdirSync(suiteRoot, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.wast'))
    .sort()
}
