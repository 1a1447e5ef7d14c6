// No path leads out of a preopened directory, whatever it is made of and whoever moves things meanwhile.

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { beforeEach, describe, expect, it } from 'vitest'
import { Follow, HostDirectory, withPlace } from '../../src/wasi/fs.js'
import { allRights, FakeGuest, scratchFolder } from './fake-guest.js'

// secret and out/ lie outside; the guest has box/ as `/`.
let folder: string
let box: string
let guest: FakeGuest

beforeEach(() => {
  folder = scratchFolder()
  box = join(folder, 'box')
  mkdirSync(join(box, 'a', 'b'), { recursive: true })
  mkdirSync(join(folder, 'out'))
  writeFileSync(join(folder, 'secret'), 'secret')
  writeFileSync(join(folder, 'out', 'file'), 'secret')
  writeFileSync(join(box, 'file'), 'inside')
  writeFileSync(join(box, 'a', 'file'), 'inside a')
  guest = new FakeGuest({ preopens: [{ host: box, guest: '/' }] })
})

const creat = 1
const directory = 2
const excl = 4
const trunc = 8

/** All rights but those that need a file open for writing, which no directory can be. */
const dirRights = allRights & ~0x40n

function openAndRead(path: string): string {
  const fd = guest.open(path, { rights: 0x2n })
  return typeof fd === 'string' ? fd : guest.read(fd, 100)
}

