// Removes the declarations that nobody can reach: the compiler writes one file for each source it has read, users see those
// that index.d.ts refers to, directly or not.
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Relative paths in `from '…'` and `import('…')`. */
const reference = /(?:from|import\()\s*'(\.[^']+)\.js'/g

function reachable(file, seen) {
  if (seen.has(file)) return
  seen.add(file)
  for (const [, path] of readFileSync(file, 'utf8').matchAll(reference))
    reachable(join(dirname(file), `${path}.d.ts`), seen)
}

function prune(folder, keep) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) prune(path, keep)
    else if (!keep.has(path)) rmSync(path)
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}

/** Keeps of the declarations in a folder those that its index.d.ts leads to. */
export function pruneTypes(folder) {
  const index = join(folder, 'index.d.ts')
  if (!existsSync(index)) throw new Error(`there is no ${index}`)
  const keep = new Set()
  reachable(index, keep)
  prune(folder, keep)
}
