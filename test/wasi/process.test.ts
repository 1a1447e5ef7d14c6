// Arguments, environment, clocks, randomness, ending, streams, waiting, and the error numbers themselves.

import { spawn, spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ByteBuffer } from '../../src/base/buffer.js'
import { GantryError } from '../../src/base/errors.js'
import { Errno, errnoNames, errnoOf, WasiError } from '../../src/wasi/errno.js'
import { WasiExit } from '../../src/wasi/exit.js'
import { createWasi } from '../../src/wasi/preview1.js'
import { FakeGuest, scratchFolder } from './fake-guest.js'

function pointers(guest: FakeGuest, at: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => guest.view.getUint32(at + 4 * i, true))
}

describe('strings', () => {
  it('arguments and environment lie one after the other with zero bytes', () => {
    const guest = new FakeGuest({ args: ['prog', '', 'zwei ä'], env: { A: '1', B: 'x=y', LEER: '' } })
    guest.must('args_sizes_get', 0x100, 0x104)
    expect(pointers(guest, 0x100, 2)).toEqual([3, 14])
    guest.must('args_get', 0x200, 0x300)
    expect(pointers(guest, 0x200, 3)).toEqual([0x300, 0x305, 0x306])
    expect(guest.string(0x300, 14)).toBe('prog\0\0zwei ä\0')
    guest.must('environ_sizes_get', 0x100, 0x104)
    expect(pointers(guest, 0x100, 2)).toEqual([3, 16])
    guest.must('environ_get', 0x200, 0x300)
    expect(guest.string(0x300, 16)).toBe('A=1\0B=x=y\0LEER=\0')
    const empty = new FakeGuest()
    empty.must('environ_sizes_get', 0x100, 0x104)
    expect(pointers(empty, 0x100, 2)).toEqual([0, 0])
  })

  it('that cannot be passed on are refused, with the value', () => {
    expect(() => createWasi({ args: ['a\0b'] })).toThrow(/zero byte: "a\\u0000b"/)
    expect(() => createWasi({ env: { 'A=B': 'x' } })).toThrow(/"A=B"/)
    expect(() => createWasi({ env: { '': 'x' } })).toThrow(GantryError)
    expect(() => createWasi({ preopens: [{ host: '/does/not/exist', guest: '/' }] })).toThrow(
      /cannot open the directory \/does\/not\/exist .*ENOENT/,
    )
    expect(() => createWasi({ preopens: [{ host: resolve('package.json'), guest: '/' }] })).toThrow(/ENOTDIR/)
  })
})

describe('clocks and randomness', () => {
  it('tell the host time, or the one that is given', () => {
    const guest = new FakeGuest()
    const now = guest.long('clock_time_get', 0, 0n)
    expect(Math.abs(Number(now) / 1e6 - Date.now())).toBeLessThan(10_000)
    const first = guest.long('clock_time_get', 1, 0n)
    const second = guest.long('clock_time_get', 1, 1n)
    expect(second >= first).toBe(true)
    expect(guest.long('clock_res_get', 0)).toBe(1_000_000n)
    expect(guest.long('clock_res_get', 1)).toBe(1n)
    expect(guest.long('clock_time_get', 2, 0n)).toBeGreaterThan(0n)
    expect(guest.long('clock_time_get', 4, 0n)).toBe('EINVAL')
    expect(guest.long('clock_res_get', -1)).toBe('EINVAL')
    const hasThreadClock = 'threadCpuUsage' in process
    expect(guest.call('clock_res_get', 3, 0x100)).toBe(hasThreadClock ? 'SUCCESS' : 'ENOTSUP')
    const fixed = new FakeGuest({ clocks: { realtime: () => 5n, monotonic: () => 7n } })
    expect([fixed.long('clock_time_get', 0, 0n), fixed.long('clock_time_get', 1, 0n)]).toEqual([5n, 7n])
  })

  it('random bytes fill exactly what is asked for', () => {
    let calls = 0
    const guest = new FakeGuest({ random: into => void into.fill(++calls) })
    guest.buffer = new ArrayBuffer(0x40000)
    guest.must('random_get', 0x101, 0x10001)
    expect([0x100, 0x101, 0x10100, 0x10101, 0x10102].map(at => guest.bytes[at])).toEqual([0, 1, 1, 2, 0])
    const host = new FakeGuest()
    host.must('random_get', 0x100, 64)
    expect(host.bytes.slice(0x100, 0x140).some(byte => byte !== 0)).toBe(true)
    host.must('random_get', 0x200, 0)
  })
})

