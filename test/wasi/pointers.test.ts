// Whatever a guest passes, functions answer with an error number: no exception, no allocation by its figures.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errnoNames } from '../../src/wasi/errno.js'
import { WasiExit } from '../../src/wasi/exit.js'
import { createWasi, preview1, unimplemented } from '../../src/wasi/preview1.js'
import { FakeGuest, scratchFolder } from './fake-guest.js'

/** Names and signatures as the interface has them, in the order of its description. */
const interfaceRows = `
args_get ii
args_sizes_get ii
environ_get ii
environ_sizes_get ii
clock_res_get ii
clock_time_get iIi
fd_advise iIIi
fd_allocate iII
fd_close i
fd_datasync i
fd_fdstat_get ii
fd_fdstat_set_flags ii
fd_fdstat_set_rights iII
fd_filestat_get ii
fd_filestat_set_size iI
fd_filestat_set_times iIIi
fd_pread iiiIi
fd_prestat_get ii
fd_prestat_dir_name iii
fd_pwrite iiiIi
fd_read iiii
fd_readdir iiiIi
fd_renumber ii
fd_seek iIii
fd_sync i
fd_tell ii
fd_write iiii
path_create_directory iii
path_filestat_get iiiii
path_filestat_set_times iiiiIIi
path_link iiiiiii
path_open iiiiiIIii
path_readlink iiiiii
path_remove_directory iii
path_rename iiiiii
path_symlink iiiii
path_unlink_file iii
poll_oneoff iiii
proc_exit i
proc_raise i
sched_yield
random_get ii
sock_accept iii
sock_recv iiiiii
sock_send iiiii
sock_shutdown ii`

const size = 0x10000

function makeGuest(): FakeGuest {
  const box = scratchFolder()
  writeFileSync(join(box, 'file'), 'content')
  let now = 0n
  const guest = new FakeGuest({
    args: ['program', 'argument'],
    env: { NAME: 'value' },
    preopens: [{ host: box, guest: '/folder' }],
    clocks: { monotonic: () => now, realtime: () => now, sleep: nanoseconds => void (now += nanoseconds) },
  })
  guest.mustOpen('file')
  return guest
}

describe('the table', () => {
  it('has every function of preview 1 with its signature', () => {
    const letters = { i32: 'i', i64: 'I' }
    const mine = preview1.map(({ name, params }) =>
      `${name} ${params.map(type => letters[type]).join('')}`.trim(),
    )
    expect(mine.sort()).toEqual(interfaceRows.trim().split('\n').sort())
    expect(preview1.filter(({ results }) => results.length === 0).map(({ name }) => name)).toEqual([
      'proc_exit',
    ])
  })

  it('answers ENOSYS nowhere', () => {
    expect(unimplemented).toEqual([])
  })
})

/** The guest, its iovec set to four bytes at an address. */
function iovec(guest: FakeGuest, at: number): FakeGuest {
  guest.iovec(at, 4)
  return guest
}

