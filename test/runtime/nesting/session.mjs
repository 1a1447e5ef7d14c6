// Asynchronous activations of a program in a random order: begun from outside and in host functions, settled one at a time,
// with synchronous calls between, now and then a store disposed. Each step is a line that says all that can be seen.

import { entryArguments, randomOf, signatures, valueFor } from './types.mjs'

const steps = 40

function lineOf(what, world) {
  const line = [`${what}; ${world.state()}`, ...world.host.log].join('\n  ')
  world.host.log.length = 0
  return line
}

class Session {
  constructor(world) {
    this.world = world
    this.host = world.host
    this.random = randomOf(world.program.seed)
    this.live = world.program.modules
  }

  pick(list) {
    return list[this.random(list.length)]
  }

  async step() {
    const choice = this.random(20)
    if (choice < 7 || this.host.pending.length === 0) return this.begin()
    if (choice < 9) return this.call()
    if (choice === 9 && this.random(8) === 0) return this.dispose()
    return this.settle()
  }

  async begin() {
    const module = this.pick(this.live)
    const index = this.random(module.functions.length)
    this.host.begin(module, index, this.pick(entryArguments))
    await this.world.rest()
    return 'begin'
  }

  async call() {
    const outcome = this.callAny()
    await this.world.rest()
    return outcome
  }

  callAny() {
    const module = this.pick(this.live)
    const index = this.random(module.functions.length)
    const n = this.pick(entryArguments)
    const { params } = signatures[module.functions[index].signature]
    const args = params.map(type => valueFor(type, n, { exnref: null, externref: null }))
    try {
      return `call: ${this.world.call(module.index, index, args).join(' ')}`
    } catch (error) {
      return `call: ${this.host.describe(error)}`
    }
  }

  async settle() {
    const [waiting] = this.host.pending.splice(this.random(this.host.pending.length), 1)
    await this.world.settle(waiting)
    return 'settle'
  }

  async dispose() {
    const { store } = this.pick(this.live)
    const left = this.live.filter(m => m.store !== store)
    if (left.length === 0) return 'keep'
    this.live = left
    this.host.disposed.add(store)
    await this.world.disposeStore(store)
    return `dispose ${store}`
  }
}

/** Runs a session; the lines of its steps. */
export async function* sessionOf(world) {
  const session = new Session(world)
  world.host.clear()
  for (let i = 0; i < steps; i++) {
    world.refuel()
    yield lineOf(await session.step(), world)
  }
  while (world.host.pending.length > 0) {
    yield lineOf(await session.settle(), world)
  }
}
