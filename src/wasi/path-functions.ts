// Rows of the table that work on paths. Each resolves its path with `withPlace` and then uses host calls that do not
// follow a final link. A slash at the end is never passed on to the host, which would follow a link before it.

import {
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { fileStatOf, Rights, writeFileStat } from './abi.js'
import { directoryOf, row, type WasiContext, type WasiRow } from './context.js'
import { Errno, fail, systemCode } from './errno.js'
import { newTimes } from './fd-functions.js'
import { Follow, type Place, withPlace } from './fs.js'
import { followOf, pathText } from './guest-path.js'
import { openRow } from './path-open.js'

/** Resolves the path at `at` below the directory `fd`, on which the rights are needed. */
function locate<T>(
  context: WasiContext,
  fd: number,
  rights: number,
  path: { readonly at: number; readonly length: number },
  follow: Follow,
  use: (place: Place) => T,
): T {
  const base = directoryOf(context, fd, rights).directory
  return withPlace(base, pathText(context, path.at, path.length), follow, use)
}

function hostPath(place: Place): string {
  return place.directory.at(place.name)
}

/** What is there, a link itself; undefined when there is nothing. */
function present(place: Place): { isDirectory: () => boolean } | undefined {
  try {
    return lstatSync(hostPath(place))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Fails when the path ended in a slash and something else than a directory is there. */
function checkSlash(place: Place): void {
  if (place.slash && present(place)?.isDirectory() === false) fail(Errno.NotDir)
}

/** For what is about to be made and will be no directory: a slash at the end makes that impossible. */
function checkNewFile(place: Place): void {
  if (place.slash) fail(present(place) === undefined ? Errno.NoEnt : Errno.Exist)
}

/** For the source and the target of a rename: with a slash, both have to be directories. */
function checkRename(from: Place, to: Place): void {
  checkSlash(from)
  checkSlash(to)
  if (to.slash && present(from)?.isDirectory() === false) fail(Errno.NotDir)
}

const makingRows: readonly WasiRow[] = [
  row('path_create_directory', ['i32', 'i32', 'i32'], (context, fd, at, length) => {
    locate(context, fd, Rights.PathCreateDirectory, { at, length }, Follow.Never, place => {
      mkdirSync(hostPath(place))
    })
  }),
  row('path_symlink', ['i32', 'i32', 'i32', 'i32', 'i32'], (context, textAt, textLength, fd, at, length) => {
    const text = pathText(context, textAt, textLength)
    locate(context, fd, Rights.PathSymlink, { at, length }, Follow.Never, place => {
      if (text === '') fail(Errno.NoEnt)
      if (text.includes('\0')) fail(Errno.Inval)
      // Nothing here would ever follow it, but other programs on the host might.
      if (text.startsWith('/')) fail(Errno.NotCapable)
      checkNewFile(place)
      symlinkSync(text, hostPath(place))
    })
  }),
  row(
    'path_link',
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    (context, fromFd, lookup, fromAt, fromLength, toFd, toAt, toLength) => {
      const follow = followOf(lookup)
      const source = { at: fromAt, length: fromLength }
      locate(context, fromFd, Rights.PathLinkSource, source, follow, from => {
        locate(context, toFd, Rights.PathLinkTarget, { at: toAt, length: toLength }, Follow.Never, to => {
          checkSlash(from)
          checkNewFile(to)
          linkSync(hostPath(from), hostPath(to))
        })
      })
    },
  ),
]

const removingRows: readonly WasiRow[] = [
  row('path_remove_directory', ['i32', 'i32', 'i32'], (context, fd, at, length) => {
    locate(context, fd, Rights.PathRemoveDirectory, { at, length }, Follow.Never, place => {
      rmdirSync(hostPath(place))
    })
  }),
  row('path_unlink_file', ['i32', 'i32', 'i32'], (context, fd, at, length) => {
    locate(context, fd, Rights.PathUnlinkFile, { at, length }, Follow.Never, place => {
      checkSlash(place)
      unlinkSync(hostPath(place))
    })
  }),
  row(
    'path_rename',
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    (context, fromFd, fromAt, fromLength, toFd, toAt, toLength) => {
      const source = { at: fromAt, length: fromLength }
      locate(context, fromFd, Rights.PathRenameSource, source, Follow.Never, from => {
        locate(context, toFd, Rights.PathRenameTarget, { at: toAt, length: toLength }, Follow.Never, to => {
          checkRename(from, to)
          renameSync(hostPath(from), hostPath(to))
        })
      })
    },
  ),
]

const readingRows: readonly WasiRow[] = [
  row(
    'path_readlink',
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    (context, fd, at, length, buffer, room, result) => {
      const { memory } = context
      locate(context, fd, Rights.PathReadlink, { at, length }, Follow.BeforeSlash, place => {
        memory.check(result, 4)
        memory.check(buffer, room)
        const text = readlinkSync(hostPath(place), { encoding: 'buffer' })
        const part = text.subarray(0, room)
        memory.write(buffer, part)
        memory.setU32(result, part.length)
      })
    },
  ),
  row('path_filestat_get', ['i32', 'i32', 'i32', 'i32', 'i32'], (context, fd, lookup, at, length, result) => {
    locate(context, fd, Rights.PathFilestatGet, { at, length }, followOf(lookup), place => {
      const stats = lstatSync(hostPath(place), { bigint: true })
      if (place.slash && !stats.isDirectory()) fail(Errno.NotDir)
      writeFileStat(context.memory, result, fileStatOf(stats))
    })
  }),
  row(
    'path_filestat_set_times',
    ['i32', 'i32', 'i32', 'i32', 'i64', 'i64', 'i32'],
    (context, fd, lookup, at, length, atim, mtim, flags) => {
      locate(context, fd, Rights.PathFilestatSetTimes, { at, length }, followOf(lookup), place => {
        const times = newTimes(context, atim, mtim, flags)
        checkSlash(place)
        context.times.setOfPath(hostPath(place), times)
      })
    },
  ),
]

/** Everything that starts with `path_`. */
export const pathRows: readonly WasiRow[] = [openRow, ...makingRows, ...removingRows, ...readingRows]
