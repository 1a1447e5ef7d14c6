// What host functions do, for any world: the model, this engine, the host's own. A choice made by the first argument:
// return, throw, enter functions of any module again, swallow what comes out of them, pass it on, put something else in
// its place. Everything that can be seen goes into the log.
//
// A world has: call(module, index, args), exception(tag, payload), isException(e), describe(e), setSlot(store, slot,
// module, index), and for programs that are not plain kept(module), setKept(module, e), grow(module), dispose(store), and
// for programs that wait wait(value).

import { hostTags, limits, signatures, valueFor } from './types.mjs'

const times = (n, list) => Array.from({ length: n }, () => list).flat()

const plainActions = [
  ...times(3, ['enter', 'enter', 'swallow', 'passOn', 'swallowAll', 'plus']),
  ...['plus', 'throwOwn', 'throwForeign', 'again', 'setSlot'],
]
const allActions = [
  ...plainActions,
  ...times(2, ['enter', 'swallowAll', 'finally', 'replace', 'grow', 'setKept', 'throwKept']),
  ...['throwValue', 'wrongResult', 'brokenResult', 'wrongArguments', 'dispose'],
]
const waitingActions = times(2, [
  ...times(4, ['wait']),
  ...['reject', 'rejectException', 'waitLoudly', 'waitAndEnter', 'start', 'start'],
])

/** What a program throws to end itself. */
class Exit {
  constructor(status) {
    this.status = status
  }
}

/** Values that host functions throw and that external references stand for. */
export const pool = [
  null,
  undefined,
  new Error('an error'),
  'text',
  Object.freeze({ frozen: true }),
  new Exit(3),
  Symbol('symbol'),
  0,
  () => {},
  new RangeError('a range error'),
]

/** Scrambles, so that neighbouring numbers choose differently. */
function scramble(n) {
  const a = Math.imul(n ^ (n >>> 15), 0x2c1b3c6d)
  return (a ^ (a >>> 12)) >>> 0
}

export class Host {
  constructor(program, world) {
    this.program = program
    this.world = world
    this.log = []
    this.depth = 0
    this.begun = 0
    this.lastSeen = undefined
    /** What `wait` made and nobody has settled, and stores that were disposed. */
    this.pending = []
    this.disposed = new Set()
    this.ids = new Map()
    this.actions = program.plain ? plainActions : allActions
    if (program.waits) this.actions = [...this.actions, ...waitingActions]
  }

  /** Begins a run. */
  clear() {
    this.log.length = 0
    this.ids.clear()
    this.lastSeen = undefined
    this.depth = 0
    this.pending.length = 0
  }

  /** A number for a value: the same as long as it is the same value. */
  id(value) {
    if (!this.ids.has(value)) this.ids.set(value, this.ids.size)
    return this.ids.get(value)
  }

  show(value) {
    if (this.world.isException(value)) return `#${this.id(value)}`
    const known = pool.indexOf(value)
    if (typeof value === 'number') return String(value)
    if (typeof value === 'bigint') return `${value}n`
    return known < 0 ? `an unknown ${typeof value}` : `pool ${known}`
  }

  /** An error in words, with its number. */
  describe(error) {
    const known = pool.indexOf(error)
    const words = known >= 0 ? `pool ${known}` : this.world.describe(error, value => this.show(value))
    return `${words} #${this.id(error)}`
  }

  /** The host function of a module for a signature. Returns a list of results. */
  act(module, signature, args) {
    const [n] = args
    const action = this.actions[scramble(n) % this.actions.length]
    this.log.push(`m${module}.h${signature}(${args.map(a => this.show(a)).join(' ')}) ${action}`)
    const { store } = this.program.modules[module]
    return this[action](n, signature, store)
  }

  list(signature, v) {
    return signatures[signature].results.map(type => valueFor(type, v | 0, {}))
  }

  /** Calls an exported function that the number chooses; its first result. */
  enterAt(n) {
    if (this.depth >= limits.hostDepth) return n
    const module = this.program.modules[(n >>> 3) % this.program.modules.length]
    const index = (n >>> 6) % module.functions.length
    if (this.disposed.has(module.store)) return n
    const refs = { exnref: this.program.plain ? null : (this.lastSeen ?? null), externref: this.pick(n) }
    const { params } = signatures[module.functions[index].signature]
    const args = params.map(type => valueFor(type, n >> 1, refs))
    this.depth++
    try {
      return this.world.call(module.index, index, args)[0]
    } catch (error) {
      if (this.world.isException(error)) this.lastSeen = error
      throw error
    } finally {
      this.depth--
    }
  }

  plus(n, signature) {
    return this.list(signature, n + 1)
  }

  throwAs(n, store) {
    const tag = scramble(n + 1) % hostTags.length
    const payload = hostTags[tag].map(type => valueFor(type, n, { externref: this.pick(n) }))
    throw this.world.exception(`s${store}.h${tag}`, payload)
  }

  throwOwn(n, _signature, store) {
    this.throwAs(n, store)
  }

  throwForeign(n) {
    this.throwAs(n, this.program.stores.length - 1)
  }

  enter(n, signature) {
    return this.list(signature, this.enterAt(n))
  }

