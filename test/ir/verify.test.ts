// The verifier. Golden files break what text can break; the rest is broken by hand. Together they cover every rule
// that the header of verify.ts lists.

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BugError } from '../../src/base/errors.js'
import { none } from '../../src/ir/entities.js'
import type { Func } from '../../src/ir/func.js'
import { Op } from '../../src/ir/ops.js'
import { parseClif, parseFunc } from '../../src/ir/parse.js'
import { CallConv, signature } from '../../src/ir/signature.js'
import { Type } from '../../src/ir/types.js'
import { assertValid, describeErrors, verifyFunc } from '../../src/ir/verify.js'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'test/filetests/verifier')
const files = readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')] as const)

function rules(func: Func): string[] {
  return [...new Set(verifyFunc(func).map(e => e.rule))]
}

function expectedRules(comments: readonly { text: string }[]): string[] {
  return comments.filter(c => c.text.startsWith('error:')).flatMap(c => c.text.slice(6).trim().split(/[ ,]+/))
}

describe.each(files)('%s', (_, text) => {
  for (const { func, comments, line } of parseClif(text).functions) {
    it(`${func.name.kind === 'test' ? func.name.name : ''} (line ${line})`, () => {
      expect(rules(func), describeErrors(func, verifyFunc(func))).toEqual(expectedRules(comments))
    })
  }
})

/** A valid function with something of everything. */
function fresh(): Func {
  return parseFunc(`function %f(i32) -> i32 tail {
    sig0 = (i32) tail
    fn0 = %g(i32) tail
block0(v0: i32):
    v1 = iconst.i32 5
    v2 = icmp eq v0, v1
    v3 = iconst.i64 0
    v4 = atomic_rmw.i32 add v3, v0
    v5 = vconst.i32x4 0x1
    trapz v2, user1
    try_call fn0(v0), sig0, block1, [ context v0, default: block2 ]
block1:
    return v1
block2:
    jump block1
}`)
}

function instOf(func: Func, opcode: number): number {
  for (let i = 0; i < func.numInsts; i++) if (func.opcode(i) === opcode) return i
  return none
}

const broken: readonly (readonly [string, string, (f: Func) => void])[] = [
  ['S3', 'a block that is its own successor in the layout', f => f.insertBlockAfter(1, 1)],
  ['S3', 'an instruction in another block', f => f.appendInst(instOf(f, Op.iconst), 1)],
  ['S4', 'a result of another instruction', f => f.makeAlias(f.result(instOf(f, Op.icmp)), 0)],
  ['S4', 'a parameter of another block', f => f.makeAlias(f.blockParams(0)[0] as number, 1)],
  ['S8', 'a branch to a block outside', f => f.setCallBlock(f.target(instOf(f, Op.jump), 0), f.makeBlock())],
  ['S9', 'an alias of itself', f => f.makeAlias(f.addAlias(0), f.numValues - 1)],
  ['S9', 'an alias of another type', f => f.makeAlias(f.addAlias(0), f.result(instOf(f, Op.icmp)))],
  ['S10', 'an operand that is no value', f => f.setArg(instOf(f, Op.icmp), 0, 1000)],
  ['S10', 'an operand whose instruction is gone', f => f.removeInst(instOf(f, Op.icmp))],
  ['R1', 'no such function', f => f.setImm(instOf(f, Op.try_call), 9, 0)],
  ['R1', 'no such exception table', f => f.setAux(instOf(f, Op.try_call), 9)],
  ['R1', 'no such constant', f => f.setAux(instOf(f, Op.vconst), 9)],
  ['R1', 'no such stack limit', f => (f.stackLimit = 3)],
  [
    'R2',
    'a base that comes later',
    f => {
      f.addGlobalValue({ kind: 'iadd_imm', base: 1, offset: 0, type: Type.I64 })
      f.addGlobalValue({ kind: 'iadd_imm', base: 0, offset: 0, type: Type.I64 })
    },
  ],
  [
    'R9',
    'a shared exception table',
    f => {
      const old = f.lastInst(2)
      f.removeInst(old)
      const first = instOf(f, Op.try_call)
      const copy = f.makeInst(Op.try_call, Type.Invalid)
      f.setArgs(copy, [f.arg(first, 0), f.arg(first, 1)])
      f.setTargets(copy, [f.makeBlockCall(1, []), f.makeBlockCall(1, [])])
      f.appendInst(copy, 2)
    },
  ],
  ['T2', 'an operand too many', f => f.appendArg(instOf(f, Op.icmp), 0)],
  [
    'T4',
    'a missing result',
    f => {
      const inst = f.makeInst(Op.iconst, Type.I32)
      f.insertInstBefore(inst, f.firstInst(0))
    },
  ],
  ['T5', 'a constant that does not fit', f => f.setImm(instOf(f, Op.iconst), 5, 1)],
  ['T7', 'a short constant', f => (f.constants[0] = new Uint8Array(8))],
  ['T10', 'no such condition', f => f.setAux(instOf(f, Op.icmp), 10)],
  ['T10', 'no such modification', f => f.setImm(instOf(f, Op.atomic_rmw), 11, 0)],
  ['T10', 'no such trap code', f => f.setAux(instOf(f, Op.trapz), 0)],
  [
    'E3',
    'a jump with two targets',
    f => {
      const jump = instOf(f, Op.jump)
      f.setTargets(jump, [f.target(jump, 0), f.makeBlockCall(1, [])])
    },
  ],
  [
    'X5',
    'a target that no item claims',
    f => {
      f.exceptionTables[0] = { signature: 0, items: [{ kind: 'context', arg: 1 }] }
    },
  ],
  [
    'X5',
    'an item without a target',
    f => {
      const items = f.exceptionTables[0]?.items ?? []
      f.exceptionTables[0] = { signature: 0, items: [...items, { kind: 'tag', tag: 1, target: 2 }] }
    },
  ],
  [
    'X7',
    'a context in the wrong place',
    f => {
      f.exceptionTables[0] = {
        signature: 0,
        items: [
          { kind: 'context', arg: 0 },
          { kind: 'default', target: 1 },
        ],
      }
    },
  ],
]

describe('broken by hand', () => {
  it('the base function is fine', () => {
    const f = fresh()
    expect(describeErrors(f, verifyFunc(f))).toBe('')
    expect(() => assertValid(f, 'in a test')).not.toThrow()
  })

  it.each(broken)('%s: %s', (rule, _, breakIt) => {
    const f = fresh()
    breakIt(f)
    expect(rules(f)).toContain(rule)
    expect(() => assertValid(f, 'in a test')).toThrow(BugError)
  })

  it('S1 for a function without anything', () => {
    const f = fresh()
    f.reset(signature([], [], CallConv.Tail))
    expect(rules(f)).toEqual(['S1'])
  })
})

it('every rule of the list is broken somewhere', () => {
  const header = readFileSync(join(root, 'src/ir/verify.ts'), 'utf8')
  const listed = [...header.matchAll(/^\/\/ {3}([SRTDECX]\d+) /gm)].map(m => m[1] as string)
  expect(listed.length).toBeGreaterThan(40)
  const golden = files.flatMap(([, text]) =>
    parseClif(text).functions.flatMap(f => expectedRules(f.comments)),
  )
  const covered = new Set([...golden, ...broken.map(([rule]) => rule), 'S1'])
  expect(listed.filter(rule => !covered.has(rule))).toEqual([])
  expect([...covered].filter(rule => !listed.includes(rule))).toEqual([])
})
