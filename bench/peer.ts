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

/** An engine in a process of its own. */
export class ChildPeer implements Peer {
  readonly name: string
  private readonly child: ChildProcess
  private readonly lines: AsyncIterator<string>

  constructor({ name, command, env }: PeerCommand) {
    this.name = name
    const [program = '', ...args] = command
    this.child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    })
    const reader: Interface = createInterface({
      input: this.child.stdout as NonNullable<ChildProcess['stdout']>,
    })
    this.lines = reader[Symbol.asyncIterator]()
  }

  private async ask(request: Request): Promise<Measured> {
    this.child.stdin?.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await this.lines.next()
    if (done === true) throw new Error(`${this.name} ended`)
    const answer = JSON.parse(value) as Measured & { error?: string }
    if (answer.error !== undefined) throw new Error(`${this.name}: ${answer.error}`)
    return answer
  }

  compile({ file, options, dir, stdinFile }: BenchProgram): Promise<Measured> {
    return this.ask({ op: 'compile', file, args: options.args ?? [], dir, stdin: stdinFile ?? null })
  }

  async run(): Promise<number> {
    return (await this.ask({ op: 'run' })).ms
  }

  dispose(): void {
    this.child.stdin?.end()
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