describe('ending', () => {
  it('proc_exit and deadly signals throw, other signals do not', () => {
    const guest = new FakeGuest()
    const thrown = (name: string, code: number): unknown => {
      try {
        return guest.call(name, code)
      } catch (error) {
        return error
      }
    }
    const exit = thrown('proc_exit', 33)
    expect(exit).toBeInstanceOf(WasiExit)
    expect(exit).toMatchObject({ code: 33, signal: undefined })
    expect(thrown('proc_exit', -1)).toMatchObject({ code: 0xffff_ffff })
    expect(thrown('proc_raise', 6)).toMatchObject({ code: 134, signal: 'SIGABRT' })
    expect(thrown('proc_raise', 15)).toMatchObject({ code: 143, signal: 'SIGTERM' })
    expect(thrown('proc_raise', 0)).toBe('SUCCESS')
    expect(thrown('proc_raise', 16)).toBe('SUCCESS')
    expect(thrown('proc_raise', 18)).toBe('ENOTSUP')
    expect(thrown('proc_raise', 31)).toBe('EINVAL')
    expect(guest.call('sched_yield')).toBe('SUCCESS')
  })
})

describe('streams', () => {
  it('input from bytes, a function, a file, a pipe', () => {
    const bytes = new FakeGuest({ stdin: new TextEncoder().encode('hello') })
    expect([bytes.read(0, 3), bytes.read(0, 10), bytes.read(0, 10)]).toEqual(['hel', 'lo', ''])
    const pieces = ['one', 'two']
    const pulled = new FakeGuest({
      stdin: into => new TextEncoder().encodeInto(pieces.shift() ?? '', into).written,
    })
    expect([pulled.read(0, 10), pulled.read(0, 10), pulled.read(0, 10)]).toEqual(['one', 'two', ''])
    const wrong = new FakeGuest({ stdin: () => 11 })
    expect(() => wrong.read(0, 10)).toThrow(/from 0 to 10, got 11/)
    const path = join(scratchFolder(), 'input')
    writeFileSync(path, 'from a file')
    const fd = openSync(path, 'r')
    onTestFinished(() => closeSync(fd))
    const file = new FakeGuest({ stdin: fd })
    expect([file.read(0, 6), file.read(0, 10), file.read(0, 10)]).toEqual(['from a', ' file', ''])
    file.must('fd_fdstat_get', 0, 0x100)
    expect(file.view.getUint8(0x100)).toBe(4)
  })

  it('output to a buffer, a function, a file; pieces are the receiver’s to keep', () => {
    const buffer = new ByteBuffer()
    const kept: Uint8Array[] = []
    const guest = new FakeGuest({ stdout: buffer, stderr: piece => void kept.push(piece) })
    expect([guest.write(1, 'a'), guest.write(1, 'bc'), guest.write(2, 'x'), guest.write(2, 'y')]).toEqual([
      1, 2, 1, 1,
    ])
    expect(new TextDecoder().decode(buffer.toBytes())).toBe('abc')
    expect(kept.map(piece => new TextDecoder().decode(piece))).toEqual(['x', 'y'])
    const path = join(scratchFolder(), 'output')
    const fd = openSync(path, 'w')
    onTestFinished(() => closeSync(fd))
    writeSync(fd, 'before ')
    const file = new FakeGuest({ stdout: fd })
    file.write(1, 'text')
    file.must('fd_sync', 1)
    file.must('fd_datasync', 1)
    expect(readFileSync(path, 'utf8')).toBe('before text')
    expect(guest.read(1, 1)).toBe('EBADF')
    expect(guest.write(0, 'x')).toBe('EBADF')
  })

  it('errors of the host are errors of the guest, exceptions of a receiver travel on', () => {
    const full = openSync('/dev/full', 'w')
    onTestFinished(() => closeSync(full))
    expect(new FakeGuest({ stdout: full }).write(1, 'x')).toBe('ENOSPC')
    expect(new FakeGuest({ stdout: 99_999 }).write(1, 'x')).toBe('EBADF')
    const throwing = new FakeGuest({
      stdout: () => {
        throw new TypeError('mine')
      },
    })
    expect(() => throwing.write(1, 'x')).toThrow('mine')
  })

  it('have no position, size or place', () => {
    const guest = new FakeGuest()
    guest.iovec(0x200, 1)
    for (const fd of [0, 1, 2]) {
      expect(guest.long('fd_seek', fd, 0n, 1)).toBe('ESPIPE')
      expect(guest.long('fd_tell', fd)).toBe('ESPIPE')
      expect(guest.counted('fd_pread', fd, 0x80, 1, 0n)).toMatch(/ESPIPE|EBADF/)
      expect(guest.counted('fd_pwrite', fd, 0x80, 1, 0n)).toMatch(/ESPIPE|EBADF/)
      expect(guest.call('fd_allocate', fd, 0n, 1n)).toBe('ESPIPE')
      expect(guest.call('fd_filestat_set_size', fd, 0n)).toBe('ENOTCAPABLE')
      expect(guest.call('fd_filestat_get', fd, 0x100)).toBe('SUCCESS')
      expect(guest.call('fd_fdstat_set_flags', fd, 5)).toBe('SUCCESS')
      expect(guest.call('fd_fdstat_set_flags', fd, 16)).toBe('ENOTSUP')
    }
  })

  it('nothing of much output is lost in a pipe that is slow and does not block', async () => {
    const script = join(scratchFolder(), 'writer.mjs')
    await build({
      stdin: { contents: writer, resolveDir: resolve('.'), loader: 'ts' },
      outfile: script,
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'warning',
    })
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    let total = 0
    for await (const chunk of child.stdout) {
      total += chunk.length
      if (total < 2_000_000) await new Promise(wake => setTimeout(wake, 5))
    }
    expect(total).toBe(20 * 500_000)
  })

  const writer = `
    import { createWasi } from './src/wasi/preview1.ts'
    process.stdout.write('') // Node makes the pipe non-blocking
    const memory = new ArrayBuffer(1 << 20)
    const wasi = createWasi()
    wasi.setMemory(() => memory)
    const view = new DataView(memory)
    view.setUint32(0, 16, true)
    view.setUint32(4, 500_000, true)
    for (let i = 0; i < 20; i++) {
      if (wasi.functions.fd_write.call(1, 0, 1, 8) !== 0 || view.getUint32(8, true) !== 500_000) process.exit(1)
    }`
})

