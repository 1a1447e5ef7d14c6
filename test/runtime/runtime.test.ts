// Behaviour of running code, one script per subject, each in a process of its own.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, it } from 'vitest'
import { root, runCase } from '../support/child.js'

const folder = 'test/runtime/cases'

const cases = readdirSync(join(root, folder)).filter(name => name !== 'support.mjs' && name !== 'foreign.mjs')

/** Subjects that depend on how code is compiled, once more without optimiser. */
const atBothLevels = ['traps.mjs', 'host-calls.mjs', 'objects.mjs']

/** Subjects with traps, memories or artifacts, once more without signals. */
const withoutSignals = [
  ...atBothLevels,
  'frames.mjs',
  'workers.mjs',
  'lifetime.mjs',
  'trap-sites.mjs',
  'suspension.mjs',
  'deadlines.mjs',
  'ending.mjs',
]

/** Subjects of interruption, once more where code looks by itself, with signals for traps. */
const checked = ['deadlines.mjs', 'ending.mjs', 'traps.mjs', 'host-calls.mjs']

/** Subjects that must not notice that ticks interrupt WebAssembly all the time. */
const interrupted = ['traps.mjs', 'host-calls.mjs', 'objects.mjs']

/** Subjects that cross between JavaScript and Wasm, once more by the way that every host has. */
const throughNodeApi = ['traps.mjs', 'host-calls.mjs', 'suspension.mjs', 'workers.mjs', 'ending.mjs']

/** Subjects that go from function to function, once more where calls of small ones are calls. */
const withoutInlining = [
  ...atBothLevels,
  'frames.mjs',
  'exceptions.mjs',
  'exits.mjs',
  'overflow.mjs',
  'stack.mjs',
  'suspension.mjs',
  'trap-sites.mjs',
]

describe('running code', () => {
  it.each(cases.sort())('%s', async name => {
    await runCase(`${folder}/${name}`)
  })

  it.each(atBothLevels)('%s, not optimised', async name => {
    await runCase(`${folder}/${name}`, { GANTRY_OPT: 'none' })
  })

  it.each(withoutInlining)('%s, nothing inlined', async name => {
    await runCase(`${folder}/${name}`, { GANTRY_INLINING: '0' })
  })

  it.each(withoutSignals)('%s, without signals', async name => {
    await runCase(`${folder}/${name}`, { GANTRY_SIGNALS: '0' })
  })

  it.each(checked)('%s, interrupted by checks', async name => {
    await runCase(`${folder}/${name}`, { GANTRY_INTERRUPTION: 'checks' })
  })

  it.each(throughNodeApi)('%s, through Node-API', async name => {
    await runCase(`${folder}/${name}`, { GANTRY_CALLS: 'node-api' })
  })

  it.each(interrupted)('%s, interrupted all the time', async name => {
    const ticks = pathToFileURL(join(root, 'test/runtime/many-ticks.mjs')).href
    await runCase(`${folder}/${name}`, { GANTRY_TICK_US: '50', NODE_OPTIONS: `--import ${ticks}` })
  })
})
