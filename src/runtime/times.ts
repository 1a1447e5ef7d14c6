// Times of files to the nanosecond: utimensat(2), which Node has only with seconds in a double.

import { lstatSync, lutimesSync, statSync, utimesSync } from 'node:fs'
import { scratchBytes } from '../shim/layout.js'
import { native } from './native.js'

/** Relative paths are relative to the working directory. */
const atFdcwd = -100
const atSymlinkNofollow = 0x100
/** tv_nsec of a time that stays as it is. */
const utimeOmit = 0x3ffffffen

const timespecBytes = 16
const billion = 1_000_000_000n

function writeTime(view: DataView, at: number, time: bigint | null): void {
  const nanoseconds = time === null ? utimeOmit : ((time % billion) + billion) % billion
  view.setBigInt64(at, time === null ? 0n : (time - nanoseconds) / billion, true)
  view.setBigInt64(at + 8, nanoseconds, true)
}

function setExactly(path: Uint8Array, follow: boolean, atim: bigint | null, mtim: bigint | null): boolean {
  const times = new Uint8Array(2 * timespecBytes)
  if (times.length + path.length > scratchBytes) return false
  const view = new DataView(times.buffer)
  writeTime(view, 0, atim)
  writeTime(view, timespecBytes, mtim)
  const n = native()
  const timesAddress = n.scratch(times)
  const pathAddress = n.scratch(path, times.length)
  // The result is a C int: its upper half means nothing.
  const result = n.call('utimensat', atFdcwd, pathAddress, timesAddress, follow ? 0 : atSymlinkNofollow)
  return result % 2 ** 32 === 0
}

/**
 * Sets the times of the file at `path`, in nanoseconds since 1970; null for the one that stays. With `follow` false a
 * link that is the last component is meant itself. Throws an error with `code`, as Node's functions do.
 */
export function setTimes(path: string, follow: boolean, atim: bigint | null, mtim: bigint | null): void {
  if (setExactly(new TextEncoder().encode(`${path}\0`), follow, atim, mtim)) return
  // Node's own functions fail for the same reason and say which one it is.
  const present = (follow ? statSync : lstatSync)(path, { bigint: true })
  const seconds = (time: bigint): number => Number(time) / 1e9
  const set = follow ? utimesSync : lutimesSync
  set(path, seconds(atim ?? present.atimeNs), seconds(mtim ?? present.mtimeNs))
}
