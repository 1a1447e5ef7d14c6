// Structure and reference rules: S1–S10, R1–R9 of verify.ts.

import { type Block, type GlobalValueData, type Inst, none, type Value, ValueDef } from './entities.js'
import { Format, isTerminator } from './ops.js'
import type { AbiParam, Signature } from './signature.js'
import { isInt, Type, typeBytes } from './types.js'
import type { Verification } from './verify.js'

/** Pointers are 64 bits wide on every target there is. */
export const pointerType = Type.I64

/** Checks S and R rules. Later checks rely on them. */
export function verifyStructure(v: Verification): void {
  const { func } = v
  if (func.firstBlock === none) {
    v.report('S1', 'the function has no block')
    return
  }
  if (!walkLayout(v)) return
  for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) checkBlock(v, b)
  checkEntry(v)
  checkAliases(v)
  checkSignatures(v)
  checkGlobals(v)
  if (v.errors.length > 0) return
  v.eachInst(i => checkReferences(v, i))
  checkTables(v)
}

/** Follows the block list once; false if it is no list. */
function walkLayout(v: Verification): boolean {
  const { func } = v
  let prev: Block = none
  for (let b = func.firstBlock; b !== none; b = func.nextBlock(b)) {
    if (b < 0 || b >= func.numBlocks || v.inLayout[b] !== 0 || func.prevBlock(b) !== prev) {
      v.report('S3', `block${b} is linked inconsistently`, b)
      return false
    }
    v.inLayout[b] = 1
    prev = b
  }
  if (func.lastBlock !== prev) v.report('S3', 'the last block is not the end of the list')
  return v.errors.length === 0
}

function checkBlock(v: Verification, b: Block): void {
  const { func } = v
  if (!checkInstLinks(v, b)) return
  const last = func.lastInst(b)
  if (last === none) v.report('S2', `block${b} is empty`, b)
  else if (!isTerminator(func.opcode(last))) v.report('S2', `block${b} does not end in a terminator`, b, last)
  for (let i = func.firstInst(b); i !== none; i = func.nextInst(i)) {
    if (i !== last && isTerminator(func.opcode(i))) v.at(i, 'S2', 'a terminator stands before the end')
    checkResults(v, i)
  }
  func.blockParams(b).forEach((p, n) => {
    if (func.valueDef(p) === ValueDef.Param && func.valueSource(p) === b && func.valueIndex(p) === n) return
    v.report('S4', `parameter ${n} of block${b} does not belong to it`, b)
  })
}

function checkInstLinks(v: Verification, b: Block): boolean {
  const { func } = v
  let prev: Inst = none
  let steps = 0
  for (let i = func.firstInst(b); i !== none; i = func.nextInst(i)) {
    const broken = func.instBlock(i) !== b || func.prevInst(i) !== prev
    if (broken || steps++ > func.numInsts) {
      v.report('S3', `an instruction of block${b} is linked inconsistently`, b, i)
      return false
    }
    prev = i
  }
  if (func.lastInst(b) === prev) return true
  v.report('S3', `the last instruction of block${b} is not the end of its list`, b)
  return false
}

function checkResults(v: Verification, i: Inst): void {
  const { func } = v
  for (let n = 0; n < func.resultCount(i); n++) {
    const r = func.result(i, n)
    const own = func.valueDef(r) === ValueDef.Result && func.valueSource(r) === i && func.valueIndex(r) === n
    if (!own) v.at(i, 'S4', `result ${n} does not belong to the instruction`)
  }
}

function checkEntry(v: Verification): void {
  const { func } = v
  const entry = func.firstBlock
  if (func.isCold(entry)) v.report('S5', 'the entry block is cold', entry)
  const got = func.blockParams(entry)
  const want = func.signature.params
  if (got.length !== want.length) {
    v.report('S6', `the entry block has ${got.length} parameters, the signature ${want.length}`, entry)
    return
  }
  want.forEach((p, n) => {
    if (func.valueType(got[n] as number) !== p.type) {
      v.report('S6', `entry parameter ${n} has not the signature's type`, entry)
    }
  })
}

function checkAliases(v: Verification): void {
  const { func } = v
  for (let a = 0; a < func.numValues; a++) {
    if (func.valueDef(a) !== ValueDef.Alias) continue
    let at: Value = a
    let steps = 0
    while (func.valueDef(at) === ValueDef.Alias && steps++ <= func.numValues) at = func.valueSource(at)
    if (func.valueDef(at) === ValueDef.Alias) v.report('S9', `value ${a} is an alias of itself`)
    else if (func.valueType(at) !== func.valueType(a)) v.report('S9', `alias ${a} has not its target's type`)
  }
}

// ── References ──────────────────────────────────────────────────────────────────────────────────────────────────

function checkSignatures(v: Verification): void {
  checkSignature(v, v.func.signature, 'the function')
  v.func.signatures.forEach((s, n) => {
    checkSignature(v, s, `sig${n}`)
  })
  v.func.extFuncs.forEach((f, n) => {
    if (v.func.signatures[f.signature] === undefined) v.report('R1', `fn${n} has no signature`)
  })
}

function checkSignature(v: Verification, s: Signature, whose: string): void {
  for (const purpose of ['vmctx', 'sret'] as const) {
    const special = s.params.filter(p => p.purpose === purpose)
    if (special.length > 1) v.report('R7', `${whose} has several ${purpose} parameters`)
    if (special.some(p => p.type !== pointerType)) v.report('R7', `${purpose} of ${whose} is no pointer`)
  }
  if (s.results.some(p => p.purpose === 'vmctx')) v.report('R7', `${whose} returns a vmctx`)
  for (const p of [...s.params, ...s.results]) checkExtension(v, p, whose)
}

