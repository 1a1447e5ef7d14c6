// A guest without code: a memory, and calls made by hand. For tests of single functions.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Errno, errnoNames } from '../../src/wasi/errno.js'
import { createWasi, type Wasi, type WasiOptions } from '../../src/wasi/preview1.js'

/** All 64 bits of a rights word, as programs ask for that want whatever they can get. */
export const allRights = 2n ** 64n - 1n

/** Where results go in the fake memory; texts and buffers lie below. */
const resultAt = 0x8000

/** One entry of a directory listing as the guest sees it. */
export interface Entry {
  readonly next: bigint
  readonly ino: bigint
  readonly type: number
  readonly name: string
}

/** Calls functions as a guest would, through a memory of one page. */
export class FakeGuest {
  buffer: ArrayBuffer = new ArrayBuffer(0x10000)
  readonly wasi: Wasi

  constructor(options: WasiOptions = {}) {
    this.wasi = createWasi({ stdin: new Uint8Array(0), stdout: () => {}, stderr: () => {}, ...options })
    this.wasi.setMemory(() => this.buffer)
    onTestFinished(() => this.wasi.dispose())
  }

  get view(): DataView {
    return new DataView(this.buffer)
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.buffer)
  }

  /** Calls a function; the name of its error number, `SUCCESS` for none. */
  call(name: string, ...args: (number | bigint)[]): string {
    const errno = this.wasi.functions[name]?.call(...args)
    if (errno === undefined) throw new Error(`no function ${name}`)
    return errnoNames[errno] ?? `errno ${errno}`
  }

  /** As `call`, but fails the test unless the call succeeds. */
  must(name: string, ...args: (number | bigint)[]): void {
    const errno = this.call(name, ...args)
    if (errno !== errnoNames[Errno.Success]) throw new Error(`${name}(${args.join(', ')}) = ${errno}`)
  }

  /** Puts a text at an address; the two arguments that name it. */
  text(text: string | Uint8Array, at = 0x100): [number, number] {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
    this.bytes.set(bytes, at)
    return [at, bytes.length]
  }

  /** path_open with all rights; the descriptor or the name of the error. */
  open(path: string, flags: Partial<OpenFlags> = {}): number | string {
    const {
      dir = 3,
      follow = true,
      oflags = 0,
      rights = allRights,
      inheriting = allRights,
      fdflags = 0,
    } = flags
    const place = this.text(path)
    const errno = this.call(
      'path_open',
      dir,
      Number(follow),
      ...place,
      oflags,
      rights,
      inheriting,
      fdflags,
      resultAt,
    )
    return errno === 'SUCCESS' ? this.view.getUint32(resultAt, true) : errno
  }

  /** As `open`, but fails the test unless it succeeds. */
  mustOpen(path: string, flags: Partial<OpenFlags> = {}): number {
    const fd = this.open(path, flags)
    if (typeof fd === 'string') throw new Error(`path_open ${path}: ${fd}`)
    return fd
  }

  /** A function on one path: directory, path, nothing else. */
  path(name: string, path: string, dir = 3): string {
    return this.call(name, dir, ...this.text(path))
  }

  /** Writes a text through one iovec; the number of bytes or the name of the error. */
  write(fd: number, text: string): number | string {
    const [at, length] = this.text(text, 0x2000)
    this.iovec(at, length)
    return this.counted('fd_write', fd, 0x80, 1)
  }

  /** Reads through one iovec. */
  read(fd: number, length: number): string {
    this.iovec(0x2000, length)
    const count = this.counted('fd_read', fd, 0x80, 1)
    return typeof count === 'string' ? count : this.string(0x2000, count)
  }

  /** A call whose last argument is the address of a 32-bit result. */
  counted(name: string, ...args: (number | bigint)[]): number | string {
    const errno = this.call(name, ...args, resultAt)
    return errno === 'SUCCESS' ? this.view.getUint32(resultAt, true) : errno
  }

  /** A call whose last argument is the address of a 64-bit result. */
  long(name: string, ...args: (number | bigint)[]): bigint | string {
    const errno = this.call(name, ...args, resultAt)
    return errno === 'SUCCESS' ? this.view.getBigUint64(resultAt, true) : errno
  }

  /** Sets the iovec at 0x80. */
  iovec(at: number, length: number): void {
    this.view.setUint32(0x80, at, true)
    this.view.setUint32(0x84, length, true)
  }

  string(at: number, length: number): string {
    return new TextDecoder().decode(this.bytes.slice(at, at + length))
  }

  /** One fd_readdir; only whole entries. */
  list(
    fd: number,
    cookie: bigint,
    room: number,
  ): { readonly entries: readonly Entry[]; readonly used: number } {
    const used = this.counted('fd_readdir', fd, 0x4000, room, cookie)
    if (typeof used === 'string') throw new Error(`fd_readdir: ${used}`)
    const entries: Entry[] = []
    for (let at = 0x4000; at + 24 <= 0x4000 + used; ) {
      const length = this.view.getUint32(at + 16, true)
      if (at + 24 + length > 0x4000 + used) break
      entries.push({
        next: this.view.getBigUint64(at, true),
        ino: this.view.getBigUint64(at + 8, true),
        type: this.view.getUint8(at + 20),
        name: this.string(at + 24, length),
      })
      at += 24 + length
    }
    return { entries, used }
  }
}

/** Arguments of path_open that tests vary. */
export interface OpenFlags {
  readonly dir: number
  readonly follow: boolean
  readonly oflags: number
  readonly rights: bigint
  readonly inheriting: bigint
  readonly fdflags: number
}

/** A new empty folder, removed when the test has finished. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-wasi-unit-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
