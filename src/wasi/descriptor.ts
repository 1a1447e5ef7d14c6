// What a guest's file descriptor is: one class per kind of thing, and the table from numbers to them.

import type { EventResult, FileStat, FileType, Whence } from './abi.js'
import { Errno, fail } from './errno.js'

/** Times to set, in nanoseconds since 1970; undefined leaves the present one. */
export interface NewTimes {
  readonly atim: bigint | undefined
  readonly mtim: bigint | undefined
}

/**
 * An open descriptor of the guest's. Operations that a kind does not have fail as that kind says. Rights have been
 * checked by the caller; a position is in bytes from the start of the file.
 */
export abstract class Descriptor {
  constructor(
    readonly filetype: FileType,
    /** `Rights` that it has itself. */
    public rights: number,
    /** `Rights` that descriptors opened through it can have. */
    public inheriting: number,
    /** `FdFlags`. */
    public flags: number,
  ) {}

  /** Fails unless all of `rights` are there. */
  need(rights: number): void {
    const missing = rights & ~this.rights
    if (missing !== 0) fail(this.errnoFor(missing))
  }

  abstract read(into: readonly Uint8Array[]): number
  abstract write(from: readonly Uint8Array[]): number
  abstract readAt(into: readonly Uint8Array[], position: bigint): number
  abstract writeAt(from: readonly Uint8Array[], position: bigint): number
  /** The new position. */
  abstract seek(offset: bigint, whence: Whence): bigint
  abstract stat(): FileStat
  abstract sync(dataOnly: boolean): void
  abstract allocate(offset: bigint, length: bigint): void
  abstract setSize(size: bigint): void
  abstract setTimes(times: NewTimes): void
  /** Replaces the flags. */
  abstract setFlags(flags: number): void
  /** Undefined while a read would block. */
  abstract readable(): EventResult | undefined
  /** Undefined while a write would block. */
  abstract writable(): EventResult | undefined
  /** Gives back what it owns; called once. */
  abstract close(): void

  /** The error that says best why `missing` rights are missing. */
  protected errnoFor(_missing: number): Errno {
    return Errno.NotCapable
  }
}

/** The guest's descriptors by number. Owns them. */
export class DescriptorTable {
  private readonly slots: (Descriptor | undefined)[] = []
  private used = 0

  /** @param limit how many descriptors the guest may have open at once */
  constructor(private readonly limit: number) {}

  /** EBADF when the number is free. */
  get(fd: number): Descriptor {
    return this.slots[fd] ?? fail(Errno.Badf)
  }

  /** Fails with EMFILE when no descriptor can be added: before anything is opened that would have to be closed. */
  checkRoom(): void {
    if (this.used >= this.limit) fail(Errno.Mfile)
  }

  /** Takes over a descriptor; its number is the lowest free one from `from` on. */
  add(descriptor: Descriptor, from = 0): number {
    let fd = from
    while (this.slots[fd] !== undefined) fd++
    while (this.slots.length < fd) this.slots.push(undefined)
    this.slots[fd] = descriptor
    this.used++
    return fd
  }

  /** Frees the number even where closing fails. */
  close(fd: number): void {
    const descriptor = this.get(fd)
    this.slots[fd] = undefined
    this.used--
    descriptor.close()
  }

  /** Moves `from` to the number `to`, which must be in use and is closed. */
  renumber(from: number, to: number): void {
    const moved = this.get(from)
    const replaced = this.get(to)
    if (from === to) return
    this.slots[from] = undefined
    this.slots[to] = moved
    this.used--
    replaced.close()
  }

  /** Closes everything; the first failure is thrown when all have been tried. */
  dispose(): void {
    const failures: unknown[] = []
    this.used = 0
    for (const descriptor of this.slots.splice(0)) {
      try {
        descriptor?.close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
