// Programs as WebAssembly text: one module each.

import { rows } from './program.mjs'
import { limits, signatures, traceText, valueText } from './types.mjs'

/** Writes one function. */
class Writer {
  constructor(module, signature) {
    this.tags = module.tags
    this.signature = signature
    this.locals = new Map()
  }

  /** A local of the function; the same name and type give the same one, unless it is to be `exact`. */
  local(type, name, exact = false) {
    const full = exact ? `$${name}` : `$${name}.${type}`
    this.locals.set(full, type)
    return full
  }

  list(statements) {
    return statements.map(s => `${rows[s.kind].text(s, this)}\n`).join('')
  }

  /** Adds the i32 that a construct yields to x. */
  yield(text) {
    return `(local.set $x (i32.add ${text} (local.get $x)))`
  }

  results() {
    return signatures[this.signature].results.map(t => valueText(t, '$x')).join(' ')
  }

  leave() {
    return `(return ${this.results()})`
  }
}

const list = (word, types) => (types.length === 0 ? '' : `(${word} ${types.join(' ')})`)

function functionText(module, { name, signature, body }, plain) {
  const w = new Writer(module, signature)
  const { params, results } = signatures[signature]
  const statements = w.list(body)
  const names = params.map((t, i) => (i === 0 ? '(param $n i32)' : `(param $p${i} ${t})`))
  if (!plain) w.local('exnref', 'e', true)
  const locals = [...w.locals].map(([local, type]) => `(local ${local} ${type})`)
  const mixes = params.map((t, i) => `(call $mix ${traceText(t, i === 0 ? '$n' : `$p${i}`)})`)
  params.forEach((t, i) => {
    if (t === 'exnref') mixes.push(`(local.set $e (local.get $p${i}))`)
    if (t === 'externref') mixes.push(`(local.set $r (local.get $p${i}))`)
  })
  return `(func ${name} (export "${name.slice(1)}") (type $s${signature}) ${names.join(' ')} ${list('result', results)}
    (local $x i32) (local $v i32) (local $r externref) ${locals.join(' ')}
    (if (i32.le_s (global.get $calls) (i32.const 0)) (then ${w.leave()}))
    (global.set $calls (i32.sub (global.get $calls) (i32.const 1)))
    ${mixes.join(' ')}
    (local.set $x (local.get $n))
    (block $body
      ${statements})
    ${w.results()})`
}

function tagText(tag, i) {
  const params = list('param', tag.types)
  if (tag.own !== undefined) return `(tag $t${i} (export "d${tag.own}") ${params})`
  const from = tag.host === undefined ? `"m${tag.of}" "d0"` : `"h" "t${tag.host}"`
  return `(import ${from} (tag $t${i} ${params}))`
}

function importTexts({ imports, hosts, tags }, plain) {
  const functions = imports.map(
    c => `(import "m${c.of}" "f${c.index}" (func ${c.name} (type $s${c.signature})))`,
  )
  const host = hosts.map(c => `(import "h" "f${c.host}" (func ${c.name} (type $s${c.signature})))`)
  const rest = [
    '(import "h" "pick" (func $pick (param i32) (result externref)))',
    '(import "h" "look" (func $look (param externref) (result i32)))',
    `(import "h" "table" (table $functions ${limits.table} funcref))`,
    '(import "h" "calls" (global $calls (mut i32)))',
    '(import "h" "trace" (global $trace (mut i64)))',
  ]
  if (!plain) rest.push('(import "h" "see" (func $see (param exnref) (result exnref)))')
  const tagTexts = tags.map((tag, i) => [tag, tagText(tag, i)])
  const own = tagTexts.filter(([tag]) => tag.own !== undefined).map(([, text]) => text)
  const imported = tagTexts.filter(([tag]) => tag.own === undefined).map(([, text]) => text)
  return [...functions, ...host, ...rest, ...imported, ...own]
}

/** The text of a module of a program. */
export function moduleText(module, plain) {
  const types = signatures.flatMap((s, i) =>
    plain && s.params.includes('exnref')
      ? []
      : [`(type $s${i} (func ${list('param', s.params)} ${list('result', s.results)}))`],
  )
  const { offset, callees } = module.elements
  const exceptions = plain
    ? ''
    : `(global $kept (export "kept") (mut exnref) (ref.null exn)) (table $exceptions ${limits.exnTable} exnref)`
  return `(module $m${module.index}
    ${types.join('\n')}
    ${importTexts(module, plain).join('\n')}
    (memory (export "memory") 1 ${limits.maxPages})
    ${exceptions}
    (elem (table $functions) (i32.const ${offset}) func ${callees.map(c => c.name).join(' ')})
    (func $mix (param i64)
      (global.set $trace (i64.add (i64.rotl (i64.mul (global.get $trace) (i64.const 31)) (i64.const 7)) (local.get 0))))
    (func $deep (param $k i32) (param $n i32) (result i32)
      (if (i32.eqz (local.get $k)) (then (return (call ${module.deepest} (local.get $n)))))
      (i32.add (i32.const 1) (call $deep (i32.sub (local.get $k) (i32.const 1)) (local.get $n))))
    (func $forever (param i32) (result i32) (i32.add (i32.const 1) (call $forever (local.get 0))))
    ${module.functions.map(f => functionText(module, f, plain)).join('\n')})`
}
