// The file from which Linux's perf takes names of code that belongs to no file: a line per function with its address and
// size in hexadecimal, and its name.

import { appendFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProfiledImage } from './code-profile.js'

/** Appends an image's functions to this process's map, `perf-PID.map` in the temporary directory. */
export function writePerfMap({ image, nameOf }: ProfiledImage): void {
  const lines = image.functions().map(f => {
    const address = (image.textAddress + f.offset).toString(16)
    return `${address} ${f.size.toString(16)} ${nameOf(f.space, f.index).replaceAll('\n', ' ')}\n`
  })
  appendFileSync(join(tmpdir(), `perf-${process.pid}.map`), lines.join(''))
}
