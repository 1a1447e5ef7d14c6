// An engine that takes part in a benchmark: in this process, or a child process that reports the times it measured itself,
// so that neither its start nor the pipe counts.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { BenchProgram } from './programs.js'

/** Compiles one program at a time and runs it as often as wanted. */
export interface Peer {
  readonly name: string
  /** Makes the program the current one. Returns what it took. */
  compile(program: BenchProgram): Promise<Measured>
  /** Runs the current program in a fresh instance: milliseconds between bench.start and bench.end, or of `_start`. */
  run(): Promise<number>
  dispose(): void
}

/** What a compilation took. */
export interface Measured {
  /** Wall-clock milliseconds. */
  readonly ms: number
  /** Most memory that the process has ever held, in MiB; absent for engines in this process. */
  readonly peak?: number
  /** Size of the result, where the engine has one. */
  readonly bytes?: number
  /** Wall-clock milliseconds of doing it once more at once, where compile workers are kept from one module to the next. */
  readonly again?: number
}

/** How to start a child: it reads one JSON request per line and answers each with one line. */
export interface PeerCommand {
  readonly name: string
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Start it anew for each compilation. */
  readonly cold?: boolean
}

/** A request to a child. */
export type Request =
  | {
      readonly op: 'compile'
      readonly file: string
      readonly args: readonly string[]
      readonly dir: string
      readonly stdin: string | null
    }
  | { readonly op: 'run' }

/** A program that takes an engine longer than this is taken for one that does not end there. */
const longestRun = 120_000

/** An engine was ended because a program did not end. It takes part again in the next one. */
export class EndlessRun extends Error {
  override readonly name = 'EndlessRun'
}

/** A child process and the lines that it writes. */
interface Running {
  readonly child: ChildProcess
  readonly lines: AsyncIterator<string>
}

/** An engine in a process of its own. */
export class ChildPeer implements Peer {
  readonly name: string
  private running: Running | undefined

  constructor(private readonly how: PeerCommand) {
    this.name = how.name
  }

  private start(): Running {
    const { command, env } = this.how
    const [program = '', ...args] = command
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    })
    const reader: Interface = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> })
    return { child, lines: reader[Symbol.asyncIterator]() }
  }

  private async ask(request: Request): Promise<Measured> {
    this.running ??= this.start()
    const { child, lines } = this.running
    child.stdin?.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`${this.name} ended`)
    const answer = JSON.parse(value) as Measured & { error?: string }
    if (answer.error !== undefined) throw new Error(`${this.name}: ${answer.error}`)
    return answer
  }

  compile({ file, options, dir, stdinFile }: BenchProgram): Promise<Measured> {
    return this.ask({ op: 'compile', file, args: options.args ?? [], dir, stdin: stdinFile ?? null })
  }

  /** Throws EndlessRun. */
  async run(): Promise<number> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new EndlessRun(this.name)), longestRun)
    })
    try {
      return (await Promise.race([this.ask({ op: 'run' }), late])).ms
    } catch (error) {
      this.running?.child.kill('SIGKILL')
      this.running = undefined
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  dispose(): void {
    this.running?.child.stdin?.end()
  }
}

/** An engine in a new process for each compilation, so that none finds anything warm. It runs nothing. */
export class ColdPeer implements Peer {
  readonly name: string

  constructor(private readonly command: PeerCommand) {
    this.name = command.name
  }

  async compile(program: BenchProgram): Promise<Measured> {
    const child = new ChildPeer(this.command)
    try {
      return await child.compile(program)
    } finally {
      child.dispose()
    }
  }

  run(): Promise<number> {
    return Promise.reject(new Error(`${this.name} only compiles`))
  }

  dispose(): void {}
}
