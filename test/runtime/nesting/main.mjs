// Random programs that nest calls of every kind over several modules and stores, against a model and, where it knows
// what they use, the host's engine.
//
//   node test/runtime/nesting/main.mjs [SEED [COUNT]]     runs COUNT programs from SEED on; GANTRY_CONFIGS=all: every
//                                                         program in every configuration, else in those it names
//   node test/runtime/nesting/main.mjs --show SEED        prints a program's modules
//
// Each program runs every function with several arguments; each run's outcome, globals and log of host calls must be what
// the model says, line by line.
import assert from 'node:assert/strict'
import { writeSync } from 'node:fs'
import { Model } from './model.mjs'
import { programOf } from './program.mjs'
import { sessionOf } from './session.mjs'
import { moduleText } from './text.mjs'
import { configurations, entryArguments, signatures, valueFor } from './types.mjs'
import { BuiltIn, binariesOf, Gantry } from './worlds.mjs'

/** One run: what can be seen of it. */
function runEntry(world, module, index, n) {
  const { host } = world
  const { params } = signatures[module.functions[index].signature]
  const args = params.map(type => valueFor(type, n, { exnref: null, externref: host.pick(n) }))
  world.refuel()
  host.clear()
  let outcome
  try {
    outcome = `values ${world.call(module.index, index, args).join(' ')}`
  } catch (error) {
    outcome = host.describe(error)
  }
  const name = `m${module.index}.f${index}(${n})`
  return `${name}: ${outcome}; ${world.state()}\n  ${host.log.join('\n  ')}`
}

function* linesOf(world) {
  for (const module of world.program.modules) {
    for (let index = 0; index < module.functions.length; index++) {
      for (const n of entryArguments) yield runEntry(world, module, index, n)
    }
  }
}

async function compare(actual, expected, what) {
  const wanted = expected[Symbol.asyncIterator]?.() ?? expected
  for await (const line of actual) assert.equal(line, (await wanted.next()).value, what)
}

/** Configurations of the stores: those that the program names, or every one for all of them. */
function configsOf({ stores }) {
  if (process.env.GANTRY_CONFIGS !== 'all') return [stores.map(s => s.config)]
  return Array.from({ length: configurations }, (_, i) => stores.map(() => i))
}

async function checkHere(tree, binaries, configs) {
  const program = { ...tree, stores: configs.map(config => ({ config })) }
  const what = `seed ${tree.seed}, configurations ${configs.join(' ')}`
  const world = new Gantry(program, binaries)
  await compare(linesOf(world), linesOf(new Model(program)), what)
  world.end()
  if (program.plain) return
  const waiting = { ...program, waits: true }
  const session = new Gantry(waiting, binaries)
  await compare(sessionOf(session), sessionOf(new Model(waiting)), `${what}, asynchronous`)
  session.end()
}

/** Does the host's engine know the program, too? */
async function check(seed) {
  const program = programOf(seed)
  const binaries = binariesOf(program)
  for (const configs of configsOf(program)) await checkHere(program, binaries, configs)
  if (!program.plain || !BuiltIn.knows(binaries)) return false
  const builtIn = new BuiltIn(program, binaries)
  await compare(
    linesOf(builtIn),
    linesOf(new Model(program, { coarse: true })),
    `seed ${seed}, the host's engine`,
  )
  return true
}

function show(seed) {
  const program = programOf(seed)
  for (const module of program.modules) console.log(moduleText(module, program.plain))
}

async function main([first = process.env.GANTRY_SEED ?? 1, count = process.env.GANTRY_RANDOM_COUNT ?? 24]) {
  let known = 0
  for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
    // Written before, because what is looked for may be a crash.
    writeSync(1, `seed ${seed}\n`)
    if (await check(seed)) known++
  }
  console.log(`${count} programs from seed ${first}; the host's engine runs ${known} of them`)
}

const [option, ...rest] = process.argv.slice(2)
if (option === '--show') show(Number(rest[0]))
else await main(process.argv.slice(2))