describe('addresses outside of the memory are EFAULT', () => {
  // Each call has one bad address, everything else is in order.
  const bad = [size, size - 3, 0xffff_ffff, -1, 0x8000_0000]
  const calls: [string, (guest: FakeGuest, at: number) => string][] = [
    ['args_get pointers', (g, at) => g.call('args_get', at, 0x100)],
    ['args_get buffer', (g, at) => g.call('args_get', 0x100, at)],
    ['args_sizes_get', (g, at) => g.call('args_sizes_get', 0x100, at)],
    ['environ_get', (g, at) => g.call('environ_get', 0x100, at)],
    ['environ_sizes_get', (g, at) => g.call('environ_sizes_get', at, 0x100)],
    ['clock_res_get', (g, at) => g.call('clock_res_get', 0, at)],
    ['clock_time_get', (g, at) => g.call('clock_time_get', 0, 0n, at)],
    ['random_get', (g, at) => g.call('random_get', at, 100)],
    ['fd_fdstat_get', (g, at) => g.call('fd_fdstat_get', 4, at)],
    ['fd_filestat_get', (g, at) => g.call('fd_filestat_get', 4, at)],
    ['fd_prestat_get', (g, at) => g.call('fd_prestat_get', 3, at)],
    ['fd_prestat_dir_name', (g, at) => g.call('fd_prestat_dir_name', 3, at, 7)],
    ['fd_read iovecs', (g, at) => g.call('fd_read', 4, at, 1, 0x100)],
    ['fd_read result', (g, at) => iovec(g, 0x200).call('fd_read', 4, 0x80, 1, at)],
    ['fd_read buffer', (g, at) => iovec(g, at).call('fd_read', 4, 0x80, 1, 0x100)],
    ['fd_write buffer', (g, at) => iovec(g, at).call('fd_write', 1, 0x80, 1, 0x100)],
    ['fd_pread buffer', (g, at) => iovec(g, at).call('fd_pread', 4, 0x80, 1, 0n, 0x100)],
    ['fd_pwrite iovecs', (g, at) => g.call('fd_pwrite', 4, at, 1, 0n, 0x100)],
    ['fd_seek', (g, at) => g.call('fd_seek', 4, 0n, 0, at)],
    ['fd_tell', (g, at) => g.call('fd_tell', 4, at)],
    ['fd_readdir buffer', (g, at) => g.call('fd_readdir', 3, at, 100, 0n, 0x100)],
    ['fd_readdir result', (g, at) => g.call('fd_readdir', 3, 0x100, 100, 0n, at)],
    ['path_open path', (g, at) => g.call('path_open', 3, 0, at, 4, 0, 2n, 0n, 0, 0x100)],
    ['path_open result', (g, at) => g.call('path_open', 3, 0, ...g.text('file'), 0, 2n, 0n, 0, at)],
    ['path_filestat_get path', (g, at) => g.call('path_filestat_get', 3, 0, at, 4, 0x100)],
    ['path_filestat_get result', (g, at) => g.call('path_filestat_get', 3, 0, ...g.text('file'), at)],
    ['path_create_directory', (g, at) => g.call('path_create_directory', 3, at, 4)],
    ['path_remove_directory', (g, at) => g.call('path_remove_directory', 3, at, 4)],
    ['path_unlink_file', (g, at) => g.call('path_unlink_file', 3, at, 4)],
    ['path_symlink text', (g, at) => g.call('path_symlink', at, 4, 3, ...g.text('new'))],
    ['path_symlink path', (g, at) => g.call('path_symlink', ...g.text('text'), 3, at, 4)],
    ['path_link', (g, at) => g.call('path_link', 3, 0, ...g.text('file'), 3, at, 4)],
    ['path_rename', (g, at) => g.call('path_rename', 3, ...g.text('file'), 3, at, 4)],
    ['path_readlink path', (g, at) => g.call('path_readlink', 3, at, 4, 0x100, 10, 0x200)],
    ['path_readlink buffer', (g, at) => g.call('path_readlink', 3, ...g.text('file'), at, 10, 0x200)],
    ['path_filestat_set_times', (g, at) => g.call('path_filestat_set_times', 3, 0, at, 4, 0n, 0n, 0)],
    ['poll_oneoff in', (g, at) => g.call('poll_oneoff', at, 0x100, 1, 0x80)],
    ['poll_oneoff out', (g, at) => g.call('poll_oneoff', 0x100, at, 1, 0x80)],
    ['poll_oneoff result', (g, at) => g.call('poll_oneoff', 0x100, 0x200, 1, at)],
  ]

  it.each(calls)('%s', (_what, run) => {
    const guest = makeGuest()
    for (const at of bad) expect(run(guest, at), `address ${at}`).toBe('EFAULT')
  })

  it('counts and lengths that reach beyond the end', () => {
    const guest = makeGuest()
    guest.iovec(0x200, 0xffff_ffff)
    expect(guest.call('fd_read', 4, 0x80, 1, 0x100)).toBe('EFAULT')
    expect(guest.call('fd_write', 1, 0x80, 0xffff_ffff, 0x100)).toBe('EFAULT')
    expect(guest.call('random_get', 0x100, -1)).toBe('EFAULT')
    expect(guest.call('path_unlink_file', 3, 0x100, -1)).toBe('EFAULT')
    expect(guest.call('path_unlink_file', 3, 0x100, 5000)).toBe('ENAMETOOLONG')
    expect(guest.call('poll_oneoff', 0, 0, 0xffff_ffff, 0)).toBe('EFAULT')
    expect(guest.call('fd_readdir', 3, 0x100, -1, 0n, 0x80)).toBe('EFAULT')
    expect(guest.call('random_get', size, 0)).toBe('SUCCESS')
  })

  it('everything, before there is a memory', () => {
    using wasi = createWasi({ stdin: new Uint8Array(0), stdout: () => {}, stderr: () => {}, args: ['x'] })
    expect(errnoNames[wasi.functions.args_get?.call(0, 0) ?? 0]).toBe('EFAULT')
    expect(errnoNames[wasi.functions.clock_time_get?.call(0, 0n, 0) ?? 0]).toBe('EFAULT')
  })
})

