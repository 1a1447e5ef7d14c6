// The model: runs a program's trees. It knows functions, frames, activations, exceptions and traps, and nothing of how an
// engine does them.
//
// An activation is a call from the host: { store, frames }, its frames innermost last. `chain` has those on the thread,
// innermost last; a trace is the frames of all activations of the trapping store in the chain, innermost first, at most
// 20. Functions run as generators that yield where an asynchronous activation waits.

import { Host } from './host.mjs'
import { rows } from './program.mjs'
import { Flight } from './tries.mjs'
import { limits, signatures, traceOf, valueFor } from './types.mjs'

const maxFrames = 20

export class ModelException {
  constructor(tag, payload) {
    Object.assign(this, { tag, payload, frames: undefined })
  }
}

class ModelTrap {
  constructor(code, frames, memory) {
    Object.assign(this, { code, frames, memory })
  }
}

const frameText = frame => `m${frame.module}.${frame.name}`

/** State of a module of the program. */
class ModelModule {
  constructor(world, tree) {
    Object.assign(this, { world, tree, store: world.stores[tree.store] })
    this.memory = new Map()
    this.pages = 1
    this.kept = null
    this.exceptions = new Map()
  }

  grow() {
    return this.pages === limits.maxPages ? -1 : this.pages++
  }

  setKept(exception) {
    this.kept = exception
  }

  function(index) {
    return { module: this, tree: this.tree.functions[index], signature: this.tree.functions[index].signature }
  }

  hostFunction(signature) {
    return { module: this, host: signature, signature }
  }

  resolve(callee) {
    if (callee.host !== undefined) return this.hostFunction(callee.host)
    if (callee.own !== undefined) return this.function(callee.own)
    return this.world.modules[callee.of].function(callee.index)
  }
}

/** One call of a function: what rows of statements.mjs work on. */
class Activation {
  constructor(world, { module, tree, signature }, args) {
    Object.assign(this, { world, module, signature, body: tree.body })
    this.tags = module.tree.tags
    this.memory = module.memory
    this.caught = new Map()
    this.n = args[0]
    this.x = args[0]
    this.e = null
    this.r = null
    signatures[signature].params.forEach((type, i) => {
      this.mix(traceOf(type, args[i]))
      if (type === 'exnref') this.e = args[i]
      if (type === 'externref') this.r = args[i]
    })
  }

  setE(exception) {
    this.e = exception
  }

  mix(value) {
    const { store } = this.module
    const product = BigInt.asUintN(64, store.trace * 31n)
    const rotated = BigInt.asUintN(64, (product << 7n) | (product >> 57n))
    store.trace = BigInt.asIntN(64, rotated + value)
  }

  values(signature, v) {
    const refs = { exnref: this.e, externref: this.r }
    return signatures[signature].params.map(type => valueFor(type, v, refs))
  }

  results() {
    return signatures[this.signature].results.map(type => valueFor(type, this.x, {}))
  }

  resolve(callee) {
    return this.module.resolve(callee)
  }

  call(callee, args) {
    return this.world.invoke(callee, args)
  }

  atSlot(slot, signature) {
    const { slots } = this.module.store
    if (slot >= slots.length) this.trap('undefined_element')
    if (slots[slot] === undefined) this.trap('uninitialized_element')
    if (slots[slot].signature !== signature) this.trap('indirect_call_type_mismatch')
    return slots[slot]
  }

  throw(tag, v) {
    const { types, identity } = this.tags[tag]
    const refs = { externref: this.r }
    this.fly(
      new ModelException(
        identity,
        types.map(type => valueFor(type, v, refs)),
      ),
    )
  }

  fly(exception) {
    throw new Flight(exception, this.world.trace())
  }

  trap(code, address) {
    const memory = address === undefined ? undefined : { address, memorySize: this.module.pages * 65536 }
    throw new ModelTrap(code, this.world.trace(), memory)
  }

  overflow() {
    const frame = { module: this.module.tree.index, name: 'forever' }
    throw new ModelTrap('stack_overflow', new Array(maxFrames).fill(frameText(frame)))
  }

