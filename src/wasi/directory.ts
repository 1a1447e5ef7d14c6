// Descriptors of directories: preopens and what the guest has opened below them.

import { fdatasyncSync, fstatSync, fsyncSync, lstatSync, readdirSync } from 'node:fs'
import {
  directoryRights,
  type EventResult,
  encodeDirent,
  type FileStat,
  FileType,
  fileStatOf,
  fileTypeOf,
} from './abi.js'
import { Descriptor, type NewTimes } from './descriptor.js'
import { Errno, fail, systemCode } from './errno.js'
import type { HostDirectory } from './fs.js'
import type { HostTimes } from './times.js'

const dot = Buffer.from('.')
const dotDot = Buffer.from('..')

/** An open directory. Owns its host directory. */
export class DirectoryDescriptor extends Descriptor {
  /** Names as they were when cookie 0 was last asked for; cookies are indices into them. */
  private listing: readonly Uint8Array[] | undefined

  /** @param preopenName the guest's name of a preopened directory, as bytes; undefined for every other */
  constructor(
    readonly directory: HostDirectory,
    rights: number,
    inheriting: number,
    flags: number,
    private readonly times: HostTimes,
    readonly preopenName: Uint8Array | undefined = undefined,
  ) {
    super(FileType.Directory, rights, inheriting, flags)
  }

  override read(): number {
    return fail(Errno.IsDir)
  }

  override write(): number {
    return fail(Errno.IsDir)
  }

  override readAt(): number {
    return fail(Errno.IsDir)
  }

  override writeAt(): number {
    return fail(Errno.IsDir)
  }

  override seek(): bigint {
    return fail(Errno.IsDir)
  }

  override stat(): FileStat {
    return fileStatOf(fstatSync(this.directory.fd, { bigint: true }))
  }

  override sync(dataOnly: boolean): void {
    if (dataOnly) fdatasyncSync(this.directory.fd)
    else fsyncSync(this.directory.fd)
  }

  override allocate(): void {
    fail(Errno.IsDir)
  }

  override setSize(): void {
    fail(Errno.IsDir)
  }

  override setTimes(times: NewTimes): void {
    this.times.setOfDescriptor(this.directory.fd, times)
  }

  /** Flags have no effect on a directory; they are kept to be told again. */
  override setFlags(flags: number): void {
    this.flags = flags
  }

  override readable(): EventResult | undefined {
    return fail(Errno.Badf)
  }

  override writable(): EventResult | undefined {
    return fail(Errno.Badf)
  }

  override close(): void {
    this.directory.close()
  }

  /**
   * Fills `into` with directory entries from `cookie` on; the last is cut off where it does not fit, which is how the
   * guest sees that there are more. Returns the number of bytes. Entries are `.`, `..`, then the host's.
   */
  list(cookie: bigint, into: Uint8Array): number {
    if (cookie === 0n || this.listing === undefined) this.listing = this.names()
    const { listing } = this
    let used = 0
    for (let i = cookie; i < listing.length && used < into.length; i++) {
      const entry = this.entry(listing[Number(i)] ?? dot, i + 1n)
      const part = entry.subarray(0, into.length - used)
      into.set(part, used)
      used += part.length
    }
    return used
  }

  /** Rights that no directory has are missing because it is one. */
  protected override errnoFor(missing: number): Errno {
    return (missing & ~directoryRights) !== 0 ? Errno.IsDir : Errno.NotCapable
  }

  private names(): readonly Uint8Array[] {
    return [dot, dotDot, ...readdirSync(this.directory.at('.'), { encoding: 'buffer' })]
  }

  private entry(name: Uint8Array, next: bigint): Uint8Array {
    // The parent may lie outside of what the guest may see: 0 says that its number is not known.
    if (name === dotDot) return encodeDirent(next, 0n, FileType.Directory, name)
    try {
      const stats = lstatSync(Buffer.concat([Buffer.from(this.directory.at('')), name]), { bigint: true })
      return encodeDirent(next, stats.ino, fileTypeOf(stats), name)
    } catch (error) {
      // Gone since the listing was made.
      if (systemCode(error) !== 'ENOENT') throw error
      return encodeDirent(next, 0n, FileType.Unknown, name)
    }
  }
}
