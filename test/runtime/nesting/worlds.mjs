// Programs in engines: this one, and the host's own where it knows all that the program uses. Both offer what host.mjs
// asks of a world.

import assert from 'node:assert/strict'
import { setImmediate as tick } from 'node:timers/promises'
import {
  Engine,
  Func,
  Global,
  Linker,
  Module,
  parseWat,
  Store,
  Table,
  Tag,
  Trap,
  WasmException,
  wasmFrames,
} from '../../../dist/index.js'
import { Host } from './host.mjs'
import { moduleText } from './text.mjs'
import { hostTags, limits, signatures } from './types.mjs'

/** Ways to trap. */
const trapConfigs = [
  { signalsBasedTraps: true, trapStyle: 'jump' },
  { signalsBasedTraps: false, trapStyle: 'jump' },
  { signalsBasedTraps: true, trapStyle: 'illegal' },
  { signalsBasedTraps: true, trapStyle: 'jump', interruption: 'checks' },
]

/** The configuration of a number below `configurations`. */
function configOf(number, inlining) {
  return {
    inlining,
    optLevel: number & 1 ? 'none' : 'speed',
    regalloc: number & 2 ? 'single_pass' : 'linear_scan',
    ...trapConfigs[number >> 2],
    checkRegalloc: true,
    // Stores of one program have limits of their own.
    maxWasmStack: (16 + (number & 3) * 8) << 20,
  }
}

const engines = new Map()

/** Programs with odd seeds are compiled without inlining. */
function engineOf(number, seed) {
  const inlining = seed % 2 === 0
  const key = `${number} ${inlining}`
  if (!engines.has(key)) engines.set(key, new Engine(configOf(number, inlining)))
  return engines.get(key)
}

/** First bytes of the instruction at an offset that fit a frame: the calls, and what traps. */
const callOpcodes = [0x10, 0x11, 0x12, 0x13, 0x14, 0x15]

/** Results of a host function, as engines want them. */
function handOver(signature, results) {
  if (results instanceof Promise) {
    const handed = results.then(list => handOver(signature, list))
    // If it goes to a synchronous call, nobody waits for it.
    handed.catch(() => {})
    return handed
  }
  if (signatures[signature].results.length > 1) return results
  return Array.isArray(results) ? results[0] : results.single
}

/** The binaries of a program's modules. */
export function binariesOf(program) {
  return program.modules.map(module => parseWat(moduleText(module, program.plain)))
}

/** Modules by binary and engine. */
const modules = new WeakMap()

function compiled(binary, engine) {
  if (!modules.has(binary)) modules.set(binary, new Map())
  const known = modules.get(binary)
  if (!known.has(engine)) known.set(engine, Module.compileSync(engine, binary))
  return known.get(engine)
}

/** A program in this engine. */
export class Gantry {
  constructor(program, binaries, configs = program.stores.map(s => s.config)) {
    this.program = program
    this.binaries = binaries
    this.host = new Host(program, this)
    this.engines = configs.map(number => engineOf(number, program.seed))
    this.stores = this.engines.map(engine => new Store(engine))
    this.tags = new Map()
    this.typed = new Map()
    this.shared = this.stores.map((store, index) => this.makeShared(store, index))
    this.instances = []
    for (const module of program.modules) this.instances.push(this.instantiate(module))
  }

  makeShared(store, index) {
    hostTags.forEach((params, i) => {
      this.tags.set(`s${index}.h${i}`, Tag.create(store, { params }))
    })
    return {
      functions: Table.create(store, { element: 'funcref', min: limits.table }),
      calls: Global.create(store, { type: 'i32', mutable: true }, 0),
      trace: Global.create(store, { type: 'i64', mutable: true }, 0n),
    }
  }