describe('paths that lead out', () => {
  beforeEach(() => {
    symlinkSync('../secret', join(box, 'up'))
    symlinkSync(join(folder, 'secret'), join(box, 'absolute'))
    symlinkSync('../out', join(box, 'updir'))
    symlinkSync(join(folder, 'out'), join(box, 'absdir'))
    symlinkSync('a/../../secret', join(box, 'detour'))
    symlinkSync('up', join(box, 'chain'))
    symlinkSync('..', join(box, 'a', 'parent'))
    symlinkSync('/', join(box, 'root'))
  })

  const escapes = [
    '/secret',
    '/file',
    '//file',
    '..',
    '../secret',
    '../box/file',
    './../secret',
    'a/../../secret',
    'a/b/../../../secret',
    'a/b/../../../box/file',
    'up',
    'absolute',
    'updir/file',
    'absdir/file',
    'detour',
    'chain',
    'a/parent/../secret',
    'a/parent/parent/..',
    'root/etc/passwd',
    'updir/../file',
    'updir/',
    'absdir/',
  ]

  it.each(escapes)('opening %s', path => {
    expect(guest.open(path)).toMatch(/ENOTCAPABLE|ENOENT/)
    if (path !== 'a/parent/parent/..') expect(guest.open(path)).toBe('ENOTCAPABLE')
    expect(guest.open(path, { oflags: creat })).toMatch(/ENOTCAPABLE|ENOENT/)
    expect(guest.open(path, { oflags: creat | trunc, follow: true })).toMatch(/ENOTCAPABLE|ENOENT/)
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret')
    expect(readdirSync(folder).sort()).toEqual(['box', 'out', 'secret'])
  })

  it.each(escapes)('asking about %s', path => {
    expect(guest.call('path_filestat_get', 3, 1, ...guest.text(path), 0x8000)).toMatch(/ENOTCAPABLE|ENOENT/)
    expect(guest.call('path_filestat_set_times', 3, 1, ...guest.text(path), 0n, 0n, 5)).toMatch(
      /ENOTCAPABLE|ENOENT/,
    )
    expect(statSync(join(folder, 'secret')).mtimeMs).toBeGreaterThan(0)
  })

  it.each(['../new', '/new', 'updir/new', 'absdir/new', 'a/../../new', 'root/tmp/new'])('making %s', path => {
    expect(guest.path('path_create_directory', path)).toBe('ENOTCAPABLE')
    expect(guest.open(path, { oflags: creat })).toBe('ENOTCAPABLE')
    expect(guest.open(path, { oflags: creat | excl })).toBe('ENOTCAPABLE')
    expect(guest.call('path_symlink', ...guest.text('file', 0x400), 3, ...guest.text(path))).toBe(
      'ENOTCAPABLE',
    )
    expect(guest.call('path_link', 3, 0, ...guest.text('file', 0x400), 3, ...guest.text(path))).toBe(
      'ENOTCAPABLE',
    )
    expect(guest.call('path_rename', 3, ...guest.text('file', 0x400), 3, ...guest.text(path))).toBe(
      'ENOTCAPABLE',
    )
    expect(existsSync(join(folder, 'new')) || existsSync(join(folder, 'out', 'new'))).toBe(false)
  })

  it.each(['../secret', 'updir/file', 'absdir/file'])('removing and taking in %s', path => {
    expect(guest.path('path_unlink_file', path)).toBe('ENOTCAPABLE')
    expect(guest.path('path_remove_directory', path)).toBe('ENOTCAPABLE')
    expect(guest.call('path_link', 3, 0, ...guest.text(path, 0x400), 3, ...guest.text('mine'))).toBe(
      'ENOTCAPABLE',
    )
    expect(guest.call('path_rename', 3, ...guest.text(path, 0x400), 3, ...guest.text('mine'))).toBe(
      'ENOTCAPABLE',
    )
    expect(guest.call('path_readlink', 3, ...guest.text(path), 0x4000, 100, 0x8000)).toBe('ENOTCAPABLE')
    expect(readFileSync(join(folder, 'out', 'file'), 'utf8')).toBe('secret')
  })

  it('hard links of links are the links themselves, and lead nowhere either', () => {
    guest.must('path_link', 3, 0, ...guest.text('absolute', 0x400), 3, ...guest.text('copy'))
    expect(readlinkSync(join(box, 'copy'))).toBe(join(folder, 'secret'))
    expect(guest.open('copy')).toBe('ENOTCAPABLE')
    expect(guest.call('path_link', 3, 1, ...guest.text('up', 0x400), 3, ...guest.text('mine'))).toBe(
      'ENOTCAPABLE',
    )
  })

  it('a link with a slash behind it is not removed, made or moved through', () => {
    expect(guest.path('path_remove_directory', 'updir/')).toBe('ENOTDIR')
    expect(guest.path('path_unlink_file', 'updir/')).toBe('ENOTDIR')
    expect(guest.path('path_create_directory', 'updir/')).toBe('EEXIST')
    expect(guest.call('path_rename', 3, ...guest.text('updir/', 0x400), 3, ...guest.text('x'))).toBe(
      'ENOTDIR',
    )
    expect(guest.call('path_rename', 3, ...guest.text('a', 0x400), 3, ...guest.text('updir/'))).toBe(
      'ENOTDIR',
    )
    expect(existsSync(join(folder, 'out', 'file'))).toBe(true)
  })

  it('links of processes lead nowhere when everything is open to the guest', () => {
    const all = new FakeGuest({ preopens: [{ host: '/', guest: '/' }] })
    const self = 'proc/self'
    const links = { root: `${self}/root`, cwd: `${self}/cwd` }
    expect(all.open(`${links.root}/etc`)).toBe('ENOTCAPABLE')
    expect(all.open(links.cwd)).toBe('ENOTCAPABLE')
    expect(all.open(`${self}/fd/0`)).not.toBe(0)
  })

  it('a directory opened below is a box of its own', () => {
    const a = guest.mustOpen('a', { oflags: directory, rights: dirRights })
    expect(guest.open('../file', { dir: a })).toBe('ENOTCAPABLE')
    expect(guest.open('parent/file', { dir: a })).toBe('ENOTCAPABLE')
    expect(guest.open('b/../file', { dir: a })).toBeTypeOf('number')
  })
})

