// Descriptors: numbers, rights, positions, flags, listings, times, and the errors of each.

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { allRights, FakeGuest, scratchFolder } from './fake-guest.js'

let box: string
let guest: FakeGuest

beforeEach(() => {
  box = scratchFolder()
  guest = new FakeGuest({ preopens: [{ host: box, guest: '/box' }] })
})

const creat = 1
const directory = 2
const readRight = 0x2n
const seekRight = 0x4n
const tellRight = 0x20n
const writeRight = 0x40n
const readdirRight = 0x4000n

describe('numbers', () => {
  it('the lowest free one is taken', () => {
    const first = guest.mustOpen('x', { oflags: creat })
    const second = guest.mustOpen('x')
    expect([first, second]).toEqual([4, 5])
    guest.must('fd_close', first)
    expect(guest.mustOpen('x')).toBe(4)
    guest.must('fd_close', 0)
    expect(guest.mustOpen('x')).toBe(0)
  })

  it('what is closed, was never open, or is no number', () => {
    const fd = guest.mustOpen('x', { oflags: creat })
    guest.must('fd_close', fd)
    for (const bad of [fd, 99, 0xffff_ffff, -1]) {
      expect(guest.call('fd_close', bad)).toBe('EBADF')
      expect(guest.call('fd_fdstat_get', bad, 0x100)).toBe('EBADF')
      expect(guest.read(bad, 1)).toBe('EBADF')
      expect(guest.write(bad, 'x')).toBe('EBADF')
      expect(guest.call('fd_renumber', bad, 1)).toBe('EBADF')
      expect(guest.call('fd_renumber', 1, bad)).toBe('EBADF')
      expect(guest.call('fd_prestat_get', bad, 0x100)).toBe('EBADF')
      expect(guest.call('sock_shutdown', bad, 1)).toBe('EBADF')
      expect(guest.call('fd_readdir', bad, 0x100, 10, 0n, 0x8000)).toBe('EBADF')
    }
  })

  it('renumbering replaces and frees', () => {
    writeFileSync(join(box, 'one'), 'one')
    writeFileSync(join(box, 'two'), 'two')
    const one = guest.mustOpen('one')
    const two = guest.mustOpen('two')
    guest.must('fd_renumber', one, two)
    expect(guest.read(two, 10)).toBe('one')
    expect(guest.call('fd_close', one)).toBe('EBADF')
    guest.must('fd_renumber', two, two)
    expect(guest.call('fd_close', two)).toBe('SUCCESS')
  })

  it('preopens have names, nothing else has', () => {
    guest.must('fd_prestat_get', 3, 0x100)
    expect([guest.view.getUint8(0x100), guest.view.getUint32(0x104, true)]).toEqual([0, 4])
    guest.must('fd_prestat_dir_name', 3, 0x200, 4)
    expect(guest.string(0x200, 4)).toBe('/box')
    expect(guest.call('fd_prestat_dir_name', 3, 0x200, 3)).toBe('ENAMETOOLONG')
    const dir = guest.mustOpen('.', { oflags: directory, rights: readdirRight })
    for (const fd of [0, 1, 2, dir]) {
      expect(guest.call('fd_prestat_get', fd, 0x100)).toBe('EBADF')
      expect(guest.call('fd_prestat_dir_name', fd, 0x100, 10)).toBe('EBADF')
    }
  })

  it('are limited', () => {
    const few = new FakeGuest({ preopens: [{ host: box, guest: '/' }], maxDescriptors: 6 })
    const flags = { oflags: creat }
    expect([few.open('a', flags), few.open('b', flags), few.open('c', flags)]).toEqual([4, 5, 'EMFILE'])
    few.must('fd_renumber', 4, 5)
    expect(few.open('c', flags)).toBe(4)
    few.must('fd_close', 0)
    expect(few.open('d', flags)).toBe(0)
    expect(few.open('e', flags)).toBe('EMFILE')
    expect(readdirSync(box).sort()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('dispose closes the files of the host', () => {
    const before = readdirSync('/proc/self/fd').length
    const other = new FakeGuest({ preopens: [{ host: box, guest: '/' }] })
    for (let i = 0; i < 20; i++) other.mustOpen(`file${i}`, { oflags: creat })
    other.wasi.dispose()
    expect(readdirSync('/proc/self/fd').length).toBe(before)
    expect(other.call('fd_fdstat_get', 1, 0x100)).toBe('EBADF')
  })

  it('walking leaves nothing open, whether it succeeds or fails', () => {
    mkdirSync(join(box, 'a', 'b', 'c'), { recursive: true })
    symlinkSync('a/b', join(box, 'link'))
    const before = readdirSync('/proc/self/fd').length
    for (const path of ['a/b/c/missing', 'link/c/../../../..', 'a/b/../b/c/x/y', 'link/missing/x'])
      guest.open(path)
    guest.must('path_filestat_get', 3, 1, ...guest.text('link/c/..'), 0x8000)
    expect(readdirSync('/proc/self/fd').length).toBe(before)
  })

  it('a socket is nothing that a guest can have', () => {
    for (const fd of [0, 1, 3]) {
      expect(guest.call('sock_accept', fd, 0, 0x100)).toBe('ENOTSOCK')
      expect(guest.call('sock_recv', fd, 0, 0, 0, 0x100, 0x110)).toBe('ENOTSOCK')
      expect(guest.call('sock_send', fd, 0, 0, 0, 0x100)).toBe('ENOTSOCK')
      expect(guest.call('sock_shutdown', fd, 1)).toBe('ENOTSOCK')
    }
  })
})

describe('rights', () => {
  beforeEach(() => writeFileSync(join(box, 'file'), 'content'))

  function rightsOf(fd: number): [bigint, bigint] {
    guest.must('fd_fdstat_get', fd, 0x100)
    return [guest.view.getBigUint64(0x108, true), guest.view.getBigUint64(0x110, true)]
  }

  it('a file has what was asked for and makes sense', () => {
    expect(rightsOf(guest.mustOpen('file', { rights: readRight | 0x200n, inheriting: 0n }))).toEqual([
      readRight,
      0n,
    ])
    expect(guest.open('file', { rights: 1n << 40n })).toBeTypeOf('number')
  })

  it('reading and writing are refused as bad descriptors, the rest as missing rights', () => {
    const reader = guest.mustOpen('file', { rights: readRight })
    const writer = guest.mustOpen('file', { rights: writeRight })
    expect(guest.write(reader, 'x')).toBe('EBADF')
    expect(guest.read(writer, 1)).toBe('EBADF')
    expect(guest.long('fd_seek', reader, 0n, 0)).toBe('ENOTCAPABLE')
    expect(guest.long('fd_tell', reader)).toBe('ENOTCAPABLE')
    expect(guest.call('fd_filestat_get', reader, 0x100)).toBe('ENOTCAPABLE')
    expect(guest.call('fd_filestat_set_size', reader, 0n)).toBe('ENOTCAPABLE')
    expect(guest.call('fd_fdstat_set_flags', reader, 1)).toBe('ENOTCAPABLE')
    expect(guest.call('fd_sync', reader)).toBe('ENOTCAPABLE')
    expect(guest.call('fd_datasync', reader)).toBe('ENOTCAPABLE')
    expect(guest.call('fd_advise', reader, 0n, 0n, 0)).toBe('ENOTCAPABLE')
    expect(guest.call('fd_allocate', reader, 0n, 1n)).toBe('ENOTCAPABLE')
    const teller = guest.mustOpen('file', { rights: readRight | tellRight })
    expect(guest.long('fd_seek', teller, 0n, 1)).toBe(0n)
    expect(guest.long('fd_seek', teller, 1n, 1)).toBe('ENOTCAPABLE')
    const seeker = guest.mustOpen('file', { rights: readRight | seekRight })
    expect(guest.long('fd_tell', seeker)).toBe(0n)
  })

  it('are given up and not regained', () => {
    const fd = guest.mustOpen('file')
    const [base, inheriting] = rightsOf(fd)
    guest.must('fd_fdstat_set_rights', fd, base & ~writeRight, 0n)
    expect(guest.write(fd, 'x')).toBe('EBADF')
    expect(guest.call('fd_fdstat_set_rights', fd, base, 0n)).toBe('ENOTCAPABLE')
    expect(guest.call('fd_fdstat_set_rights', fd, 0n, inheriting)).toBe('ENOTCAPABLE')
    expect(guest.call('fd_fdstat_set_rights', fd, 1n << 63n, 0n)).toBe('ENOTCAPABLE')
  })

  it('of a directory limit what is done and opened through it', () => {
    const [base, inheriting] = rightsOf(3)
    guest.must('fd_fdstat_set_rights', 3, base, inheriting & ~writeRight & ~0x10n)
    expect(guest.open('file')).toBe('ENOTCAPABLE')
    expect(guest.open('file', { rights: readRight, fdflags: 16 })).toBe('ENOTCAPABLE')
    expect(guest.open('file', { rights: readRight })).toBeTypeOf('number')
    // One after the other, each function loses the right it needs.
    const needs: [bigint, () => string | number][] = [
      [1n << 9n, () => guest.path('path_create_directory', 'd')],
      [1n << 10n, () => guest.open('new', { rights: readRight, oflags: creat })],
      [1n << 11n, () => guest.call('path_link', 3, 0, ...guest.text('file', 0x400), 3, ...guest.text('l'))],
      [1n << 12n, () => guest.call('path_link', 3, 0, ...guest.text('file', 0x400), 3, ...guest.text('l'))],
      [1n << 14n, () => guest.counted('fd_readdir', 3, 0x100, 10, 0n)],
      [1n << 15n, () => guest.counted('path_readlink', 3, ...guest.text('file'), 0x200, 10)],
      [1n << 16n, () => guest.call('path_rename', 3, ...guest.text('file', 0x400), 3, ...guest.text('l'))],
      [1n << 17n, () => guest.call('path_rename', 3, ...guest.text('file', 0x400), 3, ...guest.text('l'))],
      [1n << 18n, () => guest.call('path_filestat_get', 3, 0, ...guest.text('file'), 0x200)],
      [1n << 19n, () => guest.open('file', { rights: readRight, oflags: 8 })],
      [1n << 20n, () => guest.call('path_filestat_set_times', 3, 0, ...guest.text('file'), 0n, 0n, 0)],
      [1n << 21n, () => guest.call('fd_filestat_get', 3, 0x200)],
      [1n << 23n, () => guest.call('fd_filestat_set_times', 3, 0n, 0n, 0)],
      [1n << 24n, () => guest.call('path_symlink', ...guest.text('file', 0x400), 3, ...guest.text('l'))],
      [1n << 25n, () => guest.path('path_remove_directory', 'd')],
      [1n << 26n, () => guest.path('path_unlink_file', 'file')],
      [1n << 13n, () => guest.open('file', { rights: readRight })],
    ]
    let left = base
    for (const [right, use] of needs) {
      left &= ~right
      guest.must('fd_fdstat_set_rights', 3, left, 0n)
      expect(use(), `right ${right}`).toBe('ENOTCAPABLE')
    }
    expect(readdirSync(box)).toEqual(['file'])
  })
})

describe('positions', () => {
  it('seek, tell, read past the end, write beyond it', () => {
    const fd = guest.mustOpen('x', { oflags: creat })
    expect(guest.write(fd, '0123456789')).toBe(10)
    expect(guest.long('fd_tell', fd)).toBe(10n)
    expect(guest.long('fd_seek', fd, -4n, 2)).toBe(6n)
    expect(guest.read(fd, 2)).toBe('67')
    expect(guest.long('fd_seek', fd, -3n, 1)).toBe(5n)
    expect(guest.long('fd_seek', fd, -6n, 1)).toBe('EINVAL')
    expect(guest.long('fd_seek', fd, 2n ** 63n - 1n, 1)).toBe('EINVAL')
    expect(guest.long('fd_seek', fd, 2n ** 60n, 0)).toBe('EFBIG')
    expect(guest.long('fd_seek', fd, 0n, 3)).toBe('EINVAL')
    expect(guest.long('fd_tell', fd)).toBe(5n)
    expect(guest.long('fd_seek', fd, 20n, 0)).toBe(20n)
    expect(guest.read(fd, 10)).toBe('')
    expect(guest.write(fd, 'x')).toBe(1)
    expect(statSync(join(box, 'x')).size).toBe(21)
  })

  it('transfers at a place leave the position alone', () => {
    const fd = guest.mustOpen('x', { oflags: creat })
    guest.write(fd, 'hello')
    guest.text('J', 0x2000)
    guest.iovec(0x2000, 1)
    expect(guest.counted('fd_pwrite', fd, 0x80, 1, 0n)).toBe(1)
    guest.iovec(0x2000, 100)
    expect(guest.counted('fd_pread', fd, 0x80, 1, 0n)).toBe(5)
    expect(guest.string(0x2000, 5)).toBe('Jello')
    expect(guest.counted('fd_pread', fd, 0x80, 1, 100n)).toBe(0)
    expect(guest.counted('fd_pread', fd, 0x80, 1, 2n ** 63n)).toBe('EINVAL')
    expect(guest.counted('fd_pwrite', fd, 0x80, 1, 2n ** 62n)).toBe('EFBIG')
    expect(guest.long('fd_tell', fd)).toBe(5n)
  })

  it('several buffers are one transfer, empty ones are skipped', () => {
    const fd = guest.mustOpen('x', { oflags: creat })
    guest.text('abcdef', 0x2000)
    const put = (index: number, at: number, length: number): void => {
      guest.view.setUint32(0x80 + 8 * index, at, true)
      guest.view.setUint32(0x84 + 8 * index, length, true)
    }
    put(0, 0x2000, 0)
    put(1, 0x2003, 3)
    put(2, 0, 0)
    put(3, 0x2000, 3)
    expect(guest.counted('fd_write', fd, 0x80, 4)).toBe(6)
    expect(readFileSync(join(box, 'x'), 'utf8')).toBe('defabc')
    expect(guest.counted('fd_write', fd, 0x80, 0)).toBe(0)
    expect(guest.counted('fd_write', fd, 0x80, 1)).toBe(0)
  })

  it('more buffers than are used at once make a short transfer', () => {
    const fd = guest.mustOpen('x', { oflags: creat })
    for (let i = 0; i < 2000; i++) {
      guest.view.setUint32(0x1000 + 8 * i, 0x100, true)
      guest.view.setUint32(0x1004 + 8 * i, 1, true)
    }
    expect(guest.counted('fd_write', fd, 0x1000, 2000)).toBe(1024)
  })
})

describe('flags', () => {
  it('append, switched on and off', () => {
    const fd = guest.mustOpen('x', { oflags: creat, fdflags: 1 })
    guest.write(fd, 'abc')
    guest.must('fd_seek', fd, 0n, 0, 0x8000)
    guest.write(fd, 'def')
    expect(guest.long('fd_tell', fd)).toBe(6n)
    guest.must('fd_fdstat_set_flags', fd, 4)
    guest.must('fd_seek', fd, 0n, 0, 0x8000)
    guest.write(fd, 'X')
    expect(readFileSync(join(box, 'x'), 'utf8')).toBe('Xbcdef')
    guest.must('fd_fdstat_set_flags', fd, 1 | 2 | 8 | 16)
    guest.must('path_unlink_file', 3, ...guest.text('x'))
    guest.must('fd_fdstat_set_flags', fd, 1)
    guest.write(fd, 'Y')
    guest.must('fd_filestat_get', fd, 0x100)
    expect(guest.view.getBigUint64(0x120, true)).toBe(7n)
    guest.must('fd_fdstat_get', fd, 0x100)
    expect(guest.view.getUint16(0x102, true)).toBe(1)
    expect(guest.call('fd_fdstat_set_flags', fd, 32)).toBe('EINVAL')
  })

  it('two that append do not overwrite each other', () => {
    const one = guest.mustOpen('x', { oflags: creat, fdflags: 1 })
    const two = guest.mustOpen('x', { fdflags: 1 })
    for (const fd of [one, two, one, two]) guest.write(fd, String(fd))
    expect(readFileSync(join(box, 'x'), 'utf8')).toBe('4545')
  })

  it('of opening', () => {
    writeFileSync(join(box, 'x'), 'content')
    expect(guest.open('x', { oflags: creat | 4 })).toBe('EEXIST')
    expect(guest.open('x', { oflags: directory, rights: readRight })).toBe('ENOTDIR')
    expect(guest.open('x', { oflags: 16 })).toBe('EINVAL')
    expect(guest.open('x', { fdflags: 32 })).toBe('EINVAL')
    expect(guest.open('x', { oflags: creat | directory })).toBe('EINVAL')
    expect(guest.open('missing')).toBe('ENOENT')
    expect(guest.open('.', { oflags: directory })).toBe('EISDIR')
    expect(guest.call('path_open', 3, 2, ...guest.text('x'), 0, 0n, 0n, 0, 0x8000)).toBe('EINVAL')
    guest.mustOpen('x', { oflags: 8 })
    expect(statSync(join(box, 'x')).size).toBe(0)
  })
})

describe('sizes', () => {
  it('set and allocated', () => {
    const fd = guest.mustOpen('x', { oflags: creat })
    guest.write(fd, 'abc')
    guest.must('fd_filestat_set_size', fd, 5n)
    expect(readFileSync(join(box, 'x'), 'utf8')).toBe('abc\0\0')
    guest.must('fd_filestat_set_size', fd, 2n)
    guest.must('fd_allocate', fd, 0n, 1n)
    expect(statSync(join(box, 'x')).size).toBe(2)
    guest.must('fd_allocate', fd, 10n, 3_000_000n)
    const { size, blocks } = statSync(join(box, 'x'))
    expect(size).toBe(3_000_010)
    expect(blocks * 512).toBeGreaterThanOrEqual(size)
    expect(readFileSync(join(box, 'x')).subarray(0, 3).toString()).toBe('ab\0')
    expect(guest.call('fd_allocate', fd, 0n, 0n)).toBe('EINVAL')
    expect(guest.call('fd_allocate', fd, 2n ** 63n, 1n)).toBe('EFBIG')
    expect(guest.call('fd_allocate', fd, 0n, 2n ** 50n)).toBe('ENOSPC')
    expect(guest.call('fd_filestat_set_size', fd, 2n ** 63n)).toBe('EINVAL')
    expect(guest.call('fd_filestat_set_size', fd, 2n ** 60n)).toBe('EFBIG')
    expect(statSync(join(box, 'x')).size).toBe(3_000_010)
  })

  it('advice is checked and ignored', () => {
    const fd = guest.mustOpen('x', { oflags: creat })
    for (let advice = 0; advice < 6; advice++) guest.must('fd_advise', fd, 0n, 0n, advice)
    expect(guest.call('fd_advise', fd, 0n, 0n, 6)).toBe('EINVAL')
    expect(guest.call('fd_advise', 1, 0n, 0n, 0)).toBe('ESPIPE')
    guest.must('fd_sync', fd)
    guest.must('fd_datasync', fd)
    guest.must('fd_sync', 3)
  })
})

describe('directories as files', () => {
  it('cannot be read, written, sought', () => {
    guest.iovec(0x2000, 4)
    for (const name of ['fd_read', 'fd_write']) expect(guest.counted(name, 3, 0x80, 1)).toBe('EISDIR')
    for (const name of ['fd_pread', 'fd_pwrite']) expect(guest.counted(name, 3, 0x80, 1, 0n)).toBe('EISDIR')
    expect(guest.long('fd_seek', 3, 0n, 0)).toBe('EISDIR')
    expect(guest.long('fd_tell', 3)).toBe('EISDIR')
    expect(guest.call('fd_allocate', 3, 0n, 1n)).toBe('EISDIR')
    expect(guest.call('fd_filestat_set_size', 3, 0n)).toBe('EISDIR')
    expect(guest.counted('fd_readdir', 1, 0x100, 100, 0n)).toBe('ENOTDIR')
  })
})

describe('listings', () => {
  function all(fd: number, room: number): string[] {
    const names: string[] = []
    let cookie = 0n
    for (let calls = 0; calls < 1000; calls++) {
      const { entries, used } = guest.list(fd, cookie, room)
      names.push(...entries.map(entry => entry.name))
      cookie = entries.at(-1)?.next ?? cookie
      if (used < room) return names
    }
    throw new Error('the listing does not end')
  }

  it('have dots, types, numbers and cookies', () => {
    writeFileSync(join(box, 'file'), '')
    mkdirSync(join(box, 'dir'))
    symlinkSync('nowhere', join(box, 'link'))
    const { entries } = guest.list(3, 0n, 0x1000)
    const types = Object.fromEntries(entries.map(({ name, type }) => [name, type]))
    expect(types).toEqual({ '.': 3, '..': 3, file: 4, dir: 3, link: 7 })
    expect(entries.slice(0, 2).map(entry => entry.name)).toEqual(['.', '..'])
    expect(entries.map(entry => entry.next)).toEqual([1n, 2n, 3n, 4n, 5n])
    expect(entries.find(entry => entry.name === 'file')?.ino).toBe(BigInt(statSync(join(box, 'file')).ino))
    expect(entries[0]?.ino).toBe(BigInt(statSync(box).ino))
    expect(entries[1]?.ino).toBe(0n)
    for (const { next } of entries) {
      expect(guest.list(3, next, 0x1000).entries).toEqual(entries.slice(Number(next)))
    }
  })

  it('come in pieces of any size, cut off where the buffer ends', () => {
    const names = Array.from({ length: 50 }, (_, i) => `file${'x'.repeat(i)}`)
    for (const name of names) writeFileSync(join(box, name), '')
    for (const room of [79, 100, 137, 1000, 0x3000]) {
      expect(all(3, room).sort()).toEqual(['.', '..', ...names].sort())
    }
    expect(guest.counted('fd_readdir', 3, 0x4000, 10, 0n)).toBe(10)
    expect(guest.counted('fd_readdir', 3, 0x4000, 0, 0n)).toBe(0)
    expect(guest.counted('fd_readdir', 3, 0x4000, 100, 52n)).toBe(0)
    expect(guest.counted('fd_readdir', 3, 0x4000, 100, 2n ** 64n - 1n)).toBe(0)
  })

  it('go on beyond a megabyte', () => {
    for (let i = 0; i < 5000; i++) writeFileSync(join(box, `${i}`.padStart(220, 'x')), '')
    guest.buffer = new ArrayBuffer(0x20_0000)
    expect(guest.counted('fd_readdir', 3, 0x4000, 0x1c_0000, 0n)).toBe(25 + 26 + 5000 * 244)
  })

  it('stay as they were until they are started anew', () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(join(box, name), '')
    const { entries } = guest.list(3, 0n, 0x1000)
    for (const name of ['a', 'b', 'c']) guest.must('path_unlink_file', 3, ...guest.text(name))
    writeFileSync(join(box, 'd'), '')
    expect(guest.list(3, 2n, 0x1000).entries.map(entry => entry.name)).toEqual(
      entries.slice(2).map(e => e.name),
    )
    expect(guest.list(3, 0n, 0x1000).entries.map(entry => entry.name)).toEqual(['.', '..', 'd'])
  })

  it('of a directory that was removed', () => {
    mkdirSync(join(box, 'gone'))
    const fd = guest.mustOpen('gone', { oflags: directory, rights: readdirRight })
    guest.must('path_remove_directory', 3, ...guest.text('gone'))
    expect(guest.list(fd, 0n, 0x1000).entries.map(entry => entry.name)).toEqual(['.', '..'])
  })

  it('keep names that are not UTF-8', () => {
    writeFileSync(Buffer.concat([Buffer.from(`${box}/`), Buffer.of(0x61, 0xff)]), '')
    guest.must('fd_readdir', 3, 0x4000, 0x1000, 2n, 0x8000)
    expect([...guest.bytes.slice(0x4018, 0x401a)]).toEqual([0x61, 0xff])
  })
})

describe('times', () => {
  const second = 1_000_000_000n

  beforeEach(() => {
    writeFileSync(join(box, 'x'), '')
    utimesSync(join(box, 'x'), 1000, 2000)
    symlinkSync('x', join(box, 'link'))
  })

  it('are set by flag, of a path, a link, a descriptor', () => {
    const setTimes = (path: string, lookup: number, flags: number): string =>
      guest.call('path_filestat_set_times', 3, lookup, ...guest.text(path), 5n * second, 6n * second, flags)
    const seconds = (): [number, number] => {
      const { atimeMs, mtimeMs } = statSync(join(box, 'x'))
      return [atimeMs / 1000, mtimeMs / 1000]
    }
    expect(setTimes('x', 0, 4)).toBe('SUCCESS')
    expect(seconds()).toEqual([1000, 6])
    expect(setTimes('link', 0, 5)).toBe('SUCCESS')
    expect(seconds()).toEqual([1000, 6])
    expect(setTimes('link', 1, 1)).toBe('SUCCESS')
    expect(seconds()).toEqual([5, 6])
    const fd = guest.mustOpen('x')
    guest.must('fd_filestat_set_times', fd, 7n * second, 8n * second, 5)
    expect(seconds()).toEqual([7, 8])
    guest.must('fd_filestat_set_times', fd, 0n, 0n, 2 | 8)
    expect(Math.abs(seconds()[1] - Date.now() / 1000)).toBeLessThan(60)
    for (const flags of [3, 12, 16]) {
      expect(setTimes('x', 0, flags)).toBe('EINVAL')
      expect(guest.call('fd_filestat_set_times', fd, 0n, 0n, flags)).toBe('EINVAL')
    }
    expect(guest.call('fd_filestat_set_times', fd, 2n ** 63n, 0n, 1)).toBe('EINVAL')
    expect(setTimes('missing', 0, 4)).toBe('ENOENT')
    expect(setTimes('x/', 0, 4)).toBe('ENOTDIR')
  })

  it('go to the embedder exactly, when it takes them', () => {
    const calls: unknown[][] = []
    const exact = new FakeGuest({
      preopens: [{ host: box, guest: '/' }],
      setTimes: (...args) => void calls.push(args.slice(1)),
      clocks: { realtime: () => 99n },
    })
    const fd = exact.mustOpen('x')
    exact.must('fd_filestat_set_times', fd, 1n, 1_234_567_890_123_456_789n, 4)
    exact.must('path_filestat_set_times', 3, 0, ...exact.text('link'), 3n, 4n, 1 | 8)
    expect(calls).toEqual([
      [true, null, 1_234_567_890_123_456_789n],
      [false, 3n, 99n],
    ])
    expect(exact.call('fd_filestat_set_times', fd, 2n ** 63n, 0n, 1)).toBe('EINVAL')
  })

  it('are told to the nanosecond', () => {
    guest.must('path_filestat_get', 3, 0, ...guest.text('x'), 0x200)
    const at = (offset: number): bigint => guest.view.getBigUint64(0x200 + offset, true)
    const stats = statSync(join(box, 'x'), { bigint: true })
    expect([at(0), at(8), at(24), at(32)]).toEqual([stats.dev, stats.ino, 1n, 0n])
    expect([at(40), at(48), at(56)]).toEqual([stats.atimeNs, stats.mtimeNs, stats.ctimeNs])
  })
})

it('links are read up to the length of the buffer', () => {
  symlinkSync('some/where', join(box, 'link'))
  writeFileSync(join(box, 'file'), '')
  expect(guest.counted('path_readlink', 3, ...guest.text('link'), 0x200, 100)).toBe(10)
  expect(guest.string(0x200, 10)).toBe('some/where')
  expect(guest.counted('path_readlink', 3, ...guest.text('link'), 0x300, 4)).toBe(4)
  expect(guest.string(0x300, 5)).toBe('some\0')
  expect(guest.counted('path_readlink', 3, ...guest.text('link'), 0x300, 0)).toBe(0)
  expect(guest.counted('path_readlink', 3, ...guest.text('file'), 0x300, 4)).toBe('EINVAL')
  expect(guest.counted('path_readlink', 3, ...guest.text('missing'), 0x300, 4)).toBe('ENOENT')
})

it('all rights are what a guest asks for that does not know better', () => {
  expect(guest.open('x', { oflags: creat, rights: allRights, inheriting: allRights })).toBeTypeOf('number')
})