function checkExtension(v: Verification, p: AbiParam, whose: string): void {
  if (p.extension === 'none' || (isInt(p.type) && (typeBytes[p.type] as number) <= 8)) return
  v.report('R8', `${whose} extends something that is no integer of a register`)
}

function checkGlobals(v: Verification): void {
  v.func.globalValues.forEach((g, n) => {
    checkGlobal(v, g, n)
  })
  const { stackLimit } = v.func
  if (stackLimit === none) return
  const limit = v.func.globalValues[stackLimit]
  if (limit === undefined) v.report('R1', `the stack limit gv${stackLimit} does not exist`)
  else if (globalType(limit) !== pointerType) v.report('R5', 'the stack limit is no pointer')
}

function globalType(g: GlobalValueData): Type {
  return g.kind === 'load' || g.kind === 'iadd_imm' ? g.type : pointerType
}

function checkGlobal(v: Verification, g: GlobalValueData, n: number): void {
  if (g.kind === 'vmctx' && !v.func.signature.params.some(p => p.purpose === 'vmctx')) {
    v.report('R3', `gv${n} is vmctx, but no parameter is`)
  }
  if (g.kind !== 'load' && g.kind !== 'iadd_imm') return
  const base = v.func.globalValues[g.base]
  if (base === undefined || g.base >= n) {
    v.report('R2', `the base gv${g.base} of gv${n} is not declared before it`)
    return
  }
  if (globalType(base) !== pointerType) v.report('R4', `the base of gv${n} is no pointer`)
  if (g.kind === 'iadd_imm' && g.type !== globalType(base)) {
    v.report('R4', `gv${n} has not the type of its base`)
  }
}

type Check = (v: Verification, i: Inst) => void

const exists = (list: readonly unknown[], n: number): boolean => n >= 0 && n < list.length
const need =
  (what: string, list: (v: Verification) => readonly unknown[]): Check =>
  (v, i) => {
    const n = v.func.aux(i)
    if (!exists(list(v), n)) v.at(i, 'R1', `${what} ${n} does not exist`)
  }

const referenceChecks: (Check | undefined)[] = []
referenceChecks[Format.Const128] = need('constant', v => v.func.constants)
referenceChecks[Format.Shuffle] = need('constant', v => v.func.constants)
referenceChecks[Format.StackAddr] = need('stack slot', v => v.func.stackSlots)
referenceChecks[Format.FuncAddr] = need('function', v => v.func.extFuncs)
referenceChecks[Format.Call] = need('function', v => v.func.extFuncs)
referenceChecks[Format.CallIndirect] = need('signature', v => v.func.signatures)
referenceChecks[Format.TryCall] = (v, i) => {
  if (!exists(v.func.extFuncs, v.func.immLo(i))) v.at(i, 'R1', `function ${v.func.immLo(i)} does not exist`)
}
referenceChecks[Format.GlobalValue] = (v, i) => {
  const g = v.func.globalValues[v.func.aux(i)]
  if (g === undefined) v.at(i, 'R1', `global value ${v.func.aux(i)} does not exist`)
  else if (globalType(g) !== v.func.instType(i))
    v.at(i, 'R6', 'symbol_value has not the type of its global value')
}
referenceChecks[Format.HandlerAddress] = (v, i) => {
  if (!v.inLayout[v.func.aux(i)]) v.at(i, 'S8', `block${v.func.aux(i)} is not in the layout`)
}

function checkReferences(v: Verification, i: Inst): void {
  const { func } = v
  referenceChecks[func.format(i)]?.(v, i)
  for (let n = 0; n < func.argCount(i); n++) checkOperand(v, i, func.rawArg(i, n))
  for (let n = 0; n < func.targetCount(i); n++) {
    const call = func.target(i, n)
    const to = func.callBlock(call)
    if (!v.inLayout[to]) v.at(i, 'S8', `block${to} is not in the layout`)
    if (to === func.firstBlock) v.at(i, 'S7', 'a branch goes to the entry block')
    for (let k = 0; k < func.callArgCount(call); k++) {
      const arg = func.callArg(call, k)
      if (arg >= 0) checkOperand(v, i, arg)
    }
  }
}

/** S10: the value exists and its definition is in the layout. */
function checkOperand(v: Verification, i: Inst, operand: Value): void {
  const { func } = v
  if (operand < 0 || operand >= func.numValues) {
    v.at(i, 'S10', `value ${operand} does not exist`)
    return
  }
  const value = func.resolve(operand)
  const source = func.valueSource(value)
  const isParam = func.valueDef(value) === ValueDef.Param
  const block = isParam ? source : func.instBlock(source)
  const defined = isParam
    ? func.valueIndex(value) < func.paramCount(source) &&
      func.blockParam(source, func.valueIndex(value)) === value
    : func.valueIndex(value) < func.resultCount(source)
  if (block === none || !v.inLayout[block] || !defined) {
    v.at(i, 'S10', `value ${value} is defined by nothing in the layout`)
  }
}

/** R1 and R9 for exception tables. */
function checkTables(v: Verification): void {
  const { func } = v
  const owners = new Map<number, Inst>()
  v.eachInst(i => {
    const format = func.format(i)
    if (format !== Format.TryCall && format !== Format.TryCallIndirect) return
    const n = func.aux(i)
    const table = func.exceptionTables[n]
    if (table === undefined) v.at(i, 'R1', `exception table ${n} does not exist`)
    else if (func.signatures[table.signature] === undefined) {
      v.at(i, 'R1', `signature ${table.signature} does not exist`)
    }
    if (owners.has(n)) v.at(i, 'R9', 'the exception table belongs to another instruction too')
    owners.set(n, i)
  })
}