describe('paths that stay inside', () => {
  it.each([
    ['file', 'inside'],
    ['./file', 'inside'],
    ['.//./file', 'inside'],
    ['a/../file', 'inside'],
    ['a/b/../../a/./b/.././file', 'inside a'],
    ['link', 'inside a'],
    ['links', 'inside a'],
    ['dirlink/file', 'inside a'],
    ['dirlink/b/../file', 'inside a'],
    ['a/b/back/file', 'inside'],
  ])('%s', (path, content) => {
    symlinkSync('a/file', join(box, 'link'))
    symlinkSync('./a/../link', join(box, 'links'))
    symlinkSync('a/b/..', join(box, 'dirlink'))
    symlinkSync('../..', join(box, 'a', 'b', 'back'))
    expect(openAndRead(path)).toBe(content)
  })

  it('a dangling link makes its target when followed, inside only', () => {
    symlinkSync('a/new', join(box, 'dangling'))
    symlinkSync('../new', join(box, 'danglingout'))
    expect(guest.open('dangling')).toBe('ENOENT')
    expect(guest.open('dangling', { oflags: creat, follow: false })).toBe('ELOOP')
    expect(guest.open('dangling', { oflags: creat | excl })).toBe('EEXIST')
    expect(guest.open('dangling', { oflags: creat })).toBeTypeOf('number')
    expect(existsSync(join(box, 'a', 'new'))).toBe(true)
    expect(guest.open('danglingout', { oflags: creat })).toBe('ENOTCAPABLE')
  })

  it('`..` goes to the parent of what a link leads to', () => {
    mkdirSync(join(box, 'x'))
    symlinkSync('../a/b', join(box, 'x', 'deep'))
    expect(openAndRead('x/deep/../file')).toBe('inside a')
  })
})

describe('links that go on', () => {
  it('loops of every length', () => {
    symlinkSync('self', join(box, 'self'))
    symlinkSync('two', join(box, 'one'))
    symlinkSync('one', join(box, 'two'))
    symlinkSync('grow/x', join(box, 'grow'))
    for (const path of ['self', 'one', 'self/x', 'one/x', 'grow', 'grow/y']) {
      expect(guest.open(path)).toBe('ELOOP')
      expect(guest.call('path_filestat_get', 3, 1, ...guest.text(path), 0x8000)).toBe('ELOOP')
    }
    expect(guest.call('path_filestat_get', 3, 0, ...guest.text('self'), 0x8000)).toBe('SUCCESS')
  })

  it('40 links are followed, 41 are not', () => {
    symlinkSync('file', join(box, 'link1'))
    for (let i = 2; i <= 41; i++) symlinkSync(`link${i - 1}`, join(box, `link${i}`))
    expect(openAndRead('link40')).toBe('inside')
    expect(guest.open('link41')).toBe('ELOOP')
  })
})

describe('the last component', () => {
  it('a slash behind it wants a directory', () => {
    symlinkSync('file', join(box, 'link'))
    symlinkSync('a', join(box, 'dirlink'))
    expect(guest.open('file/')).toBe('ENOTDIR')
    expect(guest.open('link/')).toBe('ENOTDIR')
    expect(guest.open('file/.')).toBe('ENOTDIR')
    expect(guest.open('file/..')).toBe('ENOTDIR')
    expect(guest.open('a/', { rights: 0x4000n })).toBeTypeOf('number')
    expect(guest.open('dirlink/', { rights: 0x4000n, follow: false })).toBeTypeOf('number')
    expect(guest.open('new/', { oflags: creat })).toBe('EISDIR')
    expect(guest.call('path_filestat_get', 3, 0, ...guest.text('file/'), 0x8000)).toBe('ENOTDIR')
    expect(guest.call('path_filestat_get', 3, 0, ...guest.text('dirlink/'), 0x8000)).toBe('SUCCESS')
    expect(guest.view.getUint8(0x8000 + 16)).toBe(3)
    expect(guest.path('path_unlink_file', 'file/')).toBe('ENOTDIR')
    expect(guest.path('path_create_directory', 'made/')).toBe('SUCCESS')
    expect(guest.path('path_remove_directory', 'made/')).toBe('SUCCESS')
  })

  it('of dots only is a directory that cannot be made or removed', () => {
    expect(guest.open('.', { rights: 0x4000n })).toBeTypeOf('number')
    expect(guest.open('a/..', { rights: 0x4000n })).toBeTypeOf('number')
    expect(guest.open('.', { oflags: creat })).toBe('EISDIR')
    expect(guest.path('path_create_directory', '.')).toBe('EEXIST')
    expect(guest.path('path_remove_directory', '.')).toBe('EINVAL')
    expect(guest.path('path_remove_directory', 'a/b/..')).toMatch(/EINVAL|ENOTEMPTY/)
    expect(guest.path('path_unlink_file', '.')).toBe('EISDIR')
    expect(guest.call('path_rename', 3, ...guest.text('.', 0x400), 3, ...guest.text('x'))).toBe('EBUSY')
  })
})