describe('growth', () => {
  it('is seen by the next call, whether the buffer is replaced or detached', () => {
    const guest = makeGuest()
    expect(guest.call('clock_res_get', 0, size)).toBe('EFAULT')
    const old = guest.buffer
    guest.buffer = structuredClone(new ArrayBuffer(2 * size))
    structuredClone(old, { transfer: [old] })
    expect(old.byteLength).toBe(0)
    expect(guest.call('clock_res_get', 0, size)).toBe('SUCCESS')
    expect(guest.view.getBigUint64(size, true)).toBe(1n)
  })

  it('a shared memory that gets longer in place', () => {
    const guest = new FakeGuest()
    // Growable ones are younger than the library declarations in use.
    const shared: SharedArrayBuffer = Reflect.construct(SharedArrayBuffer, [
      size,
      { maxByteLength: 2 * size },
    ])
    const grow: unknown = Reflect.get(shared, 'grow')
    if (typeof grow !== 'function') throw new Error('no growable memory')
    guest.wasi.setMemory(() => shared)
    expect(guest.call('random_get', size, 8)).toBe('EFAULT')
    grow.call(shared, 2 * size)
    expect(guest.call('random_get', size, 8)).toBe('SUCCESS')
    const out = new Uint8Array(shared)
    out.set(new TextEncoder().encode('text'), 0x2000)
    new DataView(shared).setUint32(0x80, 0x2000, true)
    new DataView(shared).setUint32(0x84, 4, true)
    expect(guest.call('fd_write', 1, 0x80, 1, 0x100)).toBe('SUCCESS')
    expect(guest.call('path_unlink_file', 3, 0x2000, 4)).toBe('EBADF')
  })
})

describe('nonsense', () => {
  /** A small generator with a fixed start: failures can be repeated. */
  function generator(seed: number): () => number {
    let state = seed
    return () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state
    }
  }

  const words = [
    0,
    1,
    2,
    3,
    4,
    5,
    8,
    0x80,
    0x100,
    0x104,
    0x2000,
    size - 8,
    size,
    -1,
    0x7fff_ffff,
    -0x8000_0000,
  ]
  const longs = [0n, 1n, 2n, 100n, -1n, 2n ** 50n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n), 0x7fffn]

  it.each([1, 2, 3, 4, 5])('of every function, seed %d, is answered with a number', seed => {
    const next = generator(seed)
    const pick = <T>(from: readonly T[]): T => from[(next() >>> 8) % from.length]!
    const seen = new Set<number>()
    let guest = makeGuest()
    for (let round = 0; round < 4000; round++) {
      if (round % 200 === 0) {
        guest = makeGuest()
        const bytes = guest.bytes
        for (let i = 0; i < 0x400; i++) bytes[i] = pick([0, 0, 0, 1, 2, 3, 4, 46, 47, 97, 102, 255])
      }
      const { name, params } = pick(preview1)
      const args = params.map(type => (type === 'i64' ? pick(longs) : pick(words)))
      try {
        const errno = guest.wasi.functions[name]!.call(...args)
        expect(errno).toBeGreaterThanOrEqual(0)
        expect(errno).toBeLessThan(errnoNames.length)
        seen.add(errno)
      } catch (thrown) {
        if (!(thrown instanceof WasiExit)) throw new Error(`${name}(${args.join(', ')})`, { cause: thrown })
      }
    }
    expect(seen.size).toBeGreaterThan(5)
  })
})
