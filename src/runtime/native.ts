// This environment's access to native memory and C functions, through the shim's `call`.
//
// Addresses are JavaScript numbers (user space is below 2⁴⁷); in native memory they are pairs of 32-bit words.

import { BugError, GantryError } from '../base/errors.js'
import { pageBytes } from '../object/elf.js'
import {
  clockMonotonic,
  environmentArea,
  type ImportName,
  imports,
  MapFlag,
  Prot,
  processState,
  scratchBytes,
} from '../shim/layout.js'
import { hostPlatform, loadShim } from '../shim/load.js'
import { readAddress, writeAddress } from './address.js'
import { OwnedRanges } from './owned-ranges.js'

/** The system refused memory. */
export class ResourceError extends GantryError {
  override readonly name = 'ResourceError'
}

/** madvise: MADV_DONTNEED. */
const dontNeed = 4

/** struct timespec: seconds, nanoseconds. */
const emptyTime = new Uint8Array(16)

/** napi_status of success. */
const napiOk = 0

/** One per environment; see `native()`. */
export class Native {
  /** Address space that goes back to the system with the environment. */
  readonly owned: OwnedRanges
  private readonly invoke: (value?: unknown) => unknown
  private readonly area: Uint32Array
  private readonly areaBytes: Uint8Array
  /** Address of the environment area. */
  readonly areaAddress: number
  /** The process state, as words. */
  readonly state: Uint32Array
  private readonly functions: Readonly<Record<ImportName, number>>

  constructor() {
    const shim = loadShim()
    this.invoke = shim.call
    this.area = new Uint32Array(shim.area)
    this.areaBytes = new Uint8Array(shim.area)
    this.state = new Uint32Array(shim.state)
    this.areaAddress = readAddress(this.area, environmentArea.self >> 2)
    this.functions = Object.fromEntries(
      imports.map((name, i) => [name, readAddress(this.state, (processState.functions >> 2) + 2 * i)]),
    ) as Record<ImportName, number>
    this.owned = new OwnedRanges(this, this.area)
  }

  /** Calls a C function with up to six words; the result's 64 bits as a signed number (exact below 2⁵³). */
  call(name: ImportName, ...args: readonly number[]): number {
    return this.callAddress(this.functions[name], args)
  }

  private prepare(target: number, args: readonly number[]): void {
    writeAddress(this.area, environmentArea.target >> 2, target)
    for (let i = 0; i < args.length; i++) {
      writeAddress(this.area, (environmentArea.args >> 2) + 2 * i, args[i] as number)
    }
  }

  /** The same for code at an address. */
  callAddress(target: number, args: readonly number[]): number {
    this.prepare(target, args)
    this.invoke()
    const at = environmentArea.result >> 2
    return (this.area[at] as number) + ((this.area[at + 1] as number) | 0) * 2 ** 32
  }

  /** Calls a Node-API function (environment first, address of its result last) and gives back the value it made. */
  private callForValue(name: ImportName, ...args: readonly number[]): unknown {
    return this.callAddressForValue(this.functions[name], ...args)
  }

  /** The same for code at an address. */
  callAddressForValue(target: number, ...args: readonly number[]): unknown {
    const env = readAddress(this.area, environmentArea.env >> 2)
    this.prepare(target, [env, ...args, this.areaAddress + environmentArea.value])
    this.area[environmentArea.returnsValue >> 2] = 1
    const value = this.invoke()
    this.area[environmentArea.returnsValue >> 2] = 0
    const status = this.area[environmentArea.result >> 2]
    if (status !== napiOk) throw new BugError(`making a value failed with status ${status}`)
    return value
  }

  /** An ArrayBuffer over native memory. Detach it (see `release`) before the memory goes away. */
  view(address: number, bytes: number): ArrayBuffer {
    return this.callForValue('napi_create_external_arraybuffer', address, bytes, 0, 0) as ArrayBuffer
  }

  /** Tells `enter` and `resume` of this environment which control block to use. */
  setControlBlock(address: number): void {
    writeAddress(this.area, environmentArea.controlBlock >> 2, address)
  }

  /** This thread's signal stack is one of ours, which the system must not use when the thread has ended. */
  noteSignalStack(): void {
    this.area[environmentArea.hasSignalStack >> 2] = 1
  }

  /** The timer whose id the system has written to the environment area is to go when the thread ends. */
  noteTimer(): void {
    this.area[environmentArea.hasTimer >> 2] = 1
  }

  get hasTimer(): boolean {
    return this.area[environmentArea.hasTimer >> 2] === 1
  }

  /** The system's id of this thread's timer. */
  get timer(): number {
    return this.area[environmentArea.timer >> 2] as number
  }

