// Standard input, output and error: streams that the embedder gives. They belong to the embedder and are never closed.

import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import type { ByteBuffer } from '../base/buffer.js'
import type { FileStat } from './abi.js'
import { type EventResult, FdFlags, FileType, fileStatOf, fileTypeOf, Rights } from './abi.js'
import { Descriptor } from './descriptor.js'
import { Errno, fail, systemCode } from './errno.js'
import { pathOfDescriptor } from './fs.js'

/**
 * Where a guest's standard input comes from: a descriptor of the host's, all of its bytes, or a function that fills
 * the array and returns the number of bytes it wrote, 0 at the end.
 */
export type WasiInput = number | Uint8Array | ((into: Uint8Array) => number)

/**
 * Where a guest's output goes: a descriptor of the host's, a buffer that is appended to, or a function that is called
 * with each piece (its to keep) before the guest's write returns.
 */
export type WasiOutput = number | ByteBuffer | ((bytes: Uint8Array) => void)

/** Pause in milliseconds between attempts at a host stream that is not ready. */
const retryMilliseconds = 2

const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** Blocks this thread. */
export function pause(milliseconds: number): void {
  Atomics.wait(sleeper, 0, 0, milliseconds)
}

const inputRights = Rights.FdRead | Rights.FdFdstatSetFlags | Rights.FdFilestatGet | Rights.PollFdReadwrite
const outputRights =
  Rights.FdWrite |
  Rights.FdDatasync |
  Rights.FdSync |
  Rights.FdFdstatSetFlags |
  Rights.FdFilestatGet |
  Rights.PollFdReadwrite

const nothing: FileStat = {
  dev: 0n,
  ino: 0n,
  filetype: FileType.Unknown,
  nlink: 1n,
  size: 0n,
  atim: 0n,
  mtim: 0n,
  ctim: 0n,
}

function typeOfHost(fd: number): FileType {
  try {
    return fileTypeOf(fstatSync(fd))
  } catch {
    // A closed descriptor: each use of it will say EBADF.
    return FileType.Unknown
  }
}

/** What input and output have in common: no position, no size, nothing to own. */
abstract class Stream extends Descriptor {
  constructor(
    rights: number,
    protected readonly host: number | undefined,
  ) {
    super(host === undefined ? FileType.Unknown : typeOfHost(host), rights, 0, 0)
  }

  override read(_into: readonly Uint8Array[]): number {
    return fail(Errno.Badf)
  }

  override write(_from: readonly Uint8Array[]): number {
    return fail(Errno.Badf)
  }

  override readAt(): number {
    return fail(Errno.Spipe)
  }

  override writeAt(): number {
    return fail(Errno.Spipe)
  }

  override seek(): bigint {
    return fail(Errno.Spipe)
  }

  override stat(): FileStat {
    return this.host === undefined ? nothing : fileStatOf(fstatSync(this.host, { bigint: true }))
  }

  override sync(_dataOnly: boolean): void {}

  override allocate(): void {
    fail(Errno.Spipe)
  }

  override setSize(): void {
    fail(Errno.Inval)
  }

  override setTimes(): void {
    fail(Errno.NotSup)
  }

  /** Appending is what a stream does anyway; whether the host writes synchronously is not ours to change. */
  override setFlags(flags: number): void {
    if ((flags & (FdFlags.Dsync | FdFlags.Rsync | FdFlags.Sync)) !== 0) fail(Errno.NotSup)
    this.flags = flags
  }

  override readable(): EventResult | undefined {
    return fail(Errno.Badf)
  }

  override writable(): EventResult | undefined {
    return fail(Errno.Badf)
  }

  override close(): void {}

  /** A stream lacks the right to seek because it cannot seek. */
  protected override errnoFor(missing: number): Errno {
    const position = Rights.FdSeek | Rights.FdTell | Rights.FdAdvise | Rights.FdAllocate
    if ((missing & position) !== 0) return Errno.Spipe
    return (missing & (Rights.FdRead | Rights.FdWrite)) !== 0 ? Errno.Badf : Errno.NotCapable
  }
}

/** @internal A guest's standard input. */
export class InputStream extends Stream {
  private position = 0
  /** A byte that `readable` had to take to find out that there is one; -1 when there is none. */
  private ahead = -1
  private atEnd = false
  /** The host's pipe or terminal opened once more, so that reading it does not block; -1 before, -2 when impossible. */
  private probe = -1

  constructor(private readonly source: WasiInput) {
    super(inputRights, typeof source === 'number' ? source : undefined)
  }

