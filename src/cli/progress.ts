// A line on the terminal while something takes longer than people like to wait without a word.

import { basename } from 'node:path'
import type { Progress } from '../api/module.js'

/** Milliseconds before a line appears, and between its changes. */
const patience = 1000
const interval = 100

const eraseLine = '\r\x1b[2K'

/** Runs a compilation; if it takes more than a second and stderr is a terminal, shows how far it is. */
export async function withProgress<T>(path: string, run: (progress: Progress) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return run(() => {})
  const start = Date.now()
  let shown = 0
  const show = (done: number, total: number): void => {
    const now = Date.now()
    if (now - start < patience || now - shown < interval) return
    shown = now
    const percent = Math.floor((100 * done) / Math.max(total, 1))
    process.stderr.write(
      `${eraseLine}compiling ${basename(path)}: ${percent} % (${done} of ${total} functions)`,
    )
  }
  try {
    return await run(show)
  } finally {
    if (shown > 0) process.stderr.write(eraseLine)
  }
}