  *deep(frames, n) {
    const { module, world } = this
    const { tree } = module
    const { frames: stack } = world.chain.at(-1)
    const before = stack.length
    for (let i = 0; i <= frames; i++) stack.push({ module: tree.index, name: 'deep' })
    const index = tree.functions.findIndex(f => f.name === tree.deepest)
    try {
      const [result] = yield* world.invoke(module.function(index), [n])
      return (result + frames) | 0
    } finally {
      stack.length = before
    }
  }

  *list(statements) {
    for (const s of statements) {
      const row = rows[s.kind]
      const way = row.act === undefined ? yield* row.run(s, this) : row.act(s, this)
      if (way !== undefined) return way
    }
  }

  /** The function's results, or the call that it ends with. */
  *run() {
    const way = yield* this.list(this.body)
    if (way?.tail !== undefined) return way
    return { values: this.results() }
  }
}

/** The program of a tree in the model. */
export class Model {
  constructor(program, { coarse = false } = {}) {
    this.program = program
    this.coarse = coarse
    this.host = new Host(program, this)
    this.chain = []
    /** Asynchronous activations that wait. */
    this.legs = new Set()
    this.ends = []
    this.noted = new WeakMap()
    this.stores = program.stores.map((_, index) => ({
      index,
      slots: new Array(limits.table).fill(undefined),
      trace: 0n,
      calls: 0,
    }))
    this.modules = program.modules.map(tree => new ModelModule(this, tree))
    for (const module of this.modules) {
      const { offset, callees } = module.tree.elements
      callees.forEach((c, i) => {
        module.store.slots[offset + i] = module.resolve(c)
      })
    }
  }

  refuel() {
    for (const store of this.stores) {
      store.trace = 0n
      store.calls = limits.calls
    }
  }

  state() {
    const live = this.stores.filter(s => !this.host.disposed.has(s.index))
    return live.map(s => s.trace).join(' ')
  }

  /** Frames of the innermost activation's store, innermost first. */
  trace() {
    const { store } = this.chain.at(-1)
    const mine = this.chain.filter(a => a.store === store)
    return mine
      .flatMap(a => a.frames)
      .reverse()
      .slice(0, maxFrames)
      .map(frameText)
  }

  /** Calls a function inside Wasm, with all that it calls in its place. */
  *invoke(callee, args) {
    for (;;) {
      if (callee.host !== undefined) return yield* this.callHost(callee, args)
      const { frames } = this.chain.at(-1)
      frames.push({ module: callee.module.tree.index, name: callee.tree.name.slice(1) })
      const before = frames.length
      let end
      try {
        end = yield* this.enter(callee, args)
      } catch (error) {
        if (error instanceof Flight) error.until = undefined
        throw error
      } finally {
        frames.length = before - 1
      }
      if (end.tail === undefined) return end.values
      callee = end.tail
      args = end.args
    }
  }

  *enter(callee, args) {
    const { store } = callee.module
    if (store.calls <= 0) return { values: signatures[callee.signature].results.map(t => valueFor(t, 0, {})) }
    store.calls--
    return yield* new Activation(this, callee, args).run()
  }

  *callHost({ module, host }, args) {
    try {
      let results = this.host.act(module.tree.index, host, args)
      if (results instanceof Waiting) results = yield* this.await(results)
      return checkResults(host, results)
    } catch (error) {
      if (error instanceof ModelException) throw new Flight(error, this.trace())
      this.note(error)
      throw error
    }
  }

  /** Where an error of the host leaves Wasm for the first time. */
  note(error) {
    if (!(error instanceof Error) || this.noted.has(error)) return
    this.noted.set(error, this.trace())
  }

  /** Waits, in an asynchronous activation; elsewhere a promise is a wrong result. */
  *await(waiting) {
    if (!this.chain.at(-1).asynchronous) throw new TypeError('a promise')
    yield waiting
    return waiting.take()
  }

  /** A call from the host: as a generator, for asynchronous activations. */
  *activate(module, index, args, asynchronous) {
    const callee = this.modules[module].function(index)
    const { params } = signatures[callee.signature]
    if (args.length !== params.length || typeof args[0] !== 'number') throw new TypeError('wrong arguments')
    const activation = { store: callee.module.store, frames: [], asynchronous }
    this.chain.push(activation)
    try {
      return yield* this.invoke(callee, args)
    } catch (error) {
      if (!(error instanceof Flight)) throw error
      error.exception.frames ??= error.frames
      throw error.exception
    } finally {
      this.chain.pop()
    }
  }

