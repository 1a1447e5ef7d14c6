// npm run bench: gantry beside other engines, interleaved, medians and ratios. See README.md here.

import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { type BenchOptions, readOptions } from './options.js'
import type { Result } from './results.js'

// What stands beside us in this process is V8's optimised code.
setFlagsFromString('--no-liftoff')

/** A suite: what it measures, or undefined if it prints a table of its own. */
type Suite = (words: readonly string[], options: BenchOptions) => Promise<Result[] | undefined>

const suites: Readonly<Record<string, Suite>> = {
  run: async (words, options) => (await import('./run.js')).benchRun(words, options),
  call: async (_, options) => (await import('./call.js')).benchCalls(options),
  trap: async (_, options) => (await import('./trap.js')).benchTraps(options),
  suspension: async (_, options) => (await import('./suspension.js')).benchSuspension(options),
  exceptions: async (_, options) => (await import('./exceptions.js')).benchExceptions(options),
  compile: async (words, options) => (await import('./compile.js')).benchCompile(words, options),
  linear: async (_, options) => (await import('./linear.js')).benchLinear(options),
  size: async (words, options) => (await import('./run.js')).benchSize(words, options),
  instructions: async (words, options) =>
    (await import('./instructions.js')).benchInstructions(words, options),
  // configs none/single_pass:speed/linear_scan [PROGRAM…]
  configs: async ([pair = '', ...programs]) => {
    await (await import('./run.js')).benchConfigs(pair, programs)
    return undefined
  },
  // config KEY=VALUE [PROGRAM…]
  config: async ([setting, ...programs]) => {
    const { benchConfig } = await import('./config.js')
    const settings = setting === undefined ? ['signalsBasedTraps=false', 'trapStyle=illegal'] : [setting]
    for (const s of settings) benchConfig(s, programs)
    return undefined
  },
}

/** Callgrind takes a minute and more: on demand. */
const usual = ['run', 'size', 'call', 'trap', 'suspension', 'exceptions', 'compile']

async function measure(options: BenchOptions): Promise<Result[]> {
  const { printTables } = await import('./tables.js')
  const [name, ...words] = options.words
  const results: Result[] = []
  for (const wanted of name === undefined ? usual : name.split(',')) {
    const suite = suites[wanted]
    if (suite === undefined)
      throw new TypeError(`there is no benchmark ${wanted}; there are ${Object.keys(suites).join(', ')}`)
    const found = await suite(words, options)
    if (found === undefined) continue
    if (!options.markdown) printTables(found)
    results.push(...found)
  }
  return results
}

/** Where and when. */
function about(): string {
  const processor = cpus()[0]?.model ?? 'unknown processor'
  const date = new Date().toISOString().slice(0, 10)
  return `${date}, ${processor}, ${cpus().length} cores, Node ${process.version}, V8 ${process.versions.v8}`
}

/** The bars are about all programs: the quick form does not tell. */
async function checkBars(results: readonly Result[]): Promise<boolean> {
  const bars = (await import('./bars.js')).checkBars(results)
  for (const { name, value, limit, met } of bars) {
    const verdict = value === undefined ? '?     ' : met ? 'met   ' : 'MISSED'
    console.log(`${verdict} ${name}: ${value?.toFixed(2) ?? 'not measured'}, ${limit}`)
  }
  return bars.every(b => b.met)
}

/** Prints what fails; true if nothing does. */
async function check(results: readonly Result[], quick: boolean): Promise<boolean> {
  const { readBaselines, withoutBaseline, worseThan } = await import('./baselines.js')
  const baselines = readBaselines()
  const unknown = withoutBaseline(baselines, results)
  if (unknown.length > 0) console.log(`without a baseline: ${unknown.join(', ')}`)
  const worse = worseThan(baselines, results, quick)
  for (const line of worse) console.log(`WORSE  ${line}`)
  const barsMet = quick || (await checkBars(results))
  if (worse.length === 0) console.log('nothing is worse than its baseline')
  else
    console.log(
      'if that is meant to be: the same command with --update instead of --check, on a quiet machine',
    )
  return worse.length === 0 && barsMet
}

async function main(options: BenchOptions): Promise<void> {
  const results = await measure(options)
  if (results.length === 0) return
  if (options.markdown) console.log(`${about()}\n\n${(await import('./tables.js')).markdownOf(results)}`)
  const out = join('bench', 'out')
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'index.html'), (await import('./html.js')).htmlOf(results, about()))
  writeFileSync(join(out, 'results.json'), `${JSON.stringify({ about: about(), results }, null, 2)}\n`)
  if (options.update) (await import('./baselines.js')).updateBaselines(results)
  if (options.check && !(await check(results, options.quick))) process.exitCode = 1
}

try {
  await main(readOptions(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof TypeError)) throw error
  console.error(error.message)
  process.exitCode = 2
}