  instantiate(module) {
    const store = this.stores[module.store]
    const { functions, calls, trace } = this.shared[module.store]
    const linker = new Linker(store)
    linker.define('h', 'table', functions).define('h', 'calls', calls).define('h', 'trace', trace)
    hostTags.forEach((_, i) => {
      linker.define('h', `t${i}`, this.tags.get(`s${module.store}.h${i}`))
    })
    for (const { host } of module.hosts) {
      const act = (...args) => {
        this.collect()
        return handOver(host, this.host.act(module.index, host, args))
      }
      linker.define('h', `f${host}`, Func.wrap(store, signatures[host], act))
    }
    linker.func('h', 'pick', { params: ['i32'], results: ['externref'] }, n => this.host.pick(n))
    linker.func('h', 'look', { params: ['externref'], results: ['i32'] }, r => this.host.look(r))
    linker.func('h', 'see', { params: ['exnref'], results: ['exnref'] }, e => this.host.see(e))
    for (const m of this.program.modules) {
      if (m.store === module.store && m.index < module.index) {
        linker.instance(`m${m.index}`, this.instances[m.index])
      }
    }
    const instance = linker.instantiate(compiled(this.binaries[module.index], this.engines[module.store]))
    for (const i of [0, 1]) this.tags.set(`m${module.index}.d${i}`, instance.tag(`d${i}`))
    return instance
  }

  /** Drops references that nothing holds, in every other program: a host call may bring that on, at worst always. */
  collect() {
    if (this.program.seed % 2 === 0) return
    this.stores.forEach((store, index) => {
      if (!this.host.disposed.has(index)) store.externs.collect()
    })
  }

  live() {
    return this.shared.filter((_, store) => !this.host.disposed.has(store))
  }

  refuel() {
    for (const { calls, trace } of this.live()) {
      calls.value = limits.calls
      trace.value = 0n
    }
  }

  state() {
    return this.live()
      .map(s => s.trace.value)
      .join(' ')
  }

  func(module, index) {
    return this.instances[module].func(`f${index}`)
  }

  /** Half of the functions are called by way of their types. */
  call(module, index, args) {
    const func = this.func(module, index)
    if (index % 2 === 0) return listOf(func.call(...args))
    if (!this.typed.has(func)) {
      this.typed.set(func, func.typed(signatures[this.program.modules[module].functions[index].signature]))
    }
    return listOf(this.typed.get(func)(...args))
  }

  exception(tag, payload) {
    return new WasmException(this.tags.get(tag), payload)
  }

  isException(value) {
    return value instanceof WasmException
  }

  describe(error, show) {
    if (error instanceof WasmException) {
      const [name] = [...this.tags].find(([, tag]) => error.is(tag)) ?? ['unknown tag']
      this.checkFrames(error, [0x08, 0x0a, 0x09])
      return `exception ${name} (${error.payload.map(show).join(' ')}) [${frameTexts(error)}]`
    }
    if (!(error instanceof Trap)) return `${error.name} [${frameTexts({ frames: wasmFrames(error) })}]`
    this.checkFrames(error, undefined)
    const at = error.memory === undefined ? '' : ` at ${error.memory.address} of ${error.memory.memorySize}`
    return `trap ${error.code}${at} [${frameTexts(error)}]`
  }

  /**
   * Outer frames are at calls; the innermost one of an exception is at a call or a throw; a stack overflows where a function
   * begins, whatever is there.
   */
  checkFrames({ frames, stack }, innermost) {
    assert.equal(typeof stack, 'string')
    frames.forEach((frame, i) => {
      const bytes = this.binaries[Number(frame.moduleName.slice(1))]
      const opcode = bytes[frame.moduleOffset]
      const where = `frame ${i} ${frame.funcName} at ${frame.moduleOffset}: opcode 0x${opcode?.toString(16)}`
      assert.ok(frame.moduleOffset > 0 && frame.funcOffset > 0, where)
      if (i > 0) assert.ok(callOpcodes.includes(opcode), where)
      else if (innermost) assert.ok([...innermost, ...callOpcodes].includes(opcode), where)
    })
  }

  wait(become) {
    const waiting = { become }
    waiting.promise = new Promise((resolve, reject) => Object.assign(waiting, { resolve, reject }))
    this.host.pending.push(waiting)
    return waiting.promise
  }

  /** Begins an asynchronous activation; `ended` gets a function that returns its results or throws. */
  start(module, index, args, ended) {
    this.func(module, index)
      .callAsync(...args)
      .then(
        results => ended(() => listOf(results)),
        error =>
          ended(() => {
            throw error
          }),
      )
  }