describe('paths that are no paths', () => {
  it('empty, with zero bytes, too long, not UTF-8', () => {
    expect(guest.open('')).toBe('ENOENT')
    expect(guest.open('file\0')).toBe('EINVAL')
    expect(guest.open('\0')).toBe('EINVAL')
    expect(guest.open('x'.repeat(256))).toBe('ENAMETOOLONG')
    expect(guest.open('x/'.repeat(2049))).toBe('ENAMETOOLONG')
    expect(guest.open('./'.repeat(2000))).toBeTypeOf('string')
    const broken = guest.text(Uint8Array.of(0x66, 0xff, 0xfe))
    expect(guest.call('path_create_directory', 3, ...broken)).toBe('EILSEQ')
    const surrogate = guest.text(Uint8Array.of(0xed, 0xa0, 0x80))
    expect(guest.call('path_unlink_file', 3, ...surrogate)).toBe('EILSEQ')
  })

  it('a byte order mark is part of a name', () => {
    expect(guest.path('path_create_directory', '\ufeffdir')).toBe('SUCCESS')
    expect(readdirSync(box)).toContain('\ufeffdir')
  })

  it('through a file', () => {
    expect(guest.open('file/x')).toBe('ENOTDIR')
    expect(guest.open('missing/x')).toBe('ENOENT')
    const fd = guest.mustOpen('file', { rights: 0x2n })
    expect(guest.open('x', { dir: fd })).toBe('ENOTDIR')
    expect(guest.open('x', { dir: 77 })).toBe('EBADF')
  })

  it('links are made with relative texts only', () => {
    const link = (text: string, path: string): string =>
      guest.call('path_symlink', ...guest.text(text, 0x400), 3, ...guest.text(path))
    expect(link('/etc/passwd', 'x')).toBe('ENOTCAPABLE')
    expect(link('', 'x')).toBe('ENOENT')
    expect(link('a\0b', 'x')).toBe('EINVAL')
    expect(link('../secret', 'x')).toBe('SUCCESS')
    expect(guest.open('x')).toBe('ENOTCAPABLE')
  })
})

describe('races', () => {
  it('a directory that is moved out while it is open stays the box', () => {
    const a = guest.mustOpen('a', { oflags: directory, rights: dirRights })
    renameSync(join(box, 'a'), join(folder, 'out', 'a'))
    expect(guest.open('../file', { dir: a })).toBe('ENOTCAPABLE')
    expect(guest.open('b/../../file', { dir: a })).toBe('ENOTCAPABLE')
    expect(guest.open('file', { dir: a, rights: 0x2n })).toBeTypeOf('number')
  })

  it('a directory that becomes a link between two steps is not followed', () => {
    const base = HostDirectory.openHost(box)
    try {
      withPlace(base, 'a/file', Follow.Never, place => {
        rmSync(join(box, 'a'), { recursive: true })
        symlinkSync('../out', join(box, 'a'))
        expect(existsSync(place.directory.at(place.name))).toBe(false)
      })
      expect(() => base.child('a')).toThrow(/ENOTDIR|ELOOP/)
    } finally {
      base.close()
    }
  })

  it('a worker that swaps a directory and a link all the time never gets a secret read', async () => {
    const source = `
      const { renameSync } = require('node:fs')
      const { workerData, parentPort } = require('node:worker_threads')
      const { flag, a, link, spare } = workerData
      parentPort.postMessage('started')
      while (Atomics.load(flag, 0) === 0) {
        renameSync(a, spare); renameSync(link, a); renameSync(a, link); renameSync(spare, a)
      }`
    symlinkSync('../out', join(box, 'swap'))
    const flag = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(source, {
      eval: true,
      workerData: { flag, a: join(box, 'a'), link: join(box, 'swap'), spare: join(box, 'spare') },
    })
    await new Promise(resolve => worker.once('message', resolve))
    const seen = new Map<string, number>()
    for (let i = 0; i < 3000; i++) {
      const result = openAndRead('a/file')
      seen.set(result, (seen.get(result) ?? 0) + 1)
      const fd = guest.open('a/file', { rights: 0x2n })
      if (typeof fd === 'number') guest.must('fd_close', fd)
      closeAll()
    }
    Atomics.store(flag, 0, 1)
    await worker.terminate()
    expect(
      [...seen.keys()].filter(key => !['inside a', 'ENOENT', 'ENOTDIR', 'ENOTCAPABLE'].includes(key)),
    ).toEqual([])
  })

  function closeAll(): void {
    for (let fd = 4; guest.call('fd_close', fd) === 'SUCCESS'; fd++);
  }
})

