// Instructions that generated code executes, counted by callgrind: the same from run to run, so that a change of 1 % shows
// on a busy machine. One Node under callgrind runs all programs, one after the other (peers/counted.mjs); its perf map
// says where the code of each lies, and only what was executed there counts, by the addresses of callgrind's dump.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Config, Engine, Module } from '../src/index.js'
import type { BenchOptions } from './options.js'
import { type BenchProgram, benchPrograms, kernelNames } from './programs.js'
import { ours, type Result } from './results.js'

/** Callgrind is about 50 times slower: short programs. */
const shortPrograms = ['gimli', 'quicksort', 'xchacha20', 'keccak']

/** The least of all machines, so that counts are the same on every one. */
const machine: Config = { target: 'x86_64', cpuFeatures: [] }

/** Code of one program: [from, to) of addresses. */
interface Range {
  readonly from: number
  readonly to: number
  readonly program: number
}

function rangesOf(map: readonly string[], program: number): Range[] {
  return map.map(line => {
    const [from = '', size = ''] = line.split(' ')
    const start = Number.parseInt(from, 16)
    return { from: start, to: start + Number.parseInt(size, 16), program }
  })
}

/** The range that holds an address; ranges are ascending. */
function rangeAt(ranges: readonly Range[], address: number): Range | undefined {
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ranges[middle] as Range).from <= address) low = middle + 1
    else high = middle
  }
  const range = ranges[low - 1]
  return range !== undefined && address < range.to ? range : undefined
}

/** Costs by program; the dump has lines `0xADDRESS line cost`. */
function countWithin(dump: string, ranges: readonly Range[], programs: number): number[] {
  const ascending = [...ranges].sort((a, b) => a.from - b.from)
  const sums = new Array<number>(programs).fill(0)
  let calls = false
  for (const line of dump.split('\n')) {
    // The line after `calls=` is the cost of what was called.
    if (line.startsWith('0x') && !calls) {
      const [address = '', , cost = ''] = line.split(' ')
      const range = rangeAt(ascending, Number(address))
      if (range !== undefined) sums[range.program] = (sums[range.program] as number) + Number(cost)
    }
    calls = line.startsWith('calls=')
  }
  return sums
}

/** What peers/counted.mjs prints. */
interface Counted {
  readonly map: string
  readonly lines: readonly (readonly [from: number, to: number])[]
}

function runCounted(folder: string, programs: readonly BenchProgram[]): { counted: Counted; dump: string } {
  const engine = new Engine(machine)
  const requests = programs.map(({ name, bytes, dir, stdinFile, options }) => {
    const artifact = join(folder, `${name}.cwasm`)
    writeFileSync(artifact, Module.compileArtifactSync(engine, bytes))
    return { artifact, args: options.args, dir, stdin: stdinFile ?? null }
  })
  const dumpFile = join(folder, 'dump')
  const callgrind = [
    '--tool=callgrind',
    '--dump-instr=yes',
    '--compress-pos=no',
    '--smc-check=all-non-file',
    `--callgrind-out-file=${dumpFile}`,
  ]
  // V8's own compilers only cost time here.
  const node = [
    process.execPath,
    '--jitless',
    join('bench', 'peers', 'counted.mjs'),
    JSON.stringify(requests),
  ]
  const { status, stdout, stderr } = spawnSync('valgrind', [...callgrind, ...node], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`valgrind failed: ${stderr}`)
  return { counted: JSON.parse(stdout) as Counted, dump: readFileSync(dumpFile, 'latin1') }
}

function countPrograms(programs: readonly BenchProgram[]): number[] {
  const out = resolve('bench', 'out')
  mkdirSync(out, { recursive: true })
  const folder = mkdtempSync(join(out, 'instructions-'))
  try {
    const { counted, dump } = runCounted(folder, programs)
    const map = readFileSync(counted.map, 'latin1').split('\n')
    rmSync(counted.map)
    const ranges = counted.lines.flatMap(([from, to], i) => rangesOf(map.slice(from, to), i))
    return countWithin(dump, ranges, programs.length)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Counts for the programs of that name, by default short ones; quick: the kernels. Nothing where valgrind is absent. */
export async function benchInstructions(
  filter: readonly string[],
  { quick }: BenchOptions,
): Promise<Result[]> {
  if (spawnSync('valgrind', ['--version']).status !== 0) {
    console.log('instructions: skipped, valgrind is absent')
    return []
  }
  const usual = quick ? kernelNames : [...kernelNames, ...shortPrograms]
  const programs = benchPrograms(filter.length === 0 ? usual : filter)
  if (programs.length === 0) return []
  return countPrograms(programs).map((count, i) => ({
    suite: 'instructions',
    name: (programs[i] as BenchProgram).name,
    unit: 'instructions',
    values: { [ours]: count },
  }))
}
