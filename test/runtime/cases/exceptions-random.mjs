// Random programs with exceptions (../exception-programs.mjs): the host's engine, which knows the legacy instructions, and
// both forms of the program here do the same. GANTRY_SEED: where to start, GANTRY_PROGRAMS: how many.
import assert from 'node:assert/strict'
import { Engine, parseWat, Store, Tag, Trap, WasmException } from '../../../dist/index.js'
import { entryNames, makeHost, programOf, tags } from '../exception-programs.mjs'
import { compile, config, linker } from './support.mjs'

const first = Number(process.env.GANTRY_SEED ?? 1)
const count = Number(process.env.GANTRY_PROGRAMS ?? 24)
// Frames are large where nothing is kept in registers.
const engine = new Engine({ ...config, maxWasmStack: 64 << 20 })
const args = [0, 1, 7, -50, 123456]

/** Runs every entry of an engine's instance; the lines tell all that can be seen. */
function observe(machine, log) {
  const lines = []
  for (const name of entryNames) {
    for (const n of args) {
      machine.refuel()
      log.length = 0
      let outcome
      try {
        outcome = `value ${machine.call(name, n)}`
      } catch (error) {
        outcome = machine.describe(error)
      }
      lines.push(`${name}(${n}): ${outcome}; trace ${machine.trace()}; host ${log.join(',')}`)
    }
  }
  return lines
}

const show = payload => payload.map(String).join(' ')

function builtIn(text) {
  const log = []
  const host = {
    2: new WebAssembly.Tag({ parameters: tags[2] }),
    3: new WebAssembly.Tag({ parameters: tags[3] }),
  }
  let exports
  const all = () => [exports.t0, exports.t1, host[2], host[3]]
  const imports = {
    t2: host[2],
    t3: host[3],
    t4: host[3],
    host: makeHost({
      log,
      call: (f, n) => exports[`f${f}`](n),
      isException: e => e instanceof WebAssembly.Exception,
      raise(tag, payload) {
        throw new WebAssembly.Exception(host[tag], payload)
      },
    }),
  }
  exports = new WebAssembly.Instance(new WebAssembly.Module(parseWat(text)), { h: imports }).exports
  return observe(
    {
      call: (name, n) => exports[name](n),
      trace: () => exports.trace.value,
      refuel() {
        exports.fuel.value = 300
        exports.trace.value = 0n
      },
      describe(error) {
        if (error instanceof WebAssembly.RuntimeError) return 'trap'
        if (!(error instanceof WebAssembly.Exception)) return String(error)
        const tag = all().findIndex(t => error.is(t))
        return `exception ${tag}: ${show(tags[tag].map((_, i) => error.getArg(all()[tag], i)))}`
      },
    },
    log,
  )
}

function ours(text) {
  const log = []
  const names = linker(new Store(engine))
  const host = {
    2: Tag.create(names.store, { params: tags[2] }),
    3: Tag.create(names.store, { params: tags[3] }),
  }
  let i
  const run = makeHost({
    log,
    call: (f, n) => i.func(`f${f}`).call(n),
    isException: e => e instanceof WasmException,
    raise(tag, payload) {
      throw new WasmException(host[tag], payload)
    },
  })
  names.define('h', 't2', host[2]).define('h', 't3', host[3]).define('h', 't4', host[3])
  names.func('h', 'host', { params: ['i32'], results: ['i32'] }, run)
  i = names.instantiate(compile(text, engine))
  const all = [i.tag('t0'), i.tag('t1'), host[2], host[3]]
  const lines = observe(
    {
      call: (name, n) => i.func(name).call(n),
      trace: () => i.global('trace').value,
      refuel() {
        i.global('fuel').value = 300
        i.global('trace').value = 0n
      },
      describe(error) {
        if (error instanceof Trap) return 'trap'
        if (!(error instanceof WasmException)) throw error
        return `exception ${all.indexOf(error.tag)}: ${show(error.payload)}`
      },
    },
    log,
  )
  names.store.dispose()
  return lines
}

/** Compares line by line: the first difference says enough. */
function check(actual, expected, what) {
  actual.forEach((line, i) => {
    assert.equal(line, expected[i], what)
  })
}

for (let seed = first; seed < first + count; seed++) {
  const { legacy, modern } = programOf(seed)
  const expected = builtIn(legacy)
  check(ours(legacy), expected, `seed ${seed}, legacy`)
  if (modern !== undefined) check(ours(modern), expected, `seed ${seed}, try_table`)
}
