// Setting the time stamps of files, to the nanosecond where the surroundings can.
//
// Node passes times as floating-point seconds, which today are 2^-22 s (about a quarter of a microsecond) apart, and
// cannot leave one of the two alone. So the embedder may give a function that is utimensat(2); without it times are as
// near as Node gets them, and the time that was not to change is set to what it was, as near as that.

import { fstatSync, futimesSync, lstatSync, lutimesSync } from 'node:fs'
import type { NewTimes } from './descriptor.js'
import { Errno, fail } from './errno.js'
import { pathOfDescriptor } from './fs.js'

/**
 * utimensat(2) of AT_FDCWD: sets times of the file at `path`, in nanoseconds since 1970, null for the one that stays.
 * With `follow` false a link that is the last component is meant itself. Throws an error as Node's functions do.
 */
export type SetTimesFunction = (
  path: string,
  follow: boolean,
  atim: bigint | null,
  mtim: bigint | null,
) => void

/** @internal Sets times through the embedder's function or Node's. */
export class HostTimes {
  constructor(private readonly exact: SetTimesFunction | undefined) {}

  setOfDescriptor(fd: number, times: NewTimes): void {
    const path = pathOfDescriptor(fd)
    if (this.exact !== undefined && path !== undefined) {
      this.exact(path, true, checked(times.atim), checked(times.mtim))
      return
    }
    const present = fstatSync(fd, { bigint: true })
    futimesSync(fd, seconds(times.atim ?? present.atimeNs), seconds(times.mtim ?? present.mtimeNs))
  }

  /** A link at `path` is meant itself. */
  setOfPath(path: string, times: NewTimes): void {
    if (this.exact !== undefined) {
      this.exact(path, false, checked(times.atim), checked(times.mtim))
      return
    }
    const present = lstatSync(path, { bigint: true })
    lutimesSync(path, seconds(times.atim ?? present.atimeNs), seconds(times.mtim ?? present.mtimeNs))
  }
}

/** Times of the host are signed. */
function checked(time: bigint | undefined): bigint | null {
  if (time === undefined) return null
  if (time >= 2n ** 63n) fail(Errno.Inval)
  return time
}

function seconds(nanoseconds: bigint): number {
  if (nanoseconds >= 2n ** 63n) fail(Errno.Inval)
  return Number(nanoseconds / 1_000_000_000n) + Number(nanoseconds % 1_000_000_000n) / 1e9
}