  /** Makes an ArrayBuffer of `view` empty, so that nobody can touch the memory any more. */
  detach(buffer: ArrayBuffer): void {
    const env = readAddress(this.area, environmentArea.env >> 2)
    this.prepare(this.functions.napi_detach_arraybuffer, [env, 0])
    this.area[environmentArea.takesValue >> 2] = 1
    this.invoke(buffer)
    this.area[environmentArea.takesValue >> 2] = 0
    const status = this.area[environmentArea.result >> 2]
    if (status !== napiOk) throw new BugError(`an ArrayBuffer could not be detached: status ${status}`)
  }

  /** A JavaScript function that runs the machine code at an address: `napi_value f(napi_env, napi_callback_info)`. */
  makeFunction(address: number): () => unknown {
    return this.callForValue('napi_create_function', 0, 0, address, 0) as () => unknown
  }

  /** A word of the scratch room, at a byte offset. */
  scratchWord(offset: number): number {
    return this.area[(environmentArea.scratch + offset) >> 2] as number
  }

  /** Copies into the scratch room at `offset` and returns the address of the copy. */
  scratch(bytes: Uint8Array, offset = 0): number {
    if (offset + bytes.length > scratchBytes) throw new BugError('the scratch room is too small')
    this.areaBytes.set(bytes, environmentArea.scratch + offset)
    return this.areaAddress + environmentArea.scratch + offset
  }

  /** Reserves address space; nothing is accessible. Throws ResourceError. */
  reserve(bytes: number): number {
    const flags = MapFlag.Private | MapFlag.Anonymous | MapFlag.NoReserve
    return this.owned.add(this.map(0, bytes, Prot.None, flags, -1), bytes)
  }

  /** Reserves exactly [address, address + bytes), or returns false if something is there. */
  reserveAt(address: number, bytes: number): boolean {
    const flags = MapFlag.Private | MapFlag.Anonymous | MapFlag.NoReserve | MapFlag.FixedNoReplace
    const got = this.call('mmap', address, bytes, Prot.None, flags, -1, 0)
    if (got === address) {
      this.owned.add(address, bytes)
      return true
    }
    // Kernels before 4.17 take the address as a hint.
    if (got > 0) this.call('munmap', got, bytes)
    return false
  }

  /** Fresh zeroed memory. Throws ResourceError. */
  allocate(bytes: number): number {
    return this.owned.add(this.allocateForever(bytes), bytes)
  }

  /** The same, but it stays when the thread ends, unless somebody unmaps it. */
  allocateForever(bytes: number): number {
    return this.map(0, bytes, Prot.ReadWrite, MapFlag.Private | MapFlag.Anonymous, -1)
  }

  /** Replaces pages of a reservation by fresh, inaccessible ones: gives their contents back to the system. */
  discard(address: number, bytes: number): void {
    const flags = MapFlag.Private | MapFlag.Anonymous | MapFlag.NoReserve | MapFlag.Fixed
    this.map(address, bytes, Prot.None, flags, -1)
  }

  /** Maps a file over pages of a reservation, read-only. */
  mapFile(address: number, bytes: number, fd: number): void {
    this.map(address, bytes, Prot.Read, MapFlag.Private | MapFlag.Fixed, fd)
  }

  /** Maps the first page of a file executable, for whoever watches mappings. Throws ResourceError. */
  mapMarker(fd: number): void {
    this.map(0, pageBytes, Prot.ReadExec, MapFlag.Private, fd)
  }

  /** Number of this thread as the system counts. */
  threadId(): number {
    return this.call('syscall', hostPlatform().systemCalls.gettid)
  }

  /** Nanoseconds of CLOCK_MONOTONIC, exact to a microsecond. */
  monotonicTime(): number {
    this.call('clock_gettime', clockMonotonic, this.scratch(emptyTime))
    const [seconds, nanoseconds] = [this.scratchWord(0), this.scratchWord(8)]
    return seconds * 1e9 + nanoseconds
  }

  private map(address: number, bytes: number, prot: Prot, flags: number, fd: number): number {
    const got = this.call('mmap', address, bytes, prot, flags, fd, 0)
    if (got <= 0) throw new ResourceError(`the system refused ${bytes} bytes of address space`)
    return got
  }

  /** Throws ResourceError. */
  protect(address: number, bytes: number, prot: Prot): void {
    const failed = this.call('mprotect', address, bytes, prot) !== 0
    if (failed)
      throw new ResourceError(`the system refused to change the protection of ${bytes} bytes of memory`)
  }

  /** Makes pages of accessible memory zero again, without memory behind them until they are touched. */
  dropPages(address: number, bytes: number): void {
    this.call('madvise', address, bytes, dontNeed)
  }

  /** Gives back what `reserve`, `reserveAt` or `allocate` gave: all of it. */
  unmap(address: number, bytes: number): void {
    this.call('munmap', address, bytes)
    this.owned.remove(address)
  }
}

let instance: Native | undefined

/** The native access of this environment; loads the shim at the first call. Throws PlatformError. */
export function native(): Native {
  instance ??= new Native()
  return instance
}
