// Layouts and constants of WASI preview 1 as they lie in guest memory. Every offset is written here and nowhere else.
// All structures are little-endian with natural alignment; the guest's pointers need not be aligned.

import type { BigIntStats, Stats } from 'node:fs'
import type { GuestMemory } from './memory.js'

/** File types (`filetype`). */
export const enum FileType {
  Unknown,
  BlockDevice,
  CharacterDevice,
  Directory,
  RegularFile,
  SocketDgram,
  SocketStream,
  SymbolicLink,
}

/** Flags of an open descriptor (`fdflags`). */
export const enum FdFlags {
  Append = 1,
  Dsync = 2,
  Nonblock = 4,
  Rsync = 8,
  Sync = 16,
  All = 31,
}

/** How to open a path (`oflags`). */
export const enum OFlags {
  Creat = 1,
  Directory = 2,
  Excl = 4,
  Trunc = 8,
  All = 15,
}

/** The one flag of `lookupflags`: expand a symbolic link that is the path's last component. */
export const enum LookupFlags {
  SymlinkFollow = 1,
}

/** Which time stamps to set, and to what (`fstflags`). */
export const enum FstFlags {
  Atim = 1,
  AtimNow = 2,
  Mtim = 4,
  MtimNow = 8,
  All = 15,
}

/** Origin of a seek (`whence`). */
export const enum Whence {
  Set,
  Cur,
  End,
}

/** Clock identifiers (`clockid`). */
export const enum ClockId {
  Realtime,
  Monotonic,
  ProcessCpu,
  ThreadCpu,
}

/** Kinds of subscription and event (`eventtype`). */
export const enum EventType {
  Clock,
  FdRead,
  FdWrite,
}

/** Number of values of `advice`: normal, sequential, random, willneed, dontneed, noreuse. */
export const adviceCount = 6

/** What a descriptor allows (`rights`): 30 bits, so that a number holds them; 64 bits wide in memory. */
export const enum Rights {
  FdDatasync = 1 << 0,
  FdRead = 1 << 1,
  FdSeek = 1 << 2,
  FdFdstatSetFlags = 1 << 3,
  FdSync = 1 << 4,
  FdTell = 1 << 5,
  FdWrite = 1 << 6,
  FdAdvise = 1 << 7,
  FdAllocate = 1 << 8,
  PathCreateDirectory = 1 << 9,
  PathCreateFile = 1 << 10,
  PathLinkSource = 1 << 11,
  PathLinkTarget = 1 << 12,
  PathOpen = 1 << 13,
  FdReaddir = 1 << 14,
  PathReadlink = 1 << 15,
  PathRenameSource = 1 << 16,
  PathRenameTarget = 1 << 17,
  PathFilestatGet = 1 << 18,
  PathFilestatSetSize = 1 << 19,
  PathFilestatSetTimes = 1 << 20,
  FdFilestatGet = 1 << 21,
  FdFilestatSetSize = 1 << 22,
  FdFilestatSetTimes = 1 << 23,
  PathSymlink = 1 << 24,
  PathRemoveDirectory = 1 << 25,
  PathUnlinkFile = 1 << 26,
  PollFdReadwrite = 1 << 27,
  SockShutdown = 1 << 28,
  SockAccept = 1 << 29,
  All = (1 << 30) - 1,
}

/** Rights that mean something on a descriptor of a file that is not a directory. */
export const fileRights: number =
  Rights.FdDatasync |
  Rights.FdRead |
  Rights.FdSeek |
  Rights.FdFdstatSetFlags |
  Rights.FdSync |
  Rights.FdTell |
  Rights.FdWrite |
  Rights.FdAdvise |
  Rights.FdAllocate |
  Rights.FdFilestatGet |
  Rights.FdFilestatSetSize |
  Rights.FdFilestatSetTimes |
  Rights.PollFdReadwrite

/** Rights that mean something on a directory's descriptor. */
export const directoryRights: number =
  Rights.FdFdstatSetFlags |
  Rights.FdSync |
  Rights.FdDatasync |
  Rights.FdReaddir |
  Rights.FdFilestatGet |
  Rights.FdFilestatSetTimes |
  Rights.PathCreateDirectory |
  Rights.PathCreateFile |
  Rights.PathLinkSource |
  Rights.PathLinkTarget |
  Rights.PathOpen |
  Rights.PathReadlink |
  Rights.PathRenameSource |
  Rights.PathRenameTarget |
  Rights.PathFilestatGet |
  Rights.PathFilestatSetSize |
  Rights.PathFilestatSetTimes |
  Rights.PathSymlink |
  Rights.PathRemoveDirectory |
  Rights.PathUnlinkFile

/** Rights whose use changes the file system: what a read-only preopen lacks. */
export const changingRights: number =
  Rights.FdDatasync |
  Rights.FdWrite |
  Rights.FdAllocate |
  Rights.FdFilestatSetSize |
  Rights.FdFilestatSetTimes |
  Rights.PathCreateDirectory |
  Rights.PathCreateFile |
  Rights.PathLinkSource |
  Rights.PathLinkTarget |
  Rights.PathRenameSource |
  Rights.PathRenameTarget |
  Rights.PathFilestatSetSize |
  Rights.PathFilestatSetTimes |
  Rights.PathSymlink |
  Rights.PathRemoveDirectory |
  Rights.PathUnlinkFile

