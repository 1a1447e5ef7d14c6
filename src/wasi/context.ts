// What every WASI function gets to work on, and the form of a row of the function table.

import type { Clocks } from './clocks.js'
import type { DescriptorTable } from './descriptor.js'
import { DirectoryDescriptor } from './directory.js'
import { Errno, fail } from './errno.js'
import type { GuestMemory } from './memory.js'
import type { HostTimes } from './times.js'

/** @internal One guest's world. */
export interface WasiContext {
  readonly memory: GuestMemory
  /** Arguments and `NAME=value` strings as UTF-8 with their terminating zero bytes. */
  readonly args: readonly Uint8Array[]
  readonly env: readonly Uint8Array[]
  readonly descriptors: DescriptorTable
  readonly clocks: Clocks
  readonly times: HostTimes
  /** Fills the array with random bytes. */
  readonly random: (into: Uint8Array) => void
}

/** The value types that occur in the interface. */
export type WasiType = 'i32' | 'i64'

/** @internal Unsigned arguments as an implementation gets them. */
export type WasiArguments<P extends readonly WasiType[]> = {
  -readonly [K in keyof P]: P[K] extends 'i64' ? bigint : number
}

/** @internal One function of the interface. */
export interface WasiRow {
  readonly name: string
  readonly params: readonly WasiType[]
  /** An error number, except for `proc_exit`, which does not return. */
  readonly results: readonly 'i32'[]
  readonly run: (context: WasiContext, args: readonly (number | bigint)[]) => void
}

/** @internal A row whose implementation takes exactly the types of its signature. */
export function row<const P extends readonly WasiType[]>(
  name: string,
  params: P,
  run: (context: WasiContext, ...args: WasiArguments<P>) => void,
  results: readonly 'i32'[] = ['i32'],
): WasiRow {
  const wide = params.map(type => type === 'i64')
  return {
    name,
    params,
    results,
    run: (context, args) => {
      const unsigned = wide.map((is64, i) => (is64 ? asU64(args[i] ?? 0) : Number(args[i] ?? 0) >>> 0))
      run(context, ...(unsigned as WasiArguments<P>))
    },
  }
}

function asU64(value: number | bigint): bigint {
  return BigInt.asUintN(64, BigInt(value))
}

/** @internal The directory that `fd` is; EBADF, ENOTDIR, or an error for the missing rights. */
export function directoryOf(context: WasiContext, fd: number, rights: number): DirectoryDescriptor {
  const descriptor = context.descriptors.get(fd)
  if (!(descriptor instanceof DirectoryDescriptor)) fail(Errno.NotDir)
  descriptor.need(rights)
  return descriptor
}
