// Compile workers between compilations, in every host: they are used again, whatever was compiled, and end in time.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkBuilt, root, runProcess, type TextOutcome } from '../support/child.js'
import { hosts } from './hosts.js'

const script = join('test', 'package', 'compile-workers.mjs')
const large = join(root, 'node_modules', '@dprint', 'json', 'plugin.wasm')

/** By the script's word for them. */
const subjects = {
  again: 'the next module gets the workers of the one before',
  idle: 'idle workers end after a while',
  thread: 'workers end with the thread that they work for',
  errors: 'invalid modules cost no workers and give the errors of this thread',
  inlined: 'functions that are inlined are validated before',
  concurrent: 'compilations at once have workers of their own',
  configurations: 'engines of different configurations share workers',
  threadEnds: 'a thread with idle workers ends',
}
type Subject = keyof typeof subjects

/** What depends on the host, more than on us. */
const ofHosts: readonly Subject[] = ['again', 'idle', 'thread']

/** How a process ends whose workers would stay idle for ten minutes. */
const endings = [
  { how: 'end', status: 0 },
  { how: 'exit', status: 0 },
  { how: 'uncaught', status: 1 },
]

/** Milliseconds that a process may take to its end after its last line; less than workers are idle for usually. */
const promptly = 3_000

const here = { name: 'this Node', command: process.execPath, args: [], present: true, absence: '' }

for (const { name, command, args, present, absence } of [here, ...hosts]) {
  // Later versions of Node are this one in most things.
  const later = /^Node/.test(name)
  const run = (subject: string): Promise<TextOutcome> => {
    checkBuilt()
    return runProcess(command, [...args, script, subject], { cwd: root })
  }

  describe.skipIf(!present || !existsSync(large))(`in ${name}${absence}`, () => {
    for (const subject of Object.keys(subjects) as Subject[]) {
      if (later && !ofHosts.includes(subject)) continue
      it(subjects[subject], { timeout: 240_000 }, async () =>
        expect(await run(subject)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^done/) }),
      )
    }

    for (const { how, status } of later ? endings.slice(0, 1) : endings) {
      it(`idle workers do not delay the end: ${how}`, { timeout: 240_000 }, async () => {
        const outcome = await run(how)
        const end = Date.now()
        expect(outcome).toMatchObject({ status })
        expect(end - Number(/done at (\d+)/.exec(outcome.stdout)?.[1])).toBeLessThan(promptly)
      })
    }
  })
}
