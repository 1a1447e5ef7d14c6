// Rows of the table that work on an open descriptor.

import {
  adviceCount,
  FdFlags,
  FstFlags,
  Rights,
  rightsOf,
  Whence,
  writeFdStat,
  writeFileStat,
  writePrestatDir,
} from './abi.js'
import { directoryOf, row, type WasiContext, type WasiRow } from './context.js'
import type { Descriptor, NewTimes } from './descriptor.js'
import { DirectoryDescriptor } from './directory.js'
import { Errno, fail } from './errno.js'
import { FileDescriptor } from './file.js'

function open(context: WasiContext, fd: number, rights: number): Descriptor {
  const descriptor = context.descriptors.get(fd)
  descriptor.need(rights)
  return descriptor
}

/** What a `fstflags` word asks for; the present time is read once. EINVAL when it asks for two things at once. */
export function newTimes(context: WasiContext, atim: bigint, mtim: bigint, flags: number): NewTimes {
  const both = (pair: number): boolean => (flags & pair) === pair
  if (
    flags > FstFlags.All ||
    both(FstFlags.Atim | FstFlags.AtimNow) ||
    both(FstFlags.Mtim | FstFlags.MtimNow)
  ) {
    fail(Errno.Inval)
  }
  const now = context.clocks.now(0)
  const choose = (set: number, setNow: number, time: bigint): bigint | undefined => {
    if ((flags & set) !== 0) return time
    return (flags & setNow) !== 0 ? now : undefined
  }
  return {
    atim: choose(FstFlags.Atim, FstFlags.AtimNow, atim),
    mtim: choose(FstFlags.Mtim, FstFlags.MtimNow, mtim),
  }
}

/** The guest's name of a preopened directory; EBADF for all else, which ends the guest's search for preopens. */
function preopenName(context: WasiContext, fd: number): Uint8Array {
  const descriptor = context.descriptors.get(fd)
  const name = descriptor instanceof DirectoryDescriptor ? descriptor.preopenName : undefined
  return name ?? fail(Errno.Badf)
}

/** Rights can be given up, never regained. */
function setRights(descriptor: Descriptor, base: bigint, inheriting: bigint): void {
  const isPart = (word: bigint, of: number): boolean => (word & ~BigInt(of)) === 0n
  if (!isPart(base, descriptor.rights) || !isPart(inheriting, descriptor.inheriting)) fail(Errno.NotCapable)
  descriptor.rights = rightsOf(base)
  descriptor.inheriting = rightsOf(inheriting)
}

const transferRows: readonly WasiRow[] = [
  row('fd_read', ['i32', 'i32', 'i32', 'i32'], (context, fd, iovecs, count, result) => {
    const file = open(context, fd, Rights.FdRead)
    context.memory.check(result, 4)
    context.memory.setU32(result, file.read(context.memory.buffers(iovecs, count)))
  }),
  row('fd_pread', ['i32', 'i32', 'i32', 'i64', 'i32'], (context, fd, iovecs, count, position, result) => {
    const file = open(context, fd, Rights.FdRead | Rights.FdSeek)
    context.memory.check(result, 4)
    context.memory.setU32(result, file.readAt(context.memory.buffers(iovecs, count), position))
  }),
  row('fd_write', ['i32', 'i32', 'i32', 'i32'], (context, fd, iovecs, count, result) => {
    const file = open(context, fd, Rights.FdWrite)
    context.memory.check(result, 4)
    context.memory.setU32(result, file.write(context.memory.buffers(iovecs, count)))
  }),
  row('fd_pwrite', ['i32', 'i32', 'i32', 'i64', 'i32'], (context, fd, iovecs, count, position, result) => {
    const file = open(context, fd, Rights.FdWrite | Rights.FdSeek)
    context.memory.check(result, 4)
    context.memory.setU32(result, file.writeAt(context.memory.buffers(iovecs, count), position))
  }),
  row('fd_readdir', ['i32', 'i32', 'i32', 'i64', 'i32'], (context, fd, buffer, length, cookie, result) => {
    const directory = directoryOf(context, fd, Rights.FdReaddir)
    context.memory.check(result, 4)
    context.memory.setU32(result, directory.list(cookie, context.memory.bytes(buffer, length)))
  }),
]

