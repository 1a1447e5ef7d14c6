// Workers between two compilations. V8 optimises the compiler in each of them anew, which takes it a second or two; so
// they stay for some seconds, for the next module. They do not keep the process alive meanwhile.

import { availableParallelism } from 'node:os'
import { clearTimeout, setTimeout } from 'node:timers'

/** Milliseconds that idle workers stay. Each holds some tens of MiB, so that is meant for modules that follow each other. */
const usualIdleTime = 5_000

/** A coordinator with its function workers. */
export interface Team {
  /** It can be given another module. */
  readonly sound: boolean
  /** Function workers, at most. */
  readonly size: number
  /** Ids of all its threads. */
  readonly threadIds: readonly number[]
  /** Whether it keeps the process alive. */
  keepAlive(keep: boolean): void
  end(): Promise<void>
}

interface Idle<T> {
  readonly team: T
  readonly timer: NodeJS.Timeout
}

/** Idle teams, of this thread. */
export class WorkerPool<T extends Team> {
  /** Milliseconds that a team stays idle; 0: not at all. */
  idleTime = usualIdleTime
  /** The one that was busy last is the last. */
  private idle: Idle<T>[] = []

  /** Ids of threads that wait for work. */
  get threadIds(): number[] {
    return this.idle.flatMap(({ team }) => [...team.threadIds])
  }

  /** The team that was busy last. */
  take(): T | undefined {
    for (;;) {
      const last = this.idle.pop()
      if (last === undefined) return undefined
      clearTimeout(last.timer)
      if (!last.team.sound) continue
      last.team.keepAlive(true)
      return last.team
    }
  }

  /** Keeps a team for the next module, or ends it. */
  give(team: T): void {
    if (!team.sound || this.idleTime === 0) {
      void team.end()
      return
    }
    team.keepAlive(false)
    const timer = setTimeout(() => this.end(team), this.idleTime)
    timer.unref()
    this.idle.push({ team, timer })
    this.endSuperfluous()
  }

  /** More function workers than processors help nobody, but those of the last team may be as many as they are. */
  private endSuperfluous(): void {
    const processors = availableParallelism()
    let workers = 0
    for (const { team } of this.idle.slice().reverse()) {
      workers += team.size
      if (workers > processors && team !== this.idle.at(-1)?.team) this.end(team)
    }
  }

  private end(team: T): void {
    for (const { timer } of this.idle.filter(i => i.team === team)) clearTimeout(timer)
    this.idle = this.idle.filter(i => i.team !== team)
    void team.end()
  }
}
