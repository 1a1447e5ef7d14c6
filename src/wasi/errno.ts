// The error numbers of WASI preview 1, their names, and the way from an error of Node's to one of them.

import { GantryError } from '../base/errors.js'

/** Error numbers, as in the interface's `errno` type; 0 is success. */
export const enum Errno {
  Success,
  TooBig,
  Acces,
  AddrInUse,
  AddrNotAvail,
  AfNoSupport,
  Again,
  Already,
  Badf,
  BadMsg,
  Busy,
  Canceled,
  Child,
  ConnAborted,
  ConnRefused,
  ConnReset,
  DeadLk,
  DestAddrReq,
  Dom,
  Dquot,
  Exist,
  Fault,
  Fbig,
  HostUnreach,
  Idrm,
  Ilseq,
  InProgress,
  Intr,
  Inval,
  Io,
  IsConn,
  IsDir,
  Loop,
  Mfile,
  Mlink,
  MsgSize,
  Multihop,
  NameTooLong,
  NetDown,
  NetReset,
  NetUnreach,
  Nfile,
  NoBufs,
  NoDev,
  NoEnt,
  NoExec,
  NoLck,
  NoLink,
  NoMem,
  NoMsg,
  NoProtoOpt,
  NoSpc,
  NoSys,
  NotConn,
  NotDir,
  NotEmpty,
  NotRecoverable,
  NotSock,
  NotSup,
  NotTty,
  Nxio,
  Overflow,
  OwnerDead,
  Perm,
  Pipe,
  Proto,
  ProtoNoSupport,
  ProtoType,
  Range,
  Rofs,
  Spipe,
  Srch,
  Stale,
  TimedOut,
  TxtBsy,
  Xdev,
  NotCapable,
}

/** POSIX name of each error number, indexed by it. Node's `code` of a system error is the same word. */
export const errnoNames: readonly string[] = (
  'SUCCESS E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF EBADMSG EBUSY ECANCELED ' +
  'ECHILD ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDESTADDRREQ EDOM EDQUOT EEXIST EFAULT EFBIG ' +
  'EHOSTUNREACH EIDRM EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR ELOOP EMFILE EMLINK EMSGSIZE ' +
  'EMULTIHOP ENAMETOOLONG ENETDOWN ENETRESET ENETUNREACH ENFILE ENOBUFS ENODEV ENOENT ENOEXEC ENOLCK ENOLINK ' +
  'ENOMEM ENOMSG ENOPROTOOPT ENOSPC ENOSYS ENOTCONN ENOTDIR ENOTEMPTY ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY ' +
  'ENXIO EOVERFLOW EOWNERDEAD EPERM EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EROFS ESPIPE ESRCH ESTALE ' +
  'ETIMEDOUT ETXTBSY EXDEV ENOTCAPABLE'
).split(' ')

/** Codes of Node's that are not the name of an error number. */
const otherCodes: Readonly<Record<string, Errno>> = {
  EOPNOTSUPP: Errno.NotSup,
  EWOULDBLOCK: Errno.Again,
  EDEADLOCK: Errno.DeadLk,
  ECHARSET: Errno.Ilseq,
  ERR_ACCESS_DENIED: Errno.Acces,
}

const byCode: ReadonlyMap<string, Errno> = new Map([
  ...errnoNames.map((name, number): [string, Errno] => [name, number]),
  ...Object.entries(otherCodes),
])

/** How a function of this room says that it failed; the table turns it into the number the guest gets. */
export class WasiError extends GantryError {
  override readonly name = 'WasiError'
  constructor(readonly errno: Errno) {
    super(errnoNames[errno] ?? `errno ${errno}`)
  }
}

/** Fails the running WASI function with `errno`. */
export function fail(errno: Errno): never {
  throw new WasiError(errno)
}

/**
 * The error number for something thrown while a WASI function ran; undefined when it is not an answer to the guest
 * (an exit, a fault of ours, an exception of the embedder's callback) and has to travel on.
 */
export function errnoOf(thrown: unknown): Errno | undefined {
  if (thrown instanceof WasiError) return thrown.errno
  const code = systemCode(thrown)
  if (code === undefined) return undefined
  return byCode.get(code) ?? Errno.Io
}

/** `code` of an error that a system call of Node's reported; undefined for every other value. */
export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined
  const fromSystem = 'syscall' in thrown || thrown.code === 'ERR_ACCESS_DENIED'
  return fromSystem ? thrown.code : undefined
}
