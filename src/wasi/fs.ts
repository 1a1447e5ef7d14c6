// From a guest's path to a place on the host that surely lies below the directory it was opened against.
//
// Idea: the kernel never sees more than one component of a guest's path. A path is walked with a stack of open
// directories: a name opens the next directory relative to the top (never following a link), `..` pops the stack and
// fails when nothing of ours is left to pop, a symbolic link is read and its text put in front of what remains, and an
// absolute path or link fails. What comes out is an open directory and one name in it that is neither `..` nor
// contains a slash; every operation on that pair uses host calls that do not follow a final link.
//
// Why it cannot be raced: whoever renames or replaces directories meanwhile changes which directory a name leads to,
// but every directory of the stack was reached from its predecessor by one name, downwards, and `..` is never asked
// of the kernel. Node has no openat; on Linux `/proc/self/fd/N/name` is the same thing: the kernel starts at the open
// directory N itself, wherever it has been moved to. Elsewhere (and without /proc) the directory's path stands in for
// N: links are resolved by the same walk there, but a hostile process of the same host could win a race.

import { closeSync, constants, existsSync, openSync, readlinkSync } from 'node:fs'
import { Errno, fail, systemCode } from './errno.js'

/** Longest path that is looked at, in bytes; the limit of Linux. */
export const maxPath = 4096

/** Links that one path may lead through, as in Linux. */
const maxLinks = 40

/** Open for the sake of the name only: needs no permission to read the directory. Linux, all of Node's targets. */
const O_PATH = 0x200000

const procFd = '/proc/self/fd'
const hasProcFd = process.platform === 'linux' && existsSync(procFd)

/** Flags common to all opens of directories: never through a link, fail on anything else. */
const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** A path of the host that leads to the open descriptor itself; undefined where the system has none. */
export function pathOfDescriptor(fd: number): string | undefined {
  return hasProcFd ? `${procFd}/${fd}` : undefined
}

/** An open host directory, against which names are looked up. Owns its descriptor. */
export class HostDirectory {
  private constructor(
    readonly fd: number,
    private readonly prefix: string,
  ) {}

  /** Takes over `fd`, open on a directory that is reached by `path` where descriptors have no paths. */
  static of(fd: number, path: string): HostDirectory {
    return new HostDirectory(fd, `${pathOfDescriptor(fd) ?? path}/`)
  }

  /** Opens a directory of the embedder's choice, following links; throws Node's error. */
  static openHost(path: string): HostDirectory {
    return HostDirectory.of(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY), path)
  }

  /** The host path of the entry `name`, one component. */
  at(name: string): string {
    return this.prefix + name
  }

  /** Opens the directory `name` for further walking. Fails with ENOTDIR when it is a link. */
  child(name: string): HostDirectory {
    const path = this.at(name)
    return HostDirectory.of(openSync(path, hasProcFd ? directoryFlags | O_PATH : directoryFlags), path)
  }

  /** The text of the link `name`; undefined when there is something else or nothing. */
  link(name: string): string | undefined {
    try {
      return readlinkSync(this.at(name))
    } catch (error) {
      const code = systemCode(error)
      // EINVAL: not a link. UNKNOWN is what Windows says to that.
      if (code === 'EINVAL' || code === 'ENOENT' || code === 'UNKNOWN') return undefined
      throw error
    }
  }

  close(): void {
    closeSync(this.fd)
  }
}

/** When a link that is the last component is expanded. */
export const enum Follow {
  Never,
  /** Only where a slash follows it, as `open` and `stat` do even without being asked to follow. */
  BeforeSlash,
  Always,
}

/** A directory and a name in it: what a guest's path has come down to. */
export interface Place {
  /** Borrowed: closed when `withPlace` returns, unless it is the base. */
  readonly directory: HostDirectory
  /** One component; `.` when the path leads to the directory itself. */
  readonly name: string
  /** The path ended in a slash: only a directory will do. */
  readonly slash: boolean
}

/**
 * Resolves `path` below `base` and calls `use` with the place, then closes what was opened on the way.
 * Fails with ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EINVAL (a zero byte), ENOTCAPABLE (the path leads out).
 */
export function withPlace<T>(base: HostDirectory, path: string, follow: Follow, use: (place: Place) => T): T {
  const walk = new Walk(base, path, follow)
  try {
    return use(walk.run())
  } finally {
    walk.close()
  }
}

class Walk {
  /** Directories below the base that are open now; `..` goes back along them. */
  private readonly opened: HostDirectory[] = []
  /** Components still to be walked, the next one last. */
  private readonly pending: string[] = []
  private links = 0
  private slash = false

  constructor(
    private readonly base: HostDirectory,
    path: string,
    private readonly follow: Follow,
  ) {
    if (path === '') fail(Errno.NoEnt)
    if (Buffer.byteLength(path) > maxPath) fail(Errno.NameTooLong)
    this.push(path)
  }

  run(): Place {
    for (;;) {
      const name = this.pending.pop()
      if (name === undefined) return this.place('.')
      const place = this.step(name)
      if (place !== undefined) return place
    }
  }

  close(): void {
    for (const directory of this.opened) directory.close()
  }

  private get top(): HostDirectory {
    return this.opened.at(-1) ?? this.base
  }

  private place(name: string): Place {
    return { directory: this.top, name, slash: this.slash }
  }

  /** Walks one component; a place when the walk has ended. */
  private step(name: string): Place | undefined {
    if (name === '.') return undefined
    if (name === '..') {
      const left = this.opened.pop() ?? fail(Errno.NotCapable)
      left.close()
      return undefined
    }
    return this.pending.length > 0 ? this.descend(name) : this.finish(name)
  }

  private descend(name: string): undefined {
    try {
      this.opened.push(this.top.child(name))
    } catch (error) {
      const link = isNotDirectory(error) ? this.top.link(name) : undefined
      if (link === undefined) throw error
      this.expand(link)
    }
  }

  private finish(name: string): Place | undefined {
    const follows = this.follow === Follow.Always || (this.follow === Follow.BeforeSlash && this.slash)
    const link = follows ? this.top.link(name) : undefined
    if (link === undefined) return this.place(name)
    this.expand(link)
    return undefined
  }

  private expand(link: string): void {
    if (++this.links > maxLinks) fail(Errno.Loop)
    this.push(link)
  }

  /** Puts the components of a path in front of what remains. */
  private push(path: string): void {
    if (path.includes('\0')) fail(Errno.Inval)
    if (path.startsWith('/')) fail(Errno.NotCapable)
    if (process.platform === 'win32' && /[\\:]/.test(path)) fail(Errno.NotCapable)
    if (this.pending.length === 0 && /\/$/.test(path)) this.slash = true
    const names = path.split('/')
    for (let i = names.length - 1; i >= 0; i--) {
      const name = names[i]
      if (name !== '' && name !== undefined) this.pending.push(name)
    }
  }
}

/** What opening a link as a directory says: Linux ENOTDIR, others ELOOP. */
function isNotDirectory(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOTDIR' || code === 'ELOOP' || code === 'EMLINK'
}
