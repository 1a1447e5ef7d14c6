// Random programs: several modules in several stores, as trees.
//
//   program  { seed, plain, overflows, stores: [{ config }], modules }
//   module   { index, store, tags, imports, functions, slots, deepest, hosts }
//   function { name, signature, body }; a statement's fields are those that its row (statements.mjs, tries.mjs) made
//   callee   { name, signature, and one of: host: n | own: index | of: module, index }
//
// A plain program has nothing that another engine does not do alike: no exnref values, no JavaScript errors through Wasm.

import * as statements from './statements.mjs'
import { legacyTry, modernTry } from './tries.mjs'
import { configurations, exnSignature, hostTags, limits, ownTags, randomOf, signatures } from './types.mjs'

/** What is around a statement, by id: enclosing constructs that a delegate may name, what clauses caught, labels. */
class Around {
  constructor(depth, constructs = [], caught = [], labels = []) {
    Object.assign(this, { depth, constructs, caught, labels })
  }

  inside({ construct, caught, label } = {}) {
    const more = (list, item) => (item === undefined ? list : [...list, item])
    return new Around(
      this.depth - 1,
      more(this.constructs, construct),
      more(this.caught, caught),
      more(this.labels, label),
    )
  }
}

/** Makes the functions of one module. */
class Generator {
  constructor(random, program, module) {
    this.random = random
    this.plain = program.plain
    this.tags = module.tags
    this.slots = module.slots
    this.signatures = signatureNumbers(program.plain)
    this.hosts = module.hosts
    this.own = module.functions.map((f, own) => ({ name: f.name, signature: f.signature, own }))
    this.callees = [...this.own, ...module.imports]
    this.kinds = this.kindsOf(program)
    this.lastId = 0
  }

  /** Names of rows by how often they come, without and with nesting. */
  kindsOf({ plain, overflows, forms }) {
    const names = rows => Object.keys(rows)
    const simple = names(statements.simple).flatMap(name => [name, name])
    simple.push('call', 'call', 'host', 'host', 'host', 'host', 'throw', ...names(statements.references))
    if (!plain) simple.push(...names(statements.modernOnly))
    const nested = [...names(statements.nested), ...forms, ...forms, ...forms, ...forms]
    const rare = [...names(statements.rare), ...(overflows ? ['overflow'] : [])]
    return { simple, nested, rare }
  }

  pick(list) {
    return list[this.random(list.length)]
  }

  takeId() {
    return ++this.lastId
  }

  body(signature) {
    this.signature = signature
    return this.block(new Around(4))
  }

  block(c) {
    return Array.from({ length: 1 + this.random(4) }, () => this.statement(c))
  }

  statement(c) {
    const { simple, nested, rare } = this.kinds
    const kinds = [...simple, ...simple]
    if (c.depth > 0) kinds.push(...nested, ...nested)
    if (c.caught.length > 0) kinds.push('rethrow', 'rethrow')
    if (c.labels.length > 0) kinds.push('breakOut')
    const kind = this.random(9) === 0 ? this.pick(rare) : this.pick(kinds)
    const id = this.takeId()
    this.id = id
    const fields = rows[kind].make?.(this, c)
    return { kind, id, k: this.random(1 << 16), ...fields }
  }

  /** At least one clause, at most one for all tags, last. */
  clauses(make) {
    const tags = Array.from({ length: this.random(3) }, () => this.random(this.tags.length))
    if (tags.length === 0 || this.random(2) === 0) tags.push(-1)
    return tags.map(make)
  }
}

export const rows = {
  ...statements.simple,
  ...statements.references,
  ...statements.modernOnly,
  ...statements.rare,
  ...statements.nested,
  breakOut: statements.breakOut,
  overflow: statements.overflow,
  rethrow: statements.rethrow,
  legacyTry,
  modernTry,
}

function signatureNumbers(plain) {
  return signatures.flatMap((_, i) => (plain && i === exnSignature ? [] : [i]))
}

function makeTags(store, index, earlier) {
  const tags = hostTags.map((types, i) => ({ types, identity: `s${store}.h${i}`, host: i }))
  tags.push({ ...tags[1] })
  ownTags.forEach((types, i) => {
    tags.push({ types, identity: `m${index}.d${i}`, own: i })
  })
  const [first] = earlier
  if (first !== undefined) tags.push({ types: ownTags[0], identity: `m${first.index}.d0`, of: first.index })
  return tags
}

/** A module without the bodies of its functions. */
function makeModule(random, program, index) {
  const store = index < program.stores.length ? index : random(program.stores.length)
  const earlier = program.modules.filter(m => m.store === store)
  const numbers = signatureNumbers(program.plain)
  const functions = Array.from({ length: 4 }, (_, i) => ({
    name: `$f${i}`,
    signature: i < 2 ? 0 : numbers[random(numbers.length)],
  }))
  const imports = earlier.flatMap(m =>
    m.functions.map((f, i) => ({ name: `$m${m.index}f${i}`, signature: f.signature, of: m.index, index: i })),
  )
  const hosts = numbers.map(signature => ({ name: `$h${signature}`, signature, host: signature }))
  const tags = makeTags(store, index, earlier)
  const module = { index, store, tags, imports, functions, hosts, deepest: functions[random(2)].name }
  // The store's table: each module fills its share with functions of its own and one of the host.
  const share = [...functions.map((f, own) => ({ ...f, own })), hosts[0]]
  module.elements = { offset: earlier.length * limits.tableShare, callees: share }
  return module
}

/** What the slots of a store's table hold once all modules are there, by signature; undefined: null. */
function slotsOf(program, store) {
  const slots = new Array(limits.table).fill(undefined)
  for (const m of program.modules.filter(m => m.store === store)) {
    m.elements.callees.forEach((c, i) => {
      if (m.elements.offset + i < limits.table) slots[m.elements.offset + i] = c.signature
    })
  }
  return slots
}

/** The program of a seed. */
export function programOf(seed) {
  const random = randomOf(seed)
  const plain = seed % 3 === 0
  const stores = Array.from({ length: 1 + random(3) }, () => ({ config: random(configurations) }))
  const both = [['legacyTry'], ['modernTry'], ['legacyTry', 'modernTry']]
  const forms = both[random(plain ? 2 : 3)]
  const program = {
    seed,
    plain,
    overflows: !plain && random(2) === 0,
    waits: false,
    forms,
    stores,
    modules: [],
  }
  const count = Math.max(stores.length, 2 + random(2))
  for (let i = 0; i < count; i++) program.modules.push(makeModule(random, program, i))
  for (const module of program.modules) {
    module.slots = slotsOf(program, module.store)
    const g = new Generator(random, program, module)
    for (const f of module.functions) f.body = g.body(f.signature)
  }
  return program
}