describe('waiting', () => {
  const inAt = 0x1000
  const outAt = 0x2000

  function clock(guest: FakeGuest, index: number, id: number, timeout: bigint, absolute = false): void {
    const at = inAt + 48 * index
    guest.bytes.fill(0, at, at + 48)
    guest.view.setBigUint64(at, BigInt(100 + index), true)
    guest.view.setUint32(at + 16, id, true)
    guest.view.setBigUint64(at + 24, timeout, true)
    guest.view.setUint16(at + 40, Number(absolute), true)
  }

  function descriptor(guest: FakeGuest, index: number, type: number, fd: number): void {
    const at = inAt + 48 * index
    guest.bytes.fill(0, at, at + 48)
    guest.view.setBigUint64(at, BigInt(100 + index), true)
    guest.view.setUint8(at + 8, type)
    guest.view.setUint32(at + 16, fd, true)
  }

  /** Events as [userdata, error, type, bytes, flags]. */
  function poll(guest: FakeGuest, count: number): (number | string)[][] | string {
    const events = guest.counted('poll_oneoff', inAt, outAt, count)
    if (typeof events === 'string') return events
    return Array.from({ length: events }, (_, i) => {
      const at = outAt + 32 * i
      return [
        Number(guest.view.getBigUint64(at, true)),
        errnoNames[guest.view.getUint16(at + 8, true)] ?? '?',
        guest.view.getUint8(at + 10),
        Number(guest.view.getBigUint64(at + 16, true)),
        guest.view.getUint16(at + 24, true),
      ]
    })
  }

  it('clocks, by duration and by time, without sleeping for real', () => {
    let now = 1000n
    const slept: bigint[] = []
    const guest = new FakeGuest({
      clocks: {
        realtime: () => now + 5000n,
        monotonic: () => now,
        sleep: nanoseconds => {
          slept.push(nanoseconds)
          now += nanoseconds
        },
      },
    })
    clock(guest, 0, 1, 500n)
    clock(guest, 1, 0, 300n)
    expect(poll(guest, 2)).toEqual([[101, 'SUCCESS', 0, 0, 0]])
    clock(guest, 0, 1, 1400n, true)
    clock(guest, 1, 0, 6400n, true)
    expect(poll(guest, 2)).toEqual([
      [100, 'SUCCESS', 0, 0, 0],
      [101, 'SUCCESS', 0, 0, 0],
    ])
    clock(guest, 0, 0, 1n, true)
    expect(poll(guest, 1)).toEqual([[100, 'SUCCESS', 0, 0, 0]])
    expect(slept).toEqual([300n, 100n])
  })

  it('clocks for real', () => {
    const guest = new FakeGuest()
    clock(guest, 0, 1, 30_000_000n)
    const before = process.hrtime.bigint()
    expect(poll(guest, 1)).toEqual([[100, 'SUCCESS', 0, 0, 0]])
    expect(process.hrtime.bigint() - before).toBeGreaterThanOrEqual(30_000_000n)
  })

  it('what is wrong with one is its event; what makes no sense fails the call', () => {
    const guest = new FakeGuest()
    clock(guest, 0, 9, 1n)
    clock(guest, 1, 2, 1n)
    descriptor(guest, 2, 1, 77)
    descriptor(guest, 3, 1, 1)
    descriptor(guest, 4, 2, 0)
    expect(poll(guest, 5)).toEqual([
      [100, 'EINVAL', 0, 0, 0],
      [101, 'ENOTSUP', 0, 0, 0],
      [102, 'EBADF', 1, 0, 0],
      [103, 'EBADF', 1, 0, 0],
      [104, 'EBADF', 2, 0, 0],
    ])
    expect(poll(guest, 0)).toBe('EINVAL')
    descriptor(guest, 1, 3, 0)
    expect(poll(guest, 2)).toBe('EINVAL')
    clock(guest, 0, 0, 1n)
    guest.view.setUint16(inAt + 40, 2, true)
    expect(poll(guest, 1)).toBe('EINVAL')
  })

  it('files and streams that are ready win over clocks', () => {
    const box = scratchFolder()
    writeFileSync(join(box, 'file'), 'content')
    const guest = new FakeGuest({ preopens: [{ host: box, guest: '/' }], stdin: new Uint8Array(3) })
    const fd = guest.mustOpen('file')
    guest.read(fd, 3)
    clock(guest, 0, 1, 10_000_000_000n)
    descriptor(guest, 1, 1, fd)
    descriptor(guest, 2, 2, 1)
    descriptor(guest, 3, 1, 0)
    descriptor(guest, 4, 1, 3)
    expect(poll(guest, 5)).toEqual([
      [101, 'SUCCESS', 1, 4, 0],
      [102, 'SUCCESS', 2, 65536, 0],
      [103, 'SUCCESS', 1, 3, 0],
      [104, 'EISDIR', 1, 0, 0],
    ])
    guest.read(0, 3)
    descriptor(guest, 0, 1, 0)
    expect(poll(guest, 1)).toEqual([[100, 'SUCCESS', 1, 0, 1]])
  })

  it('a pipe is ready when something is in it, and loses nothing by being asked', () => {
    const path = join(scratchFolder(), 'pipe')
    expect(spawnSync('mkfifo', [path]).status).toBe(0)
    const pipe = openSync(path, constants.O_RDWR)
    onTestFinished(() => closeSync(pipe))
    const guest = new FakeGuest({ stdin: pipe })
    clock(guest, 0, 1, 20_000_000n)
    descriptor(guest, 1, 1, 0)
    expect(poll(guest, 2)).toEqual([[100, 'SUCCESS', 0, 0, 0]])
    guest.must('fd_fdstat_set_flags', 0, 4)
    expect(guest.read(0, 10)).toBe('EAGAIN')
    writeSync(pipe, 'hello')
    clock(guest, 0, 1, 10_000_000_000n)
    expect(poll(guest, 2)).toEqual([[101, 'SUCCESS', 1, 1, 0]])
    guest.must('fd_fdstat_set_flags', 0, 0)
    expect(guest.read(0, 10) + guest.read(0, 10)).toBe('hello')
  })

  it('a pipe whose writer has gone hangs up', () => {
    const path = join(scratchFolder(), 'pipe')
    expect(spawnSync('mkfifo', [path]).status).toBe(0)
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    onTestFinished(() => closeSync(reader))
    const writer = openSync(path, 'w')
    writeSync(writer, 'x')
    closeSync(writer)
    const guest = new FakeGuest({ stdin: reader })
    descriptor(guest, 0, 1, 0)
    expect(poll(guest, 1)).toEqual([[100, 'SUCCESS', 1, 1, 0]])
    expect(guest.read(0, 10)).toBe('x')
    expect(poll(guest, 1)).toEqual([[100, 'SUCCESS', 1, 0, 1]])
    expect(guest.read(0, 10)).toBe('')
    expect(readSync(reader, new Uint8Array(1))).toBe(0)
  })

  it('events may be written over the subscriptions', () => {
    const guest = new FakeGuest({ stdin: new Uint8Array(1) })
    for (let i = 0; i < 5; i++) descriptor(guest, i, i % 2 === 0 ? 1 : 2, i % 2)
    expect(guest.counted('poll_oneoff', inAt, inAt, 5)).toBe(5)
    const userdata = [0, 1, 2, 3, 4].map(i => Number(guest.view.getBigUint64(inAt + 32 * i, true)))
    expect(userdata).toEqual([100, 101, 102, 103, 104])
  })
})

