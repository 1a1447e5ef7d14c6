// Which compile workers are used again. Threads are stood in for by objects of this thread.

import { EventEmitter } from 'node:events'
import { availableParallelism } from 'node:os'
import { beforeEach, describe, expect, it } from 'vitest'
import { BugError, CompileError } from '../../src/base/errors.js'
import { CompileWorker, type WorkerThread } from '../../src/compile/compile-worker.js'
import { packFailure } from '../../src/compile/worker-messages.js'
import { type Team, WorkerPool } from '../../src/compile/worker-pool.js'

class StandIn extends EventEmitter {
  log: string[] = []
  ref = () => this.log.push('ref')
  unref = () => this.log.push('unref')
  terminate = async () => this.log.push('end')
}

class StandInTeam implements Team {
  readonly thread = new StandIn()
  readonly worker = new CompileWorker<unknown, { kind: string }>(this.thread as unknown as WorkerThread)
  readonly threadIds: readonly number[] = []

  constructor(readonly size = 1) {}

  get sound(): boolean {
    return !this.worker.broken
  }

  keepAlive(keep: boolean): void {
    this.worker.keepAlive(keep)
  }

  end(): Promise<void> {
    return this.worker.end()
  }
}

/** A team whose worker has answered. */
async function answered(answer: { kind: string }): Promise<StandInTeam> {
  const team = new StandInTeam()
  const result = team.worker.listen(a => a.kind).catch(error => error)
  team.thread.emit('message', answer)
  await result
  return team
}

describe('a pool of workers', () => {
  let pool: WorkerPool<StandInTeam>
  beforeEach(() => {
    pool = new WorkerPool()
  })

  it('gives the last one again, which keeps the process alive then only', () => {
    const teams = [new StandInTeam(0), new StandInTeam(0)]
    for (const team of teams) pool.give(team)
    expect(pool.take()).toBe(teams[1])
    expect(teams.map(t => t.thread.log)).toEqual([['unref'], ['unref', 'ref']])
    expect(pool.take()).toBe(teams[0])
    expect(pool.take()).toBeUndefined()
  })

  it('ends what nobody has wanted for a while', async () => {
    pool.idleTime = 10
    const team = new StandInTeam()
    pool.give(team)
    await expect.poll(() => team.thread.log).toEqual(['unref', 'end'])
    expect(pool.take()).toBeUndefined()
  })

  it('keeps not more workers than there are processors, but the last team', () => {
    const processors = availableParallelism()
    const teams = [1, processors, 1, 2 * processors].map(size => new StandInTeam(size))
    const ended = (): boolean[] => teams.map(t => t.thread.log.includes('end'))
    pool.give(teams[0] as StandInTeam)
    pool.give(teams[1] as StandInTeam)
    expect(ended()).toEqual([true, false, false, false])
    pool.give(teams[2] as StandInTeam)
    expect(ended()).toEqual([true, true, false, false])
    pool.give(teams[3] as StandInTeam)
    expect(ended()).toEqual([true, true, true, false])
    expect(pool.take()).toBe(teams[3])
  })

  it('keeps a worker after an error of a module, and none after a bug', async () => {
    const sound = await answered(packFailure(new CompileError('wrong', 3)))
    const broken = await answered(packFailure(new BugError('wrong')))
    pool.give(sound)
    pool.give(broken)
    expect(broken.thread.log).toEqual(['end'])
    expect(pool.take()).toBe(sound)
  })

  it.each(['error', 'exit'])('passes over one that ended while it was idle: %s', event => {
    const team = new StandInTeam()
    pool.give(team)
    team.thread.emit(event, event === 'error' ? new Error('out of memory') : 1)
    expect(pool.take()).toBeUndefined()
  })
})

describe('a worker that has ended', () => {
  it('fails what it is asked, then and later', async () => {
    const { thread, worker } = new StandInTeam()
    const asked = worker.listen(() => undefined)
    thread.emit('exit', 5)
    await expect(asked).rejects.toThrow('a compile worker ended with code 5')
    await expect(worker.listen(() => undefined)).rejects.toThrow(BugError)
  })
})
