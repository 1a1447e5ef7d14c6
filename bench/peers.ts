// Which engines there are to compare with, and how each is started. What a machine lacks is skipped with a note.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Config, Engine, Module } from '../src/index.js'
import { compileV8, loadGantry, type Program } from './engines.js'
import type { Measured, Peer, PeerCommand } from './peer.js'
import { ChildPeer, ColdPeer } from './peer.js'
import type { BenchProgram } from './programs.js'
import { ours } from './results.js'

/** What the peers are built and installed in. */
const cache = resolve('node_modules', '.cache', 'gantry-bench')

/** V8's optimising compiler, in this process: what `V8` means in all tables. */
export const v8Name = 'V8'

/** An engine in this process. */
class LocalPeer implements Peer {
  private current: { readonly program: Program; readonly of: BenchProgram } | undefined

  constructor(
    readonly name: string,
    private readonly make: (bytes: Uint8Array) => { program: Program; bytes?: number },
  ) {}

  async compile(of: BenchProgram): Promise<Measured> {
    const begin = performance.now()
    const { program, bytes } = this.make(of.bytes)
    this.current = { program, of }
    return { ms: performance.now() - begin, ...(bytes === undefined ? {} : { bytes }) }
  }

  async run(): Promise<number> {
    const { program, of } = this.current as { program: Program; of: BenchProgram }
    return program.run(of.options)
  }

  dispose(): void {
    this.current = undefined
  }
}

/** This repository's engine in this process. */
export function localGantry(config: Config = {}, name = ours): Peer {
  const engine = new Engine(config)
  return new LocalPeer(name, bytes => {
    const artifact = Module.compileArtifactSync(engine, bytes)
    return { program: loadGantry(engine, artifact), bytes: artifact.length }
  })
}

/** V8 in this process, with this process's options. */
export function localV8(): Peer {
  return new LocalPeer(v8Name, bytes => ({ program: compileV8(bytes) }))
}

const child = [join('tools', 'run.mjs'), join('bench', 'peers', 'child.ts')]

/** This repository's engine in a process of its own; with `compileThreads`, one that only compiles, and anew each time if there are any. */
export function gantryCommand(name: string, config: Config): PeerCommand {
  const { compileThreads } = config
  if (compileThreads !== undefined) {
    const command = [process.execPath, join('bench', 'peers', 'built.mjs'), JSON.stringify(config)]
    return { name, command, cold: compileThreads > 0 }
  }
  return { name, command: [process.execPath, ...child, JSON.stringify(config)] }
}

/** V8 in a process of its own. */
export function v8Command(name: string, ...flags: string[]): PeerCommand {
  return { name, command: [process.execPath, ...flags, ...child, 'v8'] }
}

/** V8 compiles at once, on one thread, and nothing twice from its cache. */
const eager = [
  '--no-wasm-lazy-compilation',
  '--wasm-num-compilation-tasks=1',
  '--no-wasm-native-module-cache-enabled',
]

/** V8 for compile times. */
export const v8Compilers: readonly PeerCommand[] = [
  v8Command(v8Name, '--no-liftoff', ...eager),
  v8Command('V8 liftoff', '--liftoff-only', ...eager),
]

/** V8 for run times, besides the one in this process. */
export const v8Runners: readonly PeerCommand[] = [
  v8Command('V8 default'),
  v8Command('V8 liftoff', '--liftoff-only'),
]

function note(name: string, why: string): undefined {
  console.log(`${name}: skipped, ${why}`)
}

function succeeds(command: string, args: readonly string[], cwd?: string): boolean {
  return spawnSync(command, args, { stdio: 'ignore', ...(cwd === undefined ? {} : { cwd }) }).status === 0
}

function wasmtime(): PeerCommand | undefined {
  const folder = join(cache, 'python')
  const python = join(folder, 'bin', 'python')
  const ready =
    (existsSync(python) || succeeds('python3', ['-m', 'venv', folder])) &&
    (succeeds(python, ['-c', 'import wasmtime']) ||
      succeeds(python, ['-m', 'pip', 'install', '-q', 'wasmtime']))
  if (!ready) return note('Wasmtime', 'the Python package wasmtime cannot be had')
  return { name: 'Wasmtime', command: [python, join('bench', 'peers', 'wasmtime_peer.py')] }
}

function wazero(): PeerCommand | undefined {
  const program = join(cache, 'wazero')
  // Each time: Go knows by itself whether there is anything to do.
  if (!succeeds('go', ['build', '-o', program, '.'], join('bench', 'peers', 'wazero')))
    return note('wazero', 'Go or the module cannot be had')
  return { name: 'wazero', command: [program] }
}

let foreign: readonly PeerCommand[] | undefined

/** Engines that are not in Node: installed at the first use. */
export function foreignPeers(): readonly PeerCommand[] {
  if (foreign === undefined) {
    mkdirSync(cache, { recursive: true })
    foreign = [wasmtime(), wazero()].filter(p => p !== undefined)
  }
  return foreign
}

/** Starts engines, uses them, ends them. */
export async function withPeers<T>(
  local: readonly Peer[],
  commands: readonly PeerCommand[],
  use: (peers: readonly Peer[]) => Promise<T>,
): Promise<T> {
  const peers = [...local, ...commands.map(c => (c.cold ? new ColdPeer(c) : new ChildPeer(c)))]
  try {
    return await use(peers)
  } finally {
    for (const peer of peers) peer.dispose()
  }
}
