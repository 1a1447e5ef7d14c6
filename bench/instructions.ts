// Instructions that generated code executes, counted by callgrind: the same from run to run, so that a change of 1 % shows
// on a busy machine. Node itself runs under it; `gantry run --profile perfmap` says where our code lies, and only what was
// executed there counts, by the addresses of the dump.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { BenchOptions } from './options.js'
import { type BenchProgram, benchPrograms } from './programs.js'
import { ours, type Result } from './results.js'

/** Callgrind is about 50 times slower: short programs. */
const kernels = ['gimli', 'heapsort', 'minicsv', 'quicksort', 'xchacha20', 'keccak']
const quickKernels = ['gimli']

const gantry = join('dist', 'cli.js')

interface Range {
  readonly from: number
  readonly to: number
}

/** Where perf looks for names of generated code. */
const mapOf = (pid: string): string => join(tmpdir(), `perf-${pid}.map`)

function rangesOf(map: string): Range[] {
  return map.split('\n').flatMap(line => {
    const [from = '', size = ''] = line.split(' ')
    const start = Number.parseInt(from, 16)
    return Number.isNaN(start) ? [] : [{ from: start, to: start + Number.parseInt(size, 16) }]
  })
}

/** Sum of costs of instructions between the lowest and the highest address; the dump has `0xADDRESS line cost`. */
function countWithin(dump: string, ranges: readonly Range[]): number {
  const from = Math.min(...ranges.map(r => r.from))
  const to = Math.max(...ranges.map(r => r.to))
  let sum = 0
  let calls = false
  for (const line of dump.split('\n')) {
    // The line after `calls=` is the cost of what was called.
    if (line.startsWith('0x') && !calls) {
      const [address = '', , cost = ''] = line.split(' ')
      const at = Number(address)
      if (at >= from && at < to) sum += Number(cost)
    }
    calls = line.startsWith('calls=')
  }
  return sum
}

function run(command: string, args: readonly string[], input?: Uint8Array): void {
  const { status, stderr } = spawnSync(command, args, {
    input: input ?? '',
    stdio: ['pipe', 'ignore', 'pipe'],
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`${command} ${args[0]} failed: ${stderr}`)
}

function countProgram({ name, file, dir, options }: BenchProgram, folder: string): number {
  const artifact = join(folder, `${name}.cwasm`)
  const dumpFile = join(folder, `${name}.callgrind`)
  const [, ...args] = options.args ?? []
  run(process.execPath, [gantry, 'compile', '--cpu', 'baseline', '-o', artifact, file])
  const callgrind = [
    '--tool=callgrind',
    '--dump-instr=yes',
    '--compress-pos=no',
    '--smc-check=all-non-file',
    `--callgrind-out-file=${dumpFile}`,
  ]
  const guest = ['run', '--profile', 'perfmap', '--unknown-imports-default', '--dir', `${dir}::.`, artifact]
  run('valgrind', [...callgrind, process.execPath, gantry, ...guest, ...args], options.stdin as Uint8Array)
  const dump = readFileSync(dumpFile, 'latin1')
  const [, pid = ''] = /^pid: (\d+)/m.exec(dump) ?? []
  const map = mapOf(pid)
  const count = countWithin(dump, rangesOf(readFileSync(map, 'utf8')))
  for (const path of [artifact, dumpFile, map]) rmSync(path)
  return count
}

/** Counts for the programs of that name, by default some short ones. Nothing where valgrind is absent. */
export async function benchInstructions(
  filter: readonly string[],
  { quick }: BenchOptions,
): Promise<Result[]> {
  if (spawnSync('valgrind', ['--version']).status !== 0) {
    console.log('instructions: skipped, valgrind is absent')
    return []
  }
  const folder = resolve('bench', 'out')
  mkdirSync(folder, { recursive: true })
  const usual = quick ? quickKernels : kernels
  return benchPrograms(filter.length === 0 ? usual : filter).map(program => ({
    suite: 'instructions',
    name: program.name,
    unit: 'instructions',
    values: { [ours]: countProgram(program, folder) },
  }))
}
