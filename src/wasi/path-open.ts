// path_open: from a path, rights and flags to a new descriptor.

import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import {
  directoryRights,
  FdFlags,
  FileType,
  fileRights,
  fileTypeOf,
  OFlags,
  Rights,
  rightsOf,
} from './abi.js'
import { directoryOf, row, type WasiContext } from './context.js'
import type { Descriptor } from './descriptor.js'
import { DirectoryDescriptor } from './directory.js'
import { Errno, fail } from './errno.js'
import { FileDescriptor, hostFlags } from './file.js'
import { Follow, HostDirectory, type Place, withPlace } from './fs.js'
import { followOf, pathText } from './guest-path.js'

/** Rights that need a host descriptor open for writing. */
const writing = Rights.FdWrite | Rights.FdAllocate | Rights.FdFilestatSetSize

/** What the guest asked for, checked against what it may. */
interface Request {
  readonly oflags: number
  readonly fdflags: number
  readonly rights: number
  readonly inheriting: number
}

/** Rights on the directory that the way of opening needs. */
function neededRights(oflags: number): number {
  let rights: number = Rights.PathOpen
  if ((oflags & OFlags.Creat) !== 0) rights |= Rights.PathCreateFile
  if ((oflags & OFlags.Trunc) !== 0) rights |= Rights.PathFilestatSetSize
  return rights
}

/** Rights that the flags of the new descriptor need the directory to pass on. */
function neededInheriting(fdflags: number): number {
  if ((fdflags & (FdFlags.Rsync | FdFlags.Sync)) !== 0) return Rights.FdSync
  return (fdflags & FdFlags.Dsync) !== 0 ? Rights.FdDatasync : 0
}

/**
 * The rights of the new descriptor. Reading and writing must be allowed when asked for, since they decide how the
 * file is opened; of the others the guest gets what the directory passes on, as programs ask for all they can think of.
 */
function checkRequest(
  parent: DirectoryDescriptor,
  oflags: number,
  fdflags: number,
  base: bigint,
  inheriting: bigint,
): Request {
  if (oflags > OFlags.All || fdflags > FdFlags.All) fail(Errno.Inval)
  if ((oflags & OFlags.Creat) !== 0 && (oflags & OFlags.Directory) !== 0) fail(Errno.Inval)
  const asked = rightsOf(base)
  const mustPass = (asked & (Rights.FdRead | Rights.FdWrite)) | neededInheriting(fdflags)
  if ((mustPass & ~parent.inheriting) !== 0) fail(Errno.NotCapable)
  return {
    oflags,
    fdflags,
    rights: asked & parent.inheriting,
    inheriting: rightsOf(inheriting) & parent.inheriting,
  }
}

function accessOf({ rights, oflags }: Request): number {
  // A directory is never open for writing: only who insists gets the host's EISDIR.
  const write = (oflags & OFlags.Directory) !== 0 ? Rights.FdWrite : writing
  const writes = (rights & write) !== 0 || (oflags & OFlags.Trunc) !== 0
  const reads = (rights & (Rights.FdRead | Rights.FdReaddir)) !== 0
  if (!writes) return constants.O_RDONLY
  return reads ? constants.O_RDWR : constants.O_WRONLY
}

function openFlags({ oflags, fdflags }: Request, slash: boolean): number {
  let flags = hostFlags(fdflags) | constants.O_NOFOLLOW | constants.O_NOCTTY
  if ((oflags & OFlags.Creat) !== 0) flags |= constants.O_CREAT
  if ((oflags & OFlags.Excl) !== 0) flags |= constants.O_EXCL
  if ((oflags & OFlags.Trunc) !== 0) flags |= constants.O_TRUNC
  if ((oflags & OFlags.Directory) !== 0 || slash) flags |= constants.O_DIRECTORY
  return flags
}

function openPlace(context: WasiContext, place: Place, request: Request): Descriptor {
  // As open(2): a file is not made under a name that says directory.
  if (place.slash && (request.oflags & OFlags.Creat) !== 0) fail(Errno.IsDir)
  const access = accessOf(request)
  const path = place.directory.at(place.name)
  const fd = openSync(path, access | openFlags(request, place.slash), 0o666)
  try {
    return describe(context, fd, path, access, request)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function describe(
  context: WasiContext,
  fd: number,
  path: string,
  access: number,
  request: Request,
): Descriptor {
  const { rights, inheriting, fdflags } = request
  const type = fileTypeOf(fstatSync(fd))
  if (type === FileType.Directory) {
    const directory = HostDirectory.of(fd, path)
    return new DirectoryDescriptor(directory, rights & directoryRights, inheriting, fdflags, context.times)
  }
  return new FileDescriptor(fd, access, type, rights & fileRights, inheriting, fdflags, context.times)
}

/** The row of `path_open`. */
export const openRow = row(
  'path_open',
  ['i32', 'i32', 'i32', 'i32', 'i32', 'i64', 'i64', 'i32', 'i32'],
  (context, fd, lookup, at, length, oflags, base, inheriting, fdflags, result) => {
    const { memory, descriptors } = context
    const parent = directoryOf(context, fd, neededRights(oflags))
    memory.check(result, 4)
    descriptors.checkRoom()
    const path = pathText(context, at, length)
    const request = checkRequest(parent, oflags, fdflags, base, inheriting)
    // A link is something that exists: making a file exclusively never goes through it.
    const exclusive = (oflags & OFlags.Creat) !== 0 && (oflags & OFlags.Excl) !== 0
    const follow = exclusive ? Follow.BeforeSlash : followOf(lookup)
    const opened = withPlace(parent.directory, path, follow, place => openPlace(context, place, request))
    memory.setU32(result, descriptors.add(opened))
  },
)
