// Descriptors of files that the guest has opened: regular files, and the devices and pipes that lie in a preopen.
//
// Node cannot seek, so the position of a regular file is kept here and every transfer names its place. Appending is
// left to the kernel (O_APPEND), whose appends from several processes do not overwrite each other. Node cannot change
// the flags of an open descriptor either: where they change, the same file is opened anew through its descriptor.

import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readvSync,
  statfsSync,
  writeSync,
  writevSync,
} from 'node:fs'
import { type EventResult, FdFlags, type FileStat, FileType, fileStatOf, Rights, Whence } from './abi.js'
import { Descriptor, type NewTimes } from './descriptor.js'
import { Errno, fail } from './errno.js'
import { pathOfDescriptor } from './fs.js'
import type { HostTimes } from './times.js'

/** Flags of `open` for `FdFlags`. */
export function hostFlags(flags: number): number {
  let host = 0
  if ((flags & FdFlags.Append) !== 0) host |= constants.O_APPEND
  if ((flags & FdFlags.Dsync) !== 0) host |= constants.O_DSYNC
  if ((flags & (FdFlags.Sync | FdFlags.Rsync)) !== 0) host |= constants.O_SYNC
  if ((flags & FdFlags.Nonblock) !== 0) host |= constants.O_NONBLOCK
  return host
}

/** Largest offset in a file: 2^63-1 in the interface, but numbers of Node's end at 2^53. */
const maxOffset = 2n ** 63n - 1n
const zeros = new Uint8Array(1 << 20)

/** A position as Node takes it. EINVAL beyond the interface's range, EFBIG beyond Node's. */
function hostPosition(position: bigint): number {
  if (position > maxOffset) fail(Errno.Inval)
  if (position > BigInt(Number.MAX_SAFE_INTEGER)) fail(Errno.Fbig)
  return Number(position)
}

/** An open file. Owns its host descriptor. */
export class FileDescriptor extends Descriptor {
  private position = 0
  /** Whether the file has positions: devices and pipes are read where they stand. */
  private readonly seekable: boolean

  /** @param access O_RDONLY, O_WRONLY or O_RDWR, as the host descriptor was opened */
  constructor(
    private host: number,
    private readonly access: number,
    filetype: FileType,
    rights: number,
    inheriting: number,
    flags: number,
    private readonly times: HostTimes,
  ) {
    super(filetype, rights, inheriting, flags)
    this.seekable = filetype === FileType.RegularFile || filetype === FileType.BlockDevice
  }

  override read(into: readonly Uint8Array[]): number {
    if (into.length === 0) return 0
    const count = this.seekable ? readvSync(this.host, into, this.position) : readvSync(this.host, into)
    this.position += count
    return count
  }

  override write(from: readonly Uint8Array[]): number {
    if (from.length === 0) return 0
    const count = this.transferOut(from, this.position)
    if ((this.flags & FdFlags.Append) !== 0 && this.seekable) this.position = this.size()
    else this.position += count
    return count
  }

  override readAt(into: readonly Uint8Array[], position: bigint): number {
    const at = hostPosition(position)
    if (!this.seekable) fail(Errno.Spipe)
    return into.length === 0 ? 0 : readvSync(this.host, into, at)
  }

  /** On a file that appends, the position is ignored, as Linux does. */
  override writeAt(from: readonly Uint8Array[], position: bigint): number {
    const at = hostPosition(position)
    if (!this.seekable) fail(Errno.Spipe)
    return from.length === 0 ? 0 : this.transferOut(from, at)
  }

  override seek(offset: bigint, whence: Whence): bigint {
    if (!this.seekable) fail(Errno.Spipe)
    const target = BigInt(this.origin(whence)) + offset
    if (target < 0n || target > maxOffset) fail(Errno.Inval)
    this.position = hostPosition(target)
    return target
  }

  override stat(): FileStat {
    return fileStatOf(fstatSync(this.host, { bigint: true }))
  }

  override sync(dataOnly: boolean): void {
    if (dataOnly) fdatasyncSync(this.host)
    else fsyncSync(this.host)
  }

  /**
   * Node has no fallocate: space beyond the end is taken by writing zeros, which is what the C library does where a
   * file system has none; holes before the end stay holes. What does not fit is refused before anything is written.
   */
  override allocate(offset: bigint, length: bigint): void {
    if (length === 0n || offset + length > maxOffset) fail(length === 0n ? Errno.Inval : Errno.Fbig)
    const size = this.size()
    const end = hostPosition(offset + length)
    if (end <= size) return
    this.checkSpace(end - size)
    try {
      for (let at = size; at < end; )
        at += this.transferOut([zeros.subarray(0, Math.min(zeros.length, end - at))], at)
    } catch (error) {
      ftruncateSync(this.host, size)
      throw error
    }
  }

  override setSize(size: bigint): void {
    ftruncateSync(this.host, hostPosition(size))
  }

  override setTimes(times: NewTimes): void {
    this.times.setOfDescriptor(this.host, times)
  }

  override setFlags(flags: number): void {
    const before = hostFlags(this.flags)
    const after = hostFlags(flags)
    const indifferent = this.seekable ? constants.O_NONBLOCK : 0
    if (((before ^ after) & ~indifferent) !== 0) this.reopen(after)
    this.flags = flags
  }

  override readable(): EventResult | undefined {
    const left = this.seekable ? Math.max(0, this.size() - this.position) : 1
    return { error: 0, bytes: BigInt(left), hangup: false }
  }

  override writable(): EventResult | undefined {
    return { error: 0, bytes: 65536n, hangup: false }
  }

  override close(): void {
    closeSync(this.host)
  }

  /** Reading what is open for writing only and the reverse is a bad descriptor, as POSIX has it. */
  protected override errnoFor(missing: number): Errno {
    return (missing & (Rights.FdRead | Rights.FdWrite)) !== 0 ? Errno.Badf : Errno.NotCapable
  }

  private transferOut(from: readonly Uint8Array[], position: number): number {
    const at = this.seekable ? position : null
    const only = from.length === 1 ? from[0] : undefined
    if (only !== undefined) return writeSync(this.host, only, 0, only.length, at)
    return at === null ? writevSync(this.host, from) : writevSync(this.host, from, at)
  }

  private size(): number {
    return fstatSync(this.host).size
  }

  private origin(whence: Whence): number {
    if (whence === Whence.Set) return 0
    return whence === Whence.Cur ? this.position : this.size()
  }

  private reopen(flags: number): void {
    const path = pathOfDescriptor(this.host) ?? fail(Errno.NotSup)
    const fresh = openSync(path, this.access | flags | constants.O_NOCTTY)
    closeSync(this.host)
    this.host = fresh
  }

  private checkSpace(needed: number): void {
    const path = pathOfDescriptor(this.host)
    if (path === undefined) return
    const system = statfsSync(path, { bigint: true })
    if (BigInt(needed) > system.bavail * system.bsize) fail(Errno.NoSpc)
  }
}
