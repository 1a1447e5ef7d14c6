// The same walk where descriptors have no paths (no /proc, other systems): directories are named by their host path.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { pathOfDescriptor } from '../../src/wasi/fs.js'
import { FakeGuest, scratchFolder } from './fake-guest.js'

vi.mock('node:fs', async original => ({
  ...(await original<typeof import('node:fs')>()),
  existsSync: (path: string) => path !== '/proc/self/fd',
}))

describe('without paths of descriptors', () => {
  let folder: string
  let guest: FakeGuest

  beforeEach(() => {
    folder = scratchFolder()
    const box = join(folder, 'box')
    mkdirSync(join(box, 'a', 'b'), { recursive: true })
    writeFileSync(join(folder, 'secret'), 'secret')
    writeFileSync(join(box, 'a', 'file'), 'inside')
    symlinkSync('a/b/../file', join(box, 'link'))
    symlinkSync('../secret', join(box, 'up'))
    symlinkSync('..', join(box, 'updir'))
    symlinkSync(folder, join(box, 'absolute'))
    guest = new FakeGuest({ preopens: [{ host: box, guest: '/' }] })
  })

  it('is what is tested here', () => {
    expect(pathOfDescriptor(0)).toBeUndefined()
  })

  it.each(['a/file', 'link', 'a/b/../file', './a/../link'])('%s is found', path => {
    expect(guest.read(guest.mustOpen(path), 100)).toBe('inside')
  })

  it.each(['..', '../secret', '/a/file', 'up', 'updir/secret', 'absolute/secret', 'a/../../secret'])(
    '%s leads out',
    path => {
      expect(guest.open(path)).toBe('ENOTCAPABLE')
    },
  )

  it('directories are listed, files made, times set', () => {
    expect(
      guest
        .list(3, 2n, 0x1000)
        .entries.map(entry => entry.name)
        .sort(),
    ).toEqual(['a', 'absolute', 'link', 'up', 'updir'])
    const fd = guest.mustOpen('a/new', { oflags: 1, fdflags: 1 })
    expect(guest.write(fd, 'text')).toBe(4)
    expect(readFileSync(join(folder, 'box', 'a', 'new'), 'utf8')).toBe('text')
    expect(guest.call('fd_filestat_set_times', fd, 0n, 0n, 5)).toBe('SUCCESS')
    expect(guest.path('path_unlink_file', 'a/new')).toBe('SUCCESS')
  })

  it('flags of an open file cannot be changed, which is said', () => {
    const fd = guest.mustOpen('a/file')
    expect(guest.call('fd_fdstat_set_flags', fd, 4)).toBe('SUCCESS')
    expect(guest.call('fd_fdstat_set_flags', fd, 1)).toBe('ENOTSUP')
  })
})
