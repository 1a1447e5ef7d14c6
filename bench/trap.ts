// Trap round trips against depth. They run in a process of their own, because V8's stack has to be large enough for a
// hundred thousand frames of its engine: bench/trap-child.ts does the work and prints results as JSON.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { BenchOptions } from './options.js'
import type { Result } from './results.js'

/** KiB of stack that V8 may use; the system's usual limit is 8 MiB. */
const v8Stack = 7000

/** Times traps of three kinds at four depths. Throws if the child fails. */
export async function benchTraps({ quick }: BenchOptions): Promise<Result[]> {
  const script = [join('tools', 'run.mjs'), join('bench', 'trap-child.ts'), ...(quick ? ['--quick'] : [])]
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--no-liftoff', `--stack-size=${v8Stack}`, ...script],
    { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`bench/trap-child.ts ended with ${status}`)
  return JSON.parse(stdout) as Result[]
}