/** The known bits of a 64-bit rights word. */
export function rightsOf(word: bigint): number {
  return Number(word & BigInt(Rights.All))
}

/** Sizes in bytes of the structures that lie in guest memory in arrays. */
export const enum Size {
  Dirent = 24,
  Subscription = 48,
  Event = 32,
}

/** What `filestat` says of a file. Times are nanoseconds since 1970. */
export interface FileStat {
  readonly dev: bigint
  readonly ino: bigint
  readonly filetype: FileType
  readonly nlink: bigint
  readonly size: bigint
  readonly atim: bigint
  readonly mtim: bigint
  readonly ctim: bigint
}

/**
 * File type of a host file. Preview 1 has no word for a pipe. A socket is none either: what comes here are
 * descriptors that the embedder handed in, and the guest may not take them for sockets it can use.
 */
export function fileTypeOf(stats: Stats | BigIntStats): FileType {
  if (stats.isFile()) return FileType.RegularFile
  if (stats.isDirectory()) return FileType.Directory
  if (stats.isSymbolicLink()) return FileType.SymbolicLink
  if (stats.isCharacterDevice()) return FileType.CharacterDevice
  if (stats.isBlockDevice()) return FileType.BlockDevice
  return FileType.Unknown
}

/** `filestat` of what the host said. */
export function fileStatOf(stats: BigIntStats): FileStat {
  return {
    dev: stats.dev,
    ino: stats.ino,
    filetype: fileTypeOf(stats),
    nlink: stats.nlink,
    size: stats.size,
    atim: stats.atimeNs,
    mtim: stats.mtimeNs,
    ctim: stats.ctimeNs,
  }
}

/** Writes a `filestat` (64 bytes) at `at`. */
export function writeFileStat(memory: GuestMemory, at: number, stat: FileStat): void {
  memory.clear(at, 64)
  memory.setU64(at, stat.dev)
  memory.setU64(at + 8, stat.ino)
  memory.setU8(at + 16, stat.filetype)
  memory.setU64(at + 24, stat.nlink)
  memory.setU64(at + 32, stat.size)
  memory.setU64(at + 40, stat.atim)
  memory.setU64(at + 48, stat.mtim)
  memory.setU64(at + 56, stat.ctim)
}

/** Writes an `fdstat` (24 bytes) at `at`. */
export function writeFdStat(
  memory: GuestMemory,
  at: number,
  stat: {
    readonly filetype: FileType
    readonly flags: number
    readonly base: number
    readonly inheriting: number
  },
): void {
  memory.clear(at, 24)
  memory.setU8(at, stat.filetype)
  memory.setU16(at + 2, stat.flags)
  memory.setU64(at + 8, BigInt(stat.base))
  memory.setU64(at + 16, BigInt(stat.inheriting))
}

/** Writes the `prestat` (8 bytes) of a directory whose guest name has `nameLength` bytes. */
export function writePrestatDir(memory: GuestMemory, at: number, nameLength: number): void {
  memory.clear(at, 8)
  memory.setU32(at + 4, nameLength)
}

/** A `dirent` as bytes, its name behind it. `next` is the cookie of the entry that follows. */
export function encodeDirent(next: bigint, ino: bigint, type: FileType, name: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Size.Dirent + name.length)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, next, true)
  view.setBigUint64(8, ino, true)
  view.setUint32(16, name.length, true)
  view.setUint8(20, type)
  bytes.set(name, Size.Dirent)
  return bytes
}

/** One `subscription`, read field by field from guest memory. */
export class Subscription {
  constructor(
    private readonly memory: GuestMemory,
    private readonly at: number,
  ) {}

  get userdata(): bigint {
    return this.memory.u64(this.at)
  }

  get type(): number {
    return this.memory.u8(this.at + 8)
  }

  /** The descriptor, of the two kinds that have one. */
  get fd(): number {
    return this.memory.u32(this.at + 16)
  }

  /** The clock of a clock subscription. */
  get clock(): number {
    return this.memory.u32(this.at + 16)
  }

  /** Nanoseconds: a duration, or a time of the clock when `flags` has bit 0. */
  get timeout(): bigint {
    return this.memory.u64(this.at + 24)
  }

  get clockFlags(): number {
    return this.memory.u16(this.at + 40)
  }
}

/** What became of a subscription. */
export interface EventResult {
  readonly error: number
  /** Bytes that can be read or written at least. */
  readonly bytes: bigint
  readonly hangup: boolean
}

/** Writes an `event` (32 bytes) at `at`. */
export function writeEvent(
  memory: GuestMemory,
  at: number,
  userdata: bigint,
  type: number,
  result: EventResult,
): void {
  memory.clear(at, Size.Event)
  memory.setU64(at, userdata)
  memory.setU16(at + 8, result.error)
  memory.setU8(at + 10, type)
  memory.setU64(at + 16, result.bytes)
  memory.setU16(at + 24, result.hangup ? 1 : 0)
}