describe('what is not a plain file', () => {
  it('a read-only preopen lets nothing be changed', () => {
    const reader = new FakeGuest({ preopens: [{ host: box, guest: '/', readonly: true }] })
    expect(reader.open('file', { rights: 0x2n })).toBeTypeOf('number')
    expect(reader.open('file', { rights: 0x42n })).toBe('ENOTCAPABLE')
    expect(reader.open('new', { rights: 0x2n, oflags: creat })).toBe('ENOTCAPABLE')
    expect(reader.open('file', { rights: 0x2n, oflags: trunc })).toBe('ENOTCAPABLE')
    for (const name of ['path_create_directory', 'path_unlink_file', 'path_remove_directory']) {
      expect(reader.path(name, 'a')).toBe('ENOTCAPABLE')
    }
    expect(reader.call('path_rename', 3, ...reader.text('file', 0x400), 3, ...reader.text('x'))).toBe(
      'ENOTCAPABLE',
    )
    expect(reader.call('path_link', 3, 0, ...reader.text('file', 0x400), 3, ...reader.text('x'))).toBe(
      'ENOTCAPABLE',
    )
    expect(reader.call('path_symlink', ...reader.text('file', 0x400), 3, ...reader.text('x'))).toBe(
      'ENOTCAPABLE',
    )
    expect(reader.call('path_filestat_set_times', 3, 0, ...reader.text('file'), 0n, 0n, 5)).toBe(
      'ENOTCAPABLE',
    )
    const fd = reader.mustOpen('file', { rights: allRights & ~0x40n })
    expect(reader.call('fd_filestat_set_size', fd, 0n)).toBe('ENOTCAPABLE')
    expect(reader.call('fd_filestat_set_times', fd, 0n, 0n, 5)).toBe('ENOTCAPABLE')
    expect(reader.call('fd_allocate', fd, 0n, 100n)).toBe('ENOTCAPABLE')
    const a = reader.mustOpen('a', { oflags: directory, rights: dirRights })
    expect(reader.open('new', { dir: a, rights: 0x2n, oflags: creat })).toBe('ENOTCAPABLE')
    expect(readFileSync(join(box, 'file'), 'utf8')).toBe('inside')
  })

  it('a pipe in the directory works and cannot seek', () => {
    execFileSync('mkfifo', [join(box, 'pipe')])
    const fd = guest.mustOpen('pipe', { rights: 0x46n, fdflags: 4 })
    expect(guest.write(fd, 'through')).toBe(7)
    expect(guest.read(fd, 100)).toBe('through')
    expect(guest.read(fd, 100)).toBe('EAGAIN')
    expect(guest.long('fd_seek', fd, 0n, 0)).toBe('ESPIPE')
  })

  it('hard links and renames between preopens', () => {
    const other = join(folder, 'out')
    const two = new FakeGuest({
      preopens: [
        { host: box, guest: '/' },
        { host: other, guest: '/other' },
      ],
    })
    two.must('path_rename', 3, ...two.text('file', 0x400), 4, ...two.text('moved'))
    two.must('path_link', 4, 0, ...two.text('moved', 0x400), 3, ...two.text('again'))
    expect(readFileSync(join(box, 'again'), 'utf8')).toBe('inside')
    linkSync(join(other, 'moved'), join(other, 'third'))
    expect(statSync(join(box, 'again')).nlink).toBe(3)
  })
})