  call(module, index, args) {
    const run = this.activate(module, index, args, false)
    const step = run.next()
    if (!step.done) throw new Error('a synchronous activation waited')
    return step.value
  }

  exception(tag, payload) {
    return new ModelException(tag, payload)
  }

  isException(value) {
    return value instanceof ModelException
  }

  describe(error, show) {
    if (error instanceof ModelException) {
      const frames = this.coarse ? '' : ` [${(error.frames ?? []).join(' ')}]`
      return `exception ${error.tag} (${error.payload.map(show).join(' ')})${frames}`
    }
    if (this.coarse) return error instanceof ModelTrap ? 'trap' : error.name
    if (!(error instanceof ModelTrap)) return `${error.name} [${(this.noted.get(error) ?? []).join(' ')}]`
    const memory =
      error.memory === undefined ? '' : ` at ${error.memory.address} of ${error.memory.memorySize}`
    return `trap ${error.code}${memory} [${error.frames.join(' ')}]`
  }

  setSlot(store, slot, module, index) {
    this.stores[store].slots[slot] = index === undefined ? undefined : this.modules[module].function(index)
  }

  kept(module) {
    return this.modules[module].kept
  }

  setKept(module, exception) {
    this.modules[module].setKept(exception)
  }

  grow(module) {
    return this.modules[module].grow()
  }

  dispose() {
    throw Object.assign(new Error(), { name: 'BusyError' })
  }

  wait(become) {
    const waiting = new Waiting(become)
    this.host.pending.push(waiting)
    return waiting
  }

  /** Begins an asynchronous activation; `ended` gets a function that returns its results or throws. */
  start(module, index, args, ended) {
    this.runLeg({ run: this.activate(module, index, args, true), ended, module: this.modules[module] })
  }

  /** Runs a leg of an asynchronous activation: to its end, or to where it waits. */
  runLeg(leg) {
    let step
    try {
      step = leg.run.next()
    } catch (error) {
      this.end(leg, () => {
        throw error
      })
      return
    }
    if (step.done) {
      this.end(leg, () => step.value)
      return
    }
    leg.activation = this.chain.pop()
    step.value.leg = leg
    this.legs.add(leg)
  }

  /** The end of an activation is heard of when all is quiet. */
  end(leg, take) {
    this.ends.push(() => leg.ended(take))
  }

  async rest() {
    for (const tell of this.ends.splice(0)) tell()
  }

  /** Settles what `wait` made, and lets everything run that this brings about. */
  async settle(waiting) {
    waiting.settle()
    const { leg } = waiting
    if (leg !== undefined && this.legs.delete(leg)) {
      this.chain.push(leg.activation)
      this.runLeg(leg)
    }
    await this.rest()
  }

  async disposeStore(index) {
    for (const leg of this.legs) {
      if (leg.module.store.index !== index) continue
      this.legs.delete(leg)
      this.end(leg, () => {
        throw Object.assign(new Error(), { name: 'DisposedError' })
      })
    }
    await this.rest()
  }

  pick(n) {
    return this.host.pick(n)
  }

  look(value) {
    return this.host.look(value)
  }

  see(exception) {
    return this.host.see(exception)
  }
}

/** A promise of the model, and what it becomes. */
class Waiting {
  constructor(become) {
    this.become = become
    this.leg = undefined
  }

  settle() {
    try {
      const value = this.become()
      this.take = () => value
    } catch (error) {
      this.take = () => {
        throw error
      }
    }
  }
}

/** Results as Wasm gets them. Throws what reading them throws. */
function checkResults(signature, results) {
  const types = signatures[signature].results
  const list = types.length === 1 ? [Array.isArray(results) ? results[0] : results.single] : [...results]
  types.forEach((type, i) => {
    const wanted = type === 'i64' ? 'bigint' : 'number'
    if (typeof list[i] !== wanted) throw new TypeError('wrong result')
  })
  return list
}