  /** Settles what `wait` made, and lets everything run that this brings about. */
  async settle({ become, resolve, reject }) {
    try {
      resolve(become())
    } catch (error) {
      reject(error)
    }
    await this.rest()
  }

  /** Until all is quiet. */
  rest() {
    return tick()
  }

  async disposeStore(store) {
    this.stores[store].dispose()
    await this.rest()
  }

  setSlot(store, slot, module, index) {
    this.shared[store].functions.set(slot, index === undefined ? null : this.func(module, index))
  }

  kept(module) {
    return this.instances[module].global('kept').value
  }

  setKept(module, exception) {
    this.instances[module].global('kept').value = exception
  }

  grow(module) {
    return growMemory(this.instances[module].memory('memory'))
  }

  dispose(store) {
    this.stores[store].dispose()
  }

  end() {
    this.stores.forEach((store, index) => {
      if (this.host.disposed.has(index)) return
      assert.equal(store.waiting.size, 0)
      store.dispose()
    })
  }
}

const frameTexts = error => error.frames.map(f => `${f.moduleName}.${f.funcName}`).join(' ')

const listOf = results => (Array.isArray(results) ? results : [results])

function growMemory(memory) {
  try {
    return memory.grow(1)
  } catch (error) {
    assert.ok(error instanceof Error)
    return -1
  }
}

/** A plain program in the host's engine. */
export class BuiltIn {
  constructor(program, binaries) {
    this.program = program
    this.host = new Host(program, this)
    this.tags = new Map()
    this.shared = program.stores.map((_, index) => this.makeShared(index))
    this.instances = []
    for (const module of program.modules)
      this.instances.push(this.instantiate(module, binaries[module.index]))
  }

  static knows(binaries) {
    return binaries.every(b => WebAssembly.validate(b))
  }

  makeShared(index) {
    hostTags.forEach((parameters, i) => {
      this.tags.set(`s${index}.h${i}`, new WebAssembly.Tag({ parameters }))
    })
    return {
      table: new WebAssembly.Table({ element: 'anyfunc', initial: limits.table }),
      calls: new WebAssembly.Global({ value: 'i32', mutable: true }, 0),
      trace: new WebAssembly.Global({ value: 'i64', mutable: true }, 0n),
    }
  }

  instantiate(module, binary) {
    const h = { ...this.shared[module.store] }
    hostTags.forEach((_, i) => {
      h[`t${i}`] = this.tags.get(`s${module.store}.h${i}`)
    })
    for (const { host } of module.hosts) {
      h[`f${host}`] = (...args) => handOver(host, this.host.act(module.index, host, args))
    }
    h.pick = n => this.host.pick(n)
    h.look = r => this.host.look(r)
    const imports = { h }
    for (const m of this.program.modules) {
      if (m.store === module.store && m.index < module.index) imports[`m${m.index}`] = this.instances[m.index]
    }
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), imports)
    for (const i of [0, 1]) this.tags.set(`m${module.index}.d${i}`, exports[`d${i}`])
    return exports
  }

  refuel() {
    for (const { calls, trace } of this.shared) {
      calls.value = limits.calls
      trace.value = 0n
    }
  }

  state() {
    return this.shared.map(s => s.trace.value).join(' ')
  }

  call(module, index, args) {
    return listOf(this.instances[module][`f${index}`](...args))
  }

  exception(tag, payload) {
    return new WebAssembly.Exception(this.tags.get(tag), payload)
  }

  isException(value) {
    return value instanceof WebAssembly.Exception
  }

  describe(error, show) {
    if (error instanceof WebAssembly.Exception) {
      const [name, tag] = [...this.tags].find(([, t]) => error.is(t))
      const payload = this.typesOf(name).map((_, i) => error.getArg(tag, i))
      return `exception ${name} (${payload.map(show).join(' ')})`
    }
    return error instanceof WebAssembly.RuntimeError ? 'trap' : error.name
  }

  typesOf(name) {
    for (const m of this.program.modules) {
      const tag = m.tags.find(t => t.identity === name)
      if (tag !== undefined) return tag.types
    }
    throw new Error(`no tag ${name}`)
  }

  setSlot(store, slot, module, index) {
    const { table } = this.shared[store]
    table.set(slot, index === undefined ? null : this.instances[module][`f${index}`])
  }
}
