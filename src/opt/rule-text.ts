// Reads the rewrite rules of rules/*.ts: text to trees.
//
//   rule      ; equation in words or signs          (one or more comment lines; required)
//             pattern [when (predicate args…)…] => result
//   pattern   x  foo        any value; a second occurrence must be the same value
//             x:i32  x:T  y:x   of this type; of the root's controlling type; of the type of x
//             A  Mask       an integer constant (upper case)
//             0  -1  255    an integer constant of this value, sign-extended from its width
//             (op p…)       the result of an operation; `op.i64`: its controlling or named type
//             (icmp.ult p q) (icmp.cc p q)   this condition; any condition, to be used in the result
//             m@(op p…)     also give the value a name; (op p…):T demand a type of it
//   result    x A 0         what the pattern named, or a constant of the root's result type
//             (op r…)       a new instruction; conversions without a type make the root's result type
//             (icmp.cc r s) (icmp.!cc r s) (icmp.~cc r s)   the same condition, the opposite, with operands exchanged
//             [op A B]      a constant computed now, by any integer operation that is folded or `log2`
//             [op A B]:T    … of the root's controlling type; `:R` its result type, `:x` the type of x
//   The operation `test` stands for "is this value non-zero?", asked by branches, selects and traps; its result is
//   another value to ask about, or (not x).

import { assert } from '../base/errors.js'

/** A node of a pattern or result. */
export type RuleNode =
  | { readonly kind: 'any'; readonly name: string; readonly type: string }
  | { readonly kind: 'const'; readonly name: string; readonly type: string }
  | { readonly kind: 'literal'; readonly value: number; readonly type: string }
  | {
      readonly kind: 'op'
      readonly op: string
      readonly suffix: string
      readonly args: readonly RuleNode[]
      readonly bind: string
      readonly type: string
    }
  | { readonly kind: 'fold'; readonly op: string; readonly args: readonly RuleNode[]; readonly type: string }

export type OpNode = Extract<RuleNode, { kind: 'op' }>

/** A predicate with the names it is applied to. */
export interface RuleCondition {
  readonly predicate: string
  readonly args: readonly string[]
}

export interface Rule {
  /** The equation above the rule. */
  readonly law: string
  /** The rule as written. */
  readonly text: string
  readonly pattern: OpNode
  readonly conditions: readonly RuleCondition[]
  readonly result: RuleNode
}

const tokenPattern = /\s+|=>|[()[\]:@]|[^\s()[\]:@]+/g

class Reader {
  private readonly tokens: readonly string[]
  private at = 0

  constructor(readonly text: string) {
    this.tokens = (text.match(tokenPattern) ?? []).filter(t => t.trim() !== '')
  }

  get atEnd(): boolean {
    return this.at === this.tokens.length
  }

  get peek(): string {
    return this.tokens[this.at] ?? ''
  }

  next(): string {
    const token = this.tokens[this.at++]
    assert(token !== undefined, 'a rule ends before it is complete')
    return token
  }

  accept(token: string): boolean {
    if (this.peek !== token) return false
    this.at++
    return true
  }

  expect(token: string): void {
    assert(this.next() === token, 'a rule has its brackets and arrow in place')
  }

  node(): RuleNode {
    if (this.accept('(')) return this.op('')
    if (this.accept('[')) return this.fold()
    const name = this.next()
    if (this.accept('@')) {
      this.expect('(')
      return this.op(name)
    }
    const type = this.accept(':') ? this.next() : ''
    if (/^-?\d/.test(name)) return { kind: 'literal', value: Number(name), type }
    return { kind: /^[A-Z]/.test(name) ? 'const' : 'any', name, type }
  }

  private op(bind: string): OpNode {
    const [op = '', suffix = ''] = this.next().split('.')
    const args: RuleNode[] = []
    while (!this.accept(')')) args.push(this.node())
    return { kind: 'op', op, suffix, args, bind, type: this.accept(':') ? this.next() : '' }
  }

  private fold(): RuleNode {
    const op = this.next()
    const args: RuleNode[] = []
    while (!this.accept(']')) args.push(this.node())
    return { kind: 'fold', op, args, type: this.accept(':') ? this.next() : '' }
  }

  condition(): RuleCondition {
    this.expect('(')
    const predicate = this.next()
    const args: string[] = []
    while (!this.accept(')')) args.push(this.next())
    return { predicate, args }
  }
}

function readRule(law: string, text: string): Rule {
  const r = new Reader(text)
  const pattern = r.node()
  assert(pattern.kind === 'op', 'a rule is about an operation')
  const conditions: RuleCondition[] = []
  if (r.accept('when')) while (r.peek === '(') conditions.push(r.condition())
  r.expect('=>')
  const result = r.node()
  assert(r.atEnd, 'a rule is over after its result')
  return { law, text, pattern, conditions, result }
}

/** All rules of a text. A rule may take several lines: it goes on until the next comment or empty line. */
export function readRules(source: string): Rule[] {
  const rules: Rule[] = []
  let law = ''
  let text = ''
  const finish = (): void => {
    if (text === '') return
    assert(law !== '', 'a rule is preceded by its equation')
    rules.push(readRule(law, text))
    text = ''
    law = ''
  }
  for (const raw of source.split('\n')) {
    const line = raw.trim()
    if (line.startsWith(';')) {
      finish()
      law = `${law} ${line.slice(1).trim()}`.trim()
    } else if (line === '') finish()
    else text = `${text} ${line}`.trim()
  }
  finish()
  return rules
}
