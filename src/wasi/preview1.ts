// WASI preview 1: the table of its functions, and the object that an embedder makes one guest's world with.

import { randomFillSync } from 'node:crypto'
import { GantryError } from '../base/errors.js'
import { changingRights, directoryRights, fileRights } from './abi.js'
import { Clocks, type WasiClocks } from './clocks.js'
import type { WasiContext, WasiRow, WasiType } from './context.js'
import { DescriptorTable } from './descriptor.js'
import { DirectoryDescriptor } from './directory.js'
import { Errno, errnoOf } from './errno.js'
import { descriptorRows } from './fd-functions.js'
import { HostDirectory } from './fs.js'
import { GuestMemory } from './memory.js'
import { pathRows } from './path-functions.js'
import { pollRows } from './poll.js'
import { processRows } from './process-functions.js'
import { InputStream, OutputStream, type WasiInput, type WasiOutput } from './stream.js'
import { HostTimes, type SetTimesFunction } from './times.js'

/** The module name that programs import these functions from. */
export const wasiModuleName = 'wasi_snapshot_preview1'

/** @internal All functions of the interface. */
export const preview1: readonly WasiRow[] = [...processRows, ...descriptorRows, ...pathRows, ...pollRows]

/** Functions of the interface that always answer ENOSYS. None does. */
export const unimplemented: readonly string[] = []

/** A directory of the host that the guest finds open when it starts. */
export interface WasiPreopen {
  /** Path on the host; links in it are followed. */
  readonly host: string
  /** The guest's name for it, such as `.` or `/data`. */
  readonly guest: string
  /** The guest cannot change anything in it. Default false. */
  readonly readonly?: boolean
}

/** What one guest gets to see. Nothing of the host that is not named here. */
export interface WasiOptions {
  /** Arguments, the program's name first. Default: none at all. */
  readonly args?: readonly string[]
  /** Environment. Default: empty. */
  readonly env?: Readonly<Record<string, string>>
  /** Numbered from 3 on, in this order. Default: none. */
  readonly preopens?: readonly WasiPreopen[]
  /** Default: the process's own, 0. */
  readonly stdin?: WasiInput
  /** Default: the process's own, 1. */
  readonly stdout?: WasiOutput
  /** Default: the process's own, 2. */
  readonly stderr?: WasiOutput
  /** Replaces clocks and sleeping. Default: the host's. */
  readonly clocks?: WasiClocks
  /** Fills the array with random bytes. Default: the host's cryptographic source. */
  readonly random?: (into: Uint8Array) => void
  /** Descriptors that the guest may have open at once, the standard ones included. Default: 4096. */
  readonly maxDescriptors?: number
  /** utimensat(2), where the embedder has it: times of files to the nanosecond. Default: Node's, coarser. */
  readonly setTimes?: SetTimesFunction
}

/** One function as an engine binds it: i32 are numbers, i64 bigints, signed or unsigned. */
export interface WasiFunction {
  readonly params: readonly WasiType[]
  readonly results: readonly 'i32'[]
  /** Returns the error number, 0 for success. Throws WasiExit when the guest ends itself. */
  readonly call: (...args: (number | bigint)[]) => number
}

/** One guest's world. Owns the guest's open files. */
export interface Wasi {
  /** By name, in the order of the table. */
  readonly functions: Readonly<Record<string, WasiFunction>>
  /** Tells where the guest's memory is; asked anew at every access, since growth replaces the buffer. */
  setMemory(current: () => ArrayBufferLike): void
  /** Closes everything that is still open. The functions answer EBADF from then on. */
  dispose(): void
  [Symbol.dispose](): void
}

/** Makes a guest's world. Throws GantryError when a preopen cannot be opened or a string cannot be passed on. */
export function createWasi(options: WasiOptions = {}): Wasi {
  return new Preview1(options)
}

class Preview1 implements Wasi {
  readonly functions: Readonly<Record<string, WasiFunction>>
  private current: () => ArrayBufferLike = () => new ArrayBuffer(0)
  private readonly descriptors: DescriptorTable

  constructor(options: WasiOptions) {
    this.descriptors = new DescriptorTable(options.maxDescriptors ?? 4096)
    const context: WasiContext = {
      memory: new GuestMemory(() => this.current()),
      args: (options.args ?? []).map(argument => terminated(argument, 'an argument')),
      env: Object.entries(options.env ?? {}).map(environmentString),
      descriptors: this.descriptors,
      clocks: new Clocks(options.clocks),
      times: new HostTimes(options.setTimes),
      random: options.random ?? (into => void randomFillSync(into)),
    }
    this.openStreams(options)
    this.openPreopens(options.preopens ?? [], context.times)
    this.functions = Object.fromEntries(preview1.map(each => [each.name, bind(each, context)]))
  }

  setMemory(current: () => ArrayBufferLike): void {
    this.current = current
  }

  dispose(): void {
    this.descriptors.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  private openStreams({ stdin = 0, stdout = 1, stderr = 2 }: WasiOptions): void {
    this.descriptors.add(new InputStream(stdin))
    this.descriptors.add(new OutputStream(stdout))
    this.descriptors.add(new OutputStream(stderr))
  }

  private openPreopens(preopens: readonly WasiPreopen[], times: HostTimes): void {
    try {
      for (const preopen of preopens) this.descriptors.add(openPreopen(preopen, times), 3)
    } catch (error) {
      this.dispose()
      throw error
    }
  }
}

function openPreopen({ host, guest, readonly = false }: WasiPreopen, times: HostTimes): DirectoryDescriptor {
  const allowed = readonly ? ~changingRights : -1
  const own = directoryRights & allowed
  const passedOn = (directoryRights | fileRights) & allowed
  const name = new TextEncoder().encode(guest)
  return new DirectoryDescriptor(openHostDirectory(host), own, passedOn, 0, times, name)
}

function openHostDirectory(path: string): HostDirectory {
  try {
    return HostDirectory.openHost(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new GantryError(`cannot open the directory ${path} for the program: ${reason}`)
  }
}

function terminated(text: string, what: string): Uint8Array {
  if (text.includes('\0'))
    throw new GantryError(`${what} of the program contains a zero byte: ${JSON.stringify(text)}`)
  return new TextEncoder().encode(`${text}\0`)
}

function environmentString([name, value]: [string, string]): Uint8Array {
  if (name === '' || name.includes('=')) {
    throw new GantryError(`a variable of the program's environment has the name ${JSON.stringify(name)}`)
  }
  return terminated(`${name}=${value}`, 'an environment variable')
}

/** The engine's side of a row: failures become error numbers; exits and faults of ours travel on. */
function bind({ params, results, run }: WasiRow, context: WasiContext): WasiFunction {
  const call = (...args: (number | bigint)[]): number => {
    try {
      run(context, args)
      return Errno.Success
    } catch (thrown) {
      const errno = errnoOf(thrown)
      if (errno === undefined) throw thrown
      return errno
    }
  }
  return { params, results, call }
}
