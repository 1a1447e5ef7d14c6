// Checks the house rules that a compiler does not: folders import only from folders before them, no cycles, and reports
// files and functions over their limits. node tools/run.mjs tools/check-structure.ts

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Rooms in order: a file imports only from its own room and from rooms before it. */
const rooms = [
  'base',
  'dwarf',
  'config.ts',
  'version.ts',
  'ir',
  'vm-layout.ts',
  'wasm',
  'wasm/text',
  'backend/code-chunk.ts',
  'frontend',
  'opt',
  'asm',
  'backend/regalloc',
  'backend',
  'backend/x64',
  'object',
  'shim',
  'compile',
  'runtime',
  'api',
  'worker.ts',
  'wasi',
  'index.ts',
  'wast',
  'cli',
] as const

const maxFileLines = 700
const maxFunctionLines = 80
/** Tables may be long; everything else wants a second room. */
const tables = /^(wasm\/opcodes|asm\/x64\/rowids|asm\/x64\/rows-|ir\/ops)/

const root = 'src'

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesUnder(path) : path.endsWith('.ts') ? [path] : []
  })
}

/** The room of a path: the longest prefix among the rooms. */
function roomOf(path: string): number {
  let best = -1
  rooms.forEach((room, i) => {
    const inside = path === room || path.startsWith(`${room}/`)
    if (inside && (best < 0 || room.length > (rooms[best] as string).length)) best = i
  })
  return best
}

interface Import {
  readonly target: string
  readonly typeOnly: boolean
}

function importsOf(path: string, text: string): Import[] {
  const found: Import[] = []
  for (const m of text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'/gms)) {
    const target = relative(root, join(dirname(path), (m[2] as string).replace(/\.js$/, '.ts')))
    found.push({ target, typeOnly: m[1] !== undefined })
  }
  return found
}

/** Lines of each function that is longer than allowed, by brace depth of lines that open one. */
function longFunctions(text: string): string[] {
  const found: string[] = []
  const lines = text.split('\n')
  lines.forEach((line, i) => {
    const opens =
      /^(\s*)(?:export |private |static |async |public |protected )*(?:function\*? )?([A-Za-z_]\w*)\s*(?:<[^>]*>)?\(.*\{$/.exec(
        line,
      )
    if (opens === null || /^\s*(if|for|while|switch|return|const|else|catch)\b/.test(line)) return
    const end = lines.indexOf(`${opens[1]}}`, i)
    if (end - i > maxFunctionLines) found.push(`${opens[2]} has ${end - i} lines`)
  })
  return found
}

const problems: string[] = []
const graph = new Map<string, string[]>()
for (const path of filesUnder(root)) {
  const name = relative(root, path)
  const text = readFileSync(path, 'utf8')
  const from = roomOf(name)
  if (from < 0) problems.push(`${name}: in no room`)
  const imports = importsOf(path, text)
  graph.set(
    name,
    imports.filter(i => !i.typeOnly).map(i => i.target),
  )
  for (const { target } of imports) {
    const to = roomOf(target)
    if (to > from) problems.push(`${name}: imports ${target}, which lies later`)
  }
  const lines = text.split('\n').length
  if (lines > maxFileLines && !tables.test(name)) problems.push(`${name}: ${lines} lines`)
  if (!tables.test(name)) for (const f of longFunctions(text)) problems.push(`${name}: ${f}`)
}

/** Reports one cycle through each file that is on one. */
function findCycles(): void {
  const state = new Map<string, 'open' | 'done'>()
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      problems.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`)
      return
    }
    state.set(file, 'open')
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    state.set(file, 'done')
  }
  for (const file of graph.keys()) visit(file, [])
}
findCycles()

for (const problem of problems) console.error(problem)
console.log(`${graph.size} files, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0
