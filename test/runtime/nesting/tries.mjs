// The try constructs, as rows like those of statements.mjs: the legacy instructions and try_table. Each yields an i32 that
// goes into x: k if the body ends normally, k + 1 after a clause.
//
// In the model an exception under way is a Flight: what was thrown, and the trace at the throw. A delegate sends it on to the
// construct with the id `until`, or, if that is 0, out of the function.

import { traceOf, traceText } from './types.mjs'

/** An exception under way in the model. */
export class Flight {
  constructor(exception, frames) {
    this.exception = exception
    this.frames = frames
    this.until = undefined
  }
}

/** Takes the operands of a clause's tag from the stack into the trace, or notes that there are none. */
function operandsText(tag, w) {
  if (tag < 0) return '(call $mix (i64.const 99))'
  const { types } = w.tags[tag]
  const locals = types.map((t, i) => w.local(t, `operand${i}`))
  const take = [...locals].reverse().map(l => `(local.set ${l})`)
  const mixes = locals.map((l, i) => `(call $mix ${traceText(types[i], l)})`)
  const refs = locals.filter((_, i) => types[i] === 'externref').map(l => `(local.set $r (local.get ${l}))`)
  return [...take, ...mixes, ...refs, `(call $mix (i64.const ${tag}))`].join(' ')
}

function takeOperands({ tag }, exception, f) {
  if (tag >= 0) {
    f.tags[tag].types.forEach((type, i) => {
      f.mix(traceOf(type, exception.payload[i]))
      if (type === 'externref') f.r = exception.payload[i]
    })
  }
  f.mix(tag < 0 ? 99n : BigInt(tag))
}

const matches = (clause, exception, f) => clause.tag < 0 || f.tags[clause.tag].identity === exception.tag

function* run(s, f) {
  let flight
  try {
    const way = yield* f.list(s.parts[0])
    if (way === undefined) f.x = (f.x + s.k) | 0
    return way
  } catch (error) {
    if (!arrives(s, error)) throw error
    flight = error
  }
  flight.until = s.delegate
  if (s.delegate !== undefined) throw flight
  const { exception } = flight
  const clause = s.clauses.find(c => matches(c, exception, f))
  if (clause === undefined) throw flight
  if (clause.to !== undefined) return { to: clause.to }
  f.caught.set(clause.id, exception)
  takeOperands(clause, exception, f)
  if (s.modern && clause.ref) f.setE(exception)
  const way = yield* f.list(clause.body)
  if (way === undefined) f.x = (f.x + s.k + 1) | 0
  return way
}

/** Is what was thrown in a construct's body an exception that the construct may handle? */
function arrives(s, error) {
  return error instanceof Flight && (error.until === undefined || error.until === s.id)
}

export const legacyTry = {
  make(g, c) {
    const { id } = g
    const parts = [g.block(c.inside({ construct: id }))]
    if (g.random(5) === 0) return { parts, delegate: g.pick([...c.constructs, 0]), modern: false }
    const clauses = g.clauses(tag => ({
      tag,
      id,
      body: g.block(c.inside({ caught: { id, modern: false } })),
    }))
    return { parts, clauses, modern: false }
  },
  text(s, w) {
    const body = `(do ${w.list(s.parts[0])} (i32.const ${s.k}))`
    if (s.delegate !== undefined) {
      const target = s.delegate === 0 ? '$body' : `$l${s.delegate}`
      return w.yield(`(try $l${s.id} (result i32) ${body} (delegate ${target}))`)
    }
    const clauses = s.clauses.map(c => {
      const head = c.tag < 0 ? 'catch_all' : `catch $t${c.tag}`
      return `(${head} ${operandsText(c.tag, w)} ${w.list(c.body)} (i32.const ${s.k + 1}))`
    })
    return w.yield(`(try $l${s.id} (result i32) ${body} ${clauses.join(' ')})`)
  },
  run,
}

export const modernTry = {
  make(g, c) {
    const parts = [g.block(c.inside())]
    const clauses = g.clauses(tag => {
      if (tag < 0 && c.labels.length > 0 && g.random(4) === 0)
        return { tag, to: g.pick(c.labels), ref: false }
      const ref = g.random(3) > 0
      const id = g.takeId()
      const body = g.block(c.inside(ref ? { caught: { id, modern: true } } : {}))
      return { tag, id, ref, body }
    })
    return { parts, clauses, modern: true }
  },
  text(s, w) {
    const end = `$l${s.id}`
    const heads = s.clauses.map(c => {
      const ref = c.ref ? '_ref' : ''
      const label = `$l${c.to ?? c.id}`
      return c.tag < 0 ? `(catch_all${ref} ${label})` : `(catch${ref} $t${c.tag} ${label})`
    })
    let text = `(br ${end} (try_table (result i32) ${heads.join(' ')} ${w.list(s.parts[0])} (i32.const ${s.k})))`
    for (const c of s.clauses) if (c.to === undefined) text = landing(s, c, w, text)
    return w.yield(`(block ${end} (result i32) ${text})`)
  },
  run,
}

/** The block that a clause branches to, around the text of the construct, and what follows it. */
function landing(s, clause, w, text) {
  const types = [...(clause.tag < 0 ? [] : w.tags[clause.tag].types), ...(clause.ref ? ['exnref'] : [])]
  const result = types.length === 0 ? '' : `(result ${types.join(' ')})`
  const caught = clause.ref ? w.local('exnref', `c${clause.id}`, true) : undefined
  const keep = clause.ref ? `(local.set ${w.local('exnref', 'e', true)} (local.tee ${caught}))` : ''
  return `(block $l${clause.id} ${result} ${text})
    ${keep} ${operandsText(clause.tag, w)} ${w.list(clause.body)} (br $l${s.id} (i32.const ${s.k + 1}))`
}
