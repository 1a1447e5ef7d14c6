// Rows of the table that concern the program itself: arguments, environment, clocks, randomness, ending, yielding.

import { row, type WasiRow } from './context.js'
import { Errno, fail } from './errno.js'
import { WasiExit } from './exit.js'
import type { GuestMemory } from './memory.js'

/** Random bytes are made in pieces of at most this many. */
const randomPiece = 65536

const enum OnSignal {
  Ignore,
  End,
  Stop,
}

/** Signals in the order of their numbers, and what one does to a program that has no handler. */
const signals: readonly (readonly [string, OnSignal])[] = [
  ['none', OnSignal.Ignore],
  ['SIGHUP', OnSignal.End],
  ['SIGINT', OnSignal.End],
  ['SIGQUIT', OnSignal.End],
  ['SIGILL', OnSignal.End],
  ['SIGTRAP', OnSignal.End],
  ['SIGABRT', OnSignal.End],
  ['SIGBUS', OnSignal.End],
  ['SIGFPE', OnSignal.End],
  ['SIGKILL', OnSignal.End],
  ['SIGUSR1', OnSignal.End],
  ['SIGSEGV', OnSignal.End],
  ['SIGUSR2', OnSignal.End],
  ['SIGPIPE', OnSignal.Ignore],
  ['SIGALRM', OnSignal.End],
  ['SIGTERM', OnSignal.End],
  ['SIGCHLD', OnSignal.Ignore],
  ['SIGCONT', OnSignal.Ignore],
  ['SIGSTOP', OnSignal.Stop],
  ['SIGTSTP', OnSignal.Stop],
  ['SIGTTIN', OnSignal.Stop],
  ['SIGTTOU', OnSignal.Stop],
  ['SIGURG', OnSignal.Ignore],
  ['SIGXCPU', OnSignal.End],
  ['SIGXFSZ', OnSignal.End],
  ['SIGVTALRM', OnSignal.End],
  ['SIGPROF', OnSignal.End],
  ['SIGWINCH', OnSignal.Ignore],
  ['SIGPOLL', OnSignal.End],
  ['SIGPWR', OnSignal.End],
  ['SIGSYS', OnSignal.End],
]

/** Writes the strings one after the other, and their addresses. */
function writeStrings(
  memory: GuestMemory,
  strings: readonly Uint8Array[],
  pointers: number,
  buffer: number,
): void {
  let at = buffer
  strings.forEach((string, i) => {
    memory.setU32(pointers + 4 * i, at)
    memory.write(at, string)
    at += string.length
  })
}

function writeSizes(
  memory: GuestMemory,
  strings: readonly Uint8Array[],
  countAt: number,
  bytesAt: number,
): void {
  memory.setU32(countAt, strings.length)
  memory.setU32(
    bytesAt,
    strings.reduce((sum, string) => sum + string.length, 0),
  )
}

function raise(number: number): void {
  const [name, effect] = signals[number] ?? fail(Errno.Inval)
  if (effect === OnSignal.Stop) fail(Errno.NotSup)
  if (effect === OnSignal.End) throw new WasiExit(128 + number, name)
}

/** Arguments, environment, clocks, randomness, ending, yielding. */
export const processRows: readonly WasiRow[] = [
  row('args_get', ['i32', 'i32'], ({ memory, args }, pointers, buffer) => {
    writeStrings(memory, args, pointers, buffer)
  }),
  row('args_sizes_get', ['i32', 'i32'], ({ memory, args }, countAt, bytesAt) => {
    writeSizes(memory, args, countAt, bytesAt)
  }),
  row('environ_get', ['i32', 'i32'], ({ memory, env }, pointers, buffer) => {
    writeStrings(memory, env, pointers, buffer)
  }),
  row('environ_sizes_get', ['i32', 'i32'], ({ memory, env }, countAt, bytesAt) => {
    writeSizes(memory, env, countAt, bytesAt)
  }),
  row('clock_res_get', ['i32', 'i32'], ({ memory, clocks }, id, result) => {
    memory.setU64(result, clocks.resolution(id))
  }),
  row('clock_time_get', ['i32', 'i64', 'i32'], ({ memory, clocks }, id, _precision, result) => {
    memory.setU64(result, clocks.now(id))
  }),
  row('random_get', ['i32', 'i32'], ({ memory, random }, at, length) => {
    memory.check(at, length)
    for (let done = 0; done < length; done += randomPiece) {
      random(memory.bytes(at + done, Math.min(randomPiece, length - done)))
    }
  }),
  row('sched_yield', [], () => {}),
  row('proc_raise', ['i32'], (_context, signal) => raise(signal)),
  row(
    'proc_exit',
    ['i32'],
    (_context, code) => {
      throw new WasiExit(code)
    },
    [],
  ),
]