describe('error numbers', () => {
  it('have the names and values of the interface', () => {
    const some: Record<string, number> = {
      SUCCESS: 0,
      E2BIG: 1,
      EACCES: 2,
      EAGAIN: 6,
      EBADF: 8,
      EEXIST: 20,
      EFAULT: 21,
      EILSEQ: 25,
      EINVAL: 28,
      EISDIR: 31,
      ELOOP: 32,
      ENOENT: 44,
      ENOSPC: 51,
      ENOSYS: 52,
      ENOTDIR: 54,
      ENOTEMPTY: 55,
      ENOTSOCK: 57,
      ENOTSUP: 58,
      EPERM: 63,
      EPIPE: 64,
      ESPIPE: 70,
      EXDEV: 75,
      ENOTCAPABLE: 76,
    }
    expect(Object.fromEntries(Object.keys(some).map(name => [name, errnoNames.indexOf(name)]))).toEqual(some)
    expect(errnoNames).toHaveLength(77)
    const values: [string, Errno][] = [
      ['EFBIG', Errno.Fbig],
      ['EMFILE', Errno.Mfile],
      ['ENOTRECOVERABLE', Errno.NotRecoverable],
      ['EPROTOTYPE', Errno.ProtoType],
      ['ENOTCAPABLE', Errno.NotCapable],
    ]
    for (const [name, value] of values) expect(errnoNames[value]).toBe(name)
  })

  it('are found for errors of Node by their code, and for nothing else', () => {
    const system = (code: string): Error => Object.assign(new Error(code), { code, syscall: 'open' })
    errnoNames.forEach((name, number) => {
      if (number > 0) expect(errnoOf(system(name)), name).toBe(number)
    })
    expect(errnoOf(system('EOPNOTSUPP'))).toBe(Errno.NotSup)
    expect(errnoOf(system('ESOMETHING'))).toBe(Errno.Io)
    expect(errnoOf(new WasiError(Errno.Loop))).toBe(Errno.Loop)
    expect(errnoOf(new TypeError('x'))).toBeUndefined()
    expect(errnoOf(Object.assign(new RangeError('x'), { code: 'ERR_OUT_OF_RANGE' }))).toBeUndefined()
    expect(errnoOf(new WasiExit(1))).toBeUndefined()
    expect(errnoOf('text')).toBeUndefined()
    expect(new WasiError(Errno.Loop).message).toBe('ELOOP')
  })
})