  swallow(n, signature) {
    try {
      return this.list(signature, this.enterAt(n))
    } catch (error) {
      if (!this.world.isException(error)) throw error
      this.log.push(`swallowed ${this.describe(error)}`)
      return this.list(signature, -n)
    }
  }

  swallowAll(n, signature) {
    try {
      return this.list(signature, this.enterAt(n))
    } catch (error) {
      this.log.push(`swallowed ${this.describe(error)}`)
      return this.list(signature, n ^ 1)
    }
  }

  passOn(n, signature) {
    try {
      return this.list(signature, this.enterAt(n))
    } catch (error) {
      this.log.push(`passed on ${this.describe(error)}`)
      throw error
    }
  }

  finally(n, signature) {
    try {
      return this.list(signature, this.enterAt(n))
    } finally {
      this.log.push('finally')
    }
  }

  replace(n, signature) {
    try {
      return this.list(signature, this.enterAt(n))
    } catch (error) {
      this.log.push(`replaced ${this.describe(error)}`)
      throw this.pick(n)
    }
  }

  again(n, signature) {
    if (this.lastSeen !== undefined) throw this.lastSeen
    return this.list(signature, n)
  }

  setSlot(n, signature, store) {
    const modules = this.program.modules.filter(m => m.store === store)
    const module = modules[(n >>> 4) % modules.length]
    this.world.setSlot(
      store,
      (n >>> 7) % limits.table,
      module.index,
      n % 8 === 1 ? undefined : (n >>> 12) % module.functions.length,
    )
    return this.list(signature, n + 2)
  }

  throwValue(n) {
    throw this.pick(n)
  }

  wrongResult(n, signature) {
    return this.list(signature, n).map(v => (typeof v === 'bigint' ? Number(v) : String(v)))
  }

  /** Results whose reading throws. A single one is not read by iterating, and is not a number. */
  brokenResult() {
    const last = pool.at(-1)
    return {
      single: {
        valueOf() {
          throw last
        },
      },
      *[Symbol.iterator]() {
        yield 1
        throw last
      },
    }
  }

  /** Index of a module that the number chooses; undefined if its store is no more. */
  moduleAt(n) {
    const { index, store } = this.program.modules[(n >>> 5) % this.program.modules.length]
    return this.disposed.has(store) ? undefined : index
  }

  throwKept(n, signature) {
    const module = this.moduleAt(n)
    const kept = module === undefined ? null : this.world.kept(module)
    if (kept === null) return this.list(signature, n)
    this.log.push(`kept #${this.id(kept)}`)
    throw kept
  }

  setKept(n, signature) {
    const module = this.moduleAt(n)
    if (module !== undefined) this.world.setKept(module, this.lastSeen ?? null)
    return this.list(signature, n)
  }

  wrongArguments(n, signature) {
    const module = this.moduleAt(n)
    return module === undefined ? this.list(signature, n) : this.world.call(module, 0, ['text'])
  }

  grow(n, signature) {
    const module = this.moduleAt(n)
    return this.list(signature, module === undefined ? n : this.world.grow(module))
  }

  dispose(n, signature, store) {
    try {
      this.world.dispose(store)
    } catch (error) {
      this.log.push(this.describe(error))
    }
    return this.list(signature, n)
  }

  // ── Promises: what they become is said now, the world waits ──

  wait(n, signature) {
    return this.world.wait(() => this.list(signature, n + 5))
  }

  reject(n) {
    return this.world.wait(() => {
      throw this.pick(n)
    })
  }

  rejectException(n, _signature, store) {
    return this.world.wait(() => this.throwAs(n, store))
  }

  waitLoudly(n, signature) {
    this.log.push('waits')
    return this.world.wait(() => {
      this.log.push('settled')
      return this.list(signature, n + 6)
    })
  }

  /** Begins an asynchronous activation inside a host call and does not wait for it. */
  start(n, signature) {
    const module = this.program.modules[(n >>> 3) % this.program.modules.length]
    if (this.disposed.has(module.store) || this.depth >= limits.hostDepth) return this.list(signature, n)
    this.depth++
    this.begin(module, (n >>> 6) % module.functions.length, n >> 1)
    this.depth--
    return this.list(signature, n + 7)
  }

  /** Begins an asynchronous activation whose end will be in the log. */
  begin(module, index, n) {
    const { params } = signatures[module.functions[index].signature]
    const args = params.map(type => valueFor(type, n, { exnref: null, externref: this.pick(n) }))
    const name = `activation ${this.begun++} m${module.index}.f${index}(${n})`
    this.log.push(`${name} begins`)
    this.world.start(module.index, index, args, take => {
      let outcome
      try {
        outcome = `values ${take().join(' ')}`
      } catch (error) {
        outcome = this.describe(error)
      }
      this.log.push(`${name} ends: ${outcome}`)
    })
  }

  waitAndEnter(n, signature) {
    const v = this.enterAt(n)
    return this.world.wait(() => this.list(signature, v))
  }

  pick(n) {
    return pool[(n >>> 2) % pool.length]
  }

  look(value) {
    return pool.indexOf(value)
  }

  /** A host function with exceptions as values. */
  see(exception) {
    this.log.push(exception === null ? 'sees null' : `sees #${this.id(exception)}`)
    return this.log.length % 3 === 0 ? (this.lastSeen ?? null) : exception
  }
}