const positionRows: readonly WasiRow[] = [
  row('fd_seek', ['i32', 'i64', 'i32', 'i32'], (context, fd, offset, whence, result) => {
    const signed = BigInt.asIntN(64, offset)
    const asks = whence === Whence.Cur && signed === 0n ? Rights.FdTell : Rights.FdSeek
    const descriptor = context.descriptors.get(fd)
    // The right to seek includes the right to ask for the position.
    if ((descriptor.rights & Rights.FdSeek) === 0) descriptor.need(asks)
    if (whence > Whence.End) fail(Errno.Inval)
    context.memory.check(result, 8)
    context.memory.setU64(result, descriptor.seek(signed, whence))
  }),
  row('fd_tell', ['i32', 'i32'], (context, fd, result) => {
    const descriptor = context.descriptors.get(fd)
    if ((descriptor.rights & Rights.FdSeek) === 0) descriptor.need(Rights.FdTell)
    context.memory.setU64(result, descriptor.seek(0n, Whence.Cur))
  }),
  row('fd_advise', ['i32', 'i64', 'i64', 'i32'], (context, fd, _offset, _length, advice) => {
    const descriptor = open(context, fd, Rights.FdAdvise)
    // Advice may be ignored, and Node has no way to pass it on.
    if (!(descriptor instanceof FileDescriptor)) fail(Errno.Spipe)
    if (advice >= adviceCount) fail(Errno.Inval)
  }),
  row('fd_allocate', ['i32', 'i64', 'i64'], (context, fd, offset, length) => {
    open(context, fd, Rights.FdAllocate).allocate(offset, length)
  }),
  row('fd_sync', ['i32'], (context, fd) => open(context, fd, Rights.FdSync).sync(false)),
  row('fd_datasync', ['i32'], (context, fd) => open(context, fd, Rights.FdDatasync).sync(true)),
]

const statusRows: readonly WasiRow[] = [
  row('fd_fdstat_get', ['i32', 'i32'], ({ descriptors, memory }, fd, result) => {
    const { filetype, flags, rights, inheriting } = descriptors.get(fd)
    writeFdStat(memory, result, { filetype, flags, base: rights, inheriting })
  }),
  row('fd_fdstat_set_flags', ['i32', 'i32'], (context, fd, flags) => {
    const descriptor = open(context, fd, Rights.FdFdstatSetFlags)
    if (flags > FdFlags.All) fail(Errno.Inval)
    descriptor.setFlags(flags)
  }),
  row('fd_fdstat_set_rights', ['i32', 'i64', 'i64'], ({ descriptors }, fd, base, inheriting) => {
    setRights(descriptors.get(fd), base, inheriting)
  }),
  row('fd_filestat_get', ['i32', 'i32'], (context, fd, result) => {
    writeFileStat(context.memory, result, open(context, fd, Rights.FdFilestatGet).stat())
  }),
  row('fd_filestat_set_size', ['i32', 'i64'], (context, fd, size) => {
    open(context, fd, Rights.FdFilestatSetSize).setSize(size)
  }),
  row('fd_filestat_set_times', ['i32', 'i64', 'i64', 'i32'], (context, fd, atim, mtim, flags) => {
    const descriptor = open(context, fd, Rights.FdFilestatSetTimes)
    descriptor.setTimes(newTimes(context, atim, mtim, flags))
  }),
  row('fd_prestat_get', ['i32', 'i32'], (context, fd, result) => {
    writePrestatDir(context.memory, result, preopenName(context, fd).length)
  }),
  row('fd_prestat_dir_name', ['i32', 'i32', 'i32'], (context, fd, buffer, length) => {
    const name = preopenName(context, fd)
    if (length < name.length) fail(Errno.NameTooLong)
    context.memory.write(buffer, name)
  }),
]

const numberRows: readonly WasiRow[] = [
  row('fd_close', ['i32'], ({ descriptors }, fd) => descriptors.close(fd)),
  row('fd_renumber', ['i32', 'i32'], ({ descriptors }, from, to) => descriptors.renumber(from, to)),
]

/** No descriptor is ever a socket, so these have their whole answer: EBADF, or ENOTSOCK. */
function notSocket({ descriptors }: WasiContext, fd: number): void {
  descriptors.get(fd)
  fail(Errno.NotSock)
}

const socketRows: readonly WasiRow[] = [
  row('sock_accept', ['i32', 'i32', 'i32'], notSocket),
  row('sock_recv', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], notSocket),
  row('sock_send', ['i32', 'i32', 'i32', 'i32', 'i32'], notSocket),
  row('sock_shutdown', ['i32', 'i32'], notSocket),
]

/** Everything that starts with `fd_` and `sock_`. */
export const descriptorRows: readonly WasiRow[] = [
  ...transferRows,
  ...positionRows,
  ...statusRows,
  ...numberRows,
  ...socketRows,
]