  override read(into: readonly Uint8Array[]): number {
    if ((this.flags & FdFlags.Nonblock) !== 0 && this.readable() === undefined) fail(Errno.Again)
    let total = 0
    for (const view of into) {
      const count = this.fill(view, total > 0)
      total += count
      if (count < view.length) break
    }
    return total
  }

  /**
   * A pipe or terminal is asked by reading one byte without blocking, which the next `read` hands out. What cannot be
   * asked (sockets; systems without /proc) counts as readable: the read that follows may block.
   */
  override readable(): EventResult | undefined {
    if (this.ahead >= 0) return { error: 0, bytes: 1n, hangup: false }
    const { source } = this
    if (source instanceof Uint8Array) {
      const bytes = BigInt(source.length - this.position)
      return { error: 0, bytes, hangup: bytes === 0n }
    }
    if (typeof source !== 'number' || !this.canProbe(source)) return { error: 0, bytes: 1n, hangup: false }
    return this.probeOnce()
  }

  override close(): void {
    if (this.probe >= 0) closeSync(this.probe)
    this.probe = -2
  }

  /** Fills a view; short at the end, and when `some` bytes have come and waiting would be needed for more. */
  private fill(view: Uint8Array, some: boolean): number {
    if (this.ahead >= 0) {
      view[0] = this.ahead
      this.ahead = -1
      return 1
    }
    const { source } = this
    if (typeof source === 'function') return some ? 0 : checkedCount(source(view), view.length)
    if (typeof source === 'number') return some ? 0 : readBlocking(source, view)
    const part = source.subarray(this.position, this.position + view.length)
    view.set(part)
    this.position += part.length
    return part.length
  }

  private canProbe(source: number): boolean {
    if (this.probe === -1) this.probe = this.filetype === FileType.RegularFile ? -2 : openProbe(source)
    return this.probe >= 0
  }

  private probeOnce(): EventResult | undefined {
    if (this.atEnd) return { error: 0, bytes: 0n, hangup: true }
    const byte = new Uint8Array(1)
    try {
      if (readSync(this.probe, byte) === 0) this.atEnd = this.filetype !== FileType.CharacterDevice
      else this.ahead = byte[0] ?? 0
    } catch (error) {
      if (systemCode(error) === 'EAGAIN') return undefined
      throw error
    }
    const ended = this.ahead < 0
    return { error: 0, bytes: ended ? 0n : 1n, hangup: ended }
  }
}

function checkedCount(count: number, limit: number): number {
  if (!Number.isInteger(count) || count < 0 || count > limit) {
    throw new RangeError(`stdin callback: expected a number of bytes from 0 to ${limit}, got ${count}`)
  }
  return count
}

/** A second, non-blocking opening of a host stream; -2 when it cannot be had. */
function openProbe(fd: number): number {
  const path = pathOfDescriptor(fd)
  if (path === undefined) return -2
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return -2
  }
}

/** One read of at least a byte or the end, also where the host has made the descriptor non-blocking. */
function readBlocking(fd: number, view: Uint8Array): number {
  for (;;) {
    try {
      return readSync(fd, view, 0, view.length, null)
    } catch (error) {
      const code = systemCode(error)
      if (code === 'EOF') return 0
      if (code !== 'EAGAIN' && code !== 'EINTR') throw error
      pause(retryMilliseconds)
    }
  }
}

/** @internal A guest's standard output or error. */
export class OutputStream extends Stream {
  constructor(private readonly sink: WasiOutput) {
    super(outputRights, typeof sink === 'number' ? sink : undefined)
  }

  override write(from: readonly Uint8Array[]): number {
    let total = 0
    for (const view of from) {
      this.put(view)
      total += view.length
    }
    return total
  }

  override sync(dataOnly: boolean): void {
    if (this.host === undefined) return
    try {
      if (dataOnly) fdatasyncSync(this.host)
      else fsyncSync(this.host)
    } catch (error) {
      // Pipes and terminals have nothing to synchronise and say EINVAL.
      if (systemCode(error) !== 'EINVAL') throw error
    }
  }

  override writable(): EventResult | undefined {
    return { error: 0, bytes: 65536n, hangup: false }
  }

  private put(view: Uint8Array): void {
    const { sink } = this
    if (typeof sink === 'number') writeBlocking(sink, view)
    else if (typeof sink === 'function') sink(view.slice())
    else sink.append(view)
  }
}

/** Writes all of it: a pipe that the host has made non-blocking says EAGAIN while it is full. */
function writeBlocking(fd: number, view: Uint8Array): void {
  let done = 0
  while (done < view.length) {
    try {
      done += writeSync(fd, view, done, view.length - done, null)
    } catch (error) {
      const code = systemCode(error)
      if (code !== 'EAGAIN' && code !== 'EINTR') throw error
      pause(retryMilliseconds)
    }
  }
}
