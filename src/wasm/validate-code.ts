// Validation of one expression: the loop over instructions. Instructions whose types the table knows are checked by it;
// the others have handlers (validate-*.ts). What each opcode needs, under a set of features and in a body or a constant
// expression, is one byte in a plan that is computed once.

import { assert } from '../base/errors.js'
import { Feature, type FeatureSet, featureError, hasFeature } from './features.js'
import { readOpcode } from './immediates.js'
import type { ConstExpr, Module } from './module.js'
import {
  Imm,
  Opcode,
  opcodeArg,
  opcodeCount,
  opcodeFeature,
  opcodeImm,
  opcodeRows,
  opcodeSignature,
  signatures,
} from './opcodes.js'
import { ValType } from './types.js'
import { controlHandlers } from './validate-control.js'
import { allowsThrow, exceptionHandlers } from './validate-exceptions.js'
import { gcHandlers } from './validate-gc.js'
import { checkLane, memArg, memArgLane, memoryHandlers } from './validate-memory.js'
import { referenceHandlers } from './validate-refs.js'
import { type Handler, ValidatorState } from './validate-state.js'
import { localGet, localTee, variableHandlers } from './validate-variables.js'

/** What the loop does with an opcode. */
const enum Step {
  /** Holes, prefixes, instructions of features that are off. */
  Other,
  /** The table's signature, no immediates. */
  Simple,
  /** The table's signature, immediates first. */
  Immediate,
  Handler,
  /** In constant expressions: an instruction that must not be there. */
  NotConstant,
}

// Signatures as typed arrays: operands, then results, of signature s from sigStart[s]; 'a' is Bottom and stands for the
// address type of the memory.
const sigStart = new Uint16Array(signatures.length + 1)
const sigOperands = new Uint8Array(signatures.length)
const sigTypes: number[] = []

const letters: Readonly<Record<string, number>> = {
  i: ValType.I32,
  l: ValType.I64,
  f: ValType.F32,
  d: ValType.F64,
  v: ValType.V128,
  a: ValType.Bottom,
}

signatures.forEach((signature, s) => {
  const [operands = '', results = ''] = signature === '*' ? [] : signature.split(':')
  for (const letter of operands + results) sigTypes.push(letters[letter] as number)
  sigOperands[s] = operands.length
  sigStart[s + 1] = sigTypes.length
})
const sigTypeColumn = Uint8Array.from(sigTypes)

const missing: Handler = (_v, opcode) => assert(false, `opcode ${opcode} has a validator`)
const handlers: Handler[] = new Array(opcodeCount).fill(missing)
for (const [opcode, handler] of [
  ...controlHandlers,
  ...variableHandlers,
  ...memoryHandlers,
  ...referenceHandlers,
  ...exceptionHandlers,
  ...gcHandlers,
]) {
  handlers[opcode] = handler
}

/** Readers of the immediates of instructions with a signature, by Imm. */
const immediates: Handler[] = []
immediates[Imm.MemArg] = memArg
immediates[Imm.AtomicMemArg] = memArg
immediates[Imm.MemArgLane] = memArgLane
immediates[Imm.I32] = v => void v.reader.s32()
immediates[Imm.I64] = v => v.reader.s64()
immediates[Imm.F32] = v => v.reader.skip(4)
immediates[Imm.F64] = v => v.reader.skip(8)
immediates[Imm.V128] = v => v.reader.skip(16)
immediates[Imm.Lane] = (v, opcode) => checkLane(v, v.reader.u8(), opcodeArg[opcode] as number)
immediates[Imm.Lanes16] = v => {
  for (let i = 0; i < 16; i++) checkLane(v, v.reader.u8(), 32)
}
immediates[Imm.ZeroByte] = v => {
  if (v.reader.u8() !== 0) v.fail('zero byte expected')
}

const constants: readonly Opcode[] = [
  Opcode.End,
  Opcode.I32Const,
  Opcode.I64Const,
  Opcode.F32Const,
  Opcode.F64Const,
  Opcode.V128Const,
  Opcode.GlobalGet,
  Opcode.RefNull,
  Opcode.RefFunc,
]

const extendedConstants: readonly Opcode[] = [
  Opcode.I32Add,
  Opcode.I32Sub,
  Opcode.I32Mul,
  Opcode.I64Add,
  Opcode.I64Sub,
  Opcode.I64Mul,
]

const gcConstants: readonly Opcode[] = [
  Opcode.StructNew,
  Opcode.StructNewDefault,
  Opcode.ArrayNew,
  Opcode.ArrayNewDefault,
  Opcode.ArrayNewFixed,
  Opcode.RefI31,
  Opcode.AnyConvertExtern,
  Opcode.ExternConvertAny,
]

function isOpcodeOn(opcode: Opcode, features: FeatureSet): boolean {
  if (opcode === Opcode.Throw) return allowsThrow(features)
  return hasFeature(features, opcodeFeature[opcode] as number)
}

function makeBodyPlan(features: FeatureSet): Uint8Array {
  const plan = new Uint8Array(opcodeCount)
  for (const { opcode, imm } of opcodeRows) {
    if (!isOpcodeOn(opcode, features)) continue
    const simple = opcodeSignature[opcode] !== 0
    plan[opcode] = simple ? (imm === Imm.None ? Step.Simple : Step.Immediate) : Step.Handler
  }
  return plan
}

function makeConstPlan(features: FeatureSet): Uint8Array {
  const body = makeBodyPlan(features)
  const plan = body.map(step => (step === Step.Other ? Step.Other : Step.NotConstant))
  const allowed = [...constants]
  if (hasFeature(features, Feature.ExtendedConst)) allowed.push(...extendedConstants)
  if (hasFeature(features, Feature.Gc)) allowed.push(...gcConstants)
  for (const opcode of allowed) plan[opcode] = body[opcode] as number
  return plan
}

/** Validates bodies and constant expressions of one module; keeps its storage from one to the next. */
export class CodeValidator {
  private readonly v: ValidatorState
  private readonly bodyPlan: Uint8Array
  private readonly constPlan: Uint8Array

  constructor(readonly module: Module) {
    this.v = new ValidatorState(module)
    this.bodyPlan = makeBodyPlan(module.features)
    this.constPlan = makeConstPlan(module.features)
  }

  /** Validates the body of a defined function. The module must have its code. */
  body(funcIndex: number): void {
    const { module, v } = this
    const code = module.code
    assert(code !== undefined, 'a module whose bodies are validated has its code section')
    const i = funcIndex - module.importedFuncCount
    const typeIndex = module.funcTypeIndices[funcIndex] as number
    this.readLocals(typeIndex, code.localsStart[i] as number, code.codeStart[i] as number)
    v.constant = false
    v.globalLimit = module.globals.length
    v.begin(typeIndex)
    this.run(this.bodyPlan)
    if (v.reader.pos !== code.end[i]) v.reader.fail('section size mismatch')
  }

  /** Validates a constant expression that must produce `type` and sees the first `globalLimit` globals. */
  constExpr(expr: ConstExpr, type: number, globalLimit: number): void {
    const { v } = this
    v.constant = true
    v.localCount = 0
    v.globalLimit = globalLimit
    v.reader.pos = expr.start
    v.begin(~type)
    this.run(this.constPlan)
  }

  private readLocals(typeIndex: number, start: number, end: number): void {
    const { v } = this
    v.localCount = 0
    for (const type of this.module.types.funcType(typeIndex).params) v.addLocals(1, type, true)
    v.reader.pos = start
    for (let runs = v.reader.u32(); runs > 0; runs--) {
      const n = v.reader.u32()
      v.addLocals(n, v.typeReader.valueType(), false)
    }
    assert(v.reader.pos === end, 'the decoder and the validator agree where the locals end')
  }

  private run(plan: Uint8Array): void {
    const { v } = this
    const { reader } = v
    const { bytes, end } = reader
    while (v.depth > 0) {
      const at = reader.pos
      v.at = at
      let opcode = at < end ? (bytes[at] as number) : Opcode.Unreachable
      let step = at < end ? plan[opcode] : Step.Other
      if (step === Step.Other) {
        opcode = readOpcode(reader)
        step = plan[opcode]
        if (step === Step.Other) this.failOff(opcode)
      } else reader.pos = at + 1
      if (step === Step.Simple) this.apply(opcode)
      else if (step === Step.Immediate) {
        this.readImmediates(opcode)
        this.apply(opcode)
      } else if (step === Step.Handler) this.handle(opcode)
      else this.failNotConstant(opcode)
    }
  }

  // What is frequent is called by name: V8 inlines it, while a call through a table takes as long as what it does.

  private readImmediates(opcode: Opcode): void {
    const imm = opcodeImm[opcode] as Imm
    if (imm === Imm.I32) this.v.reader.s32()
    else if (imm === Imm.MemArg) memArg(this.v, opcode)
    else (immediates[imm] as Handler)(this.v, opcode)
  }

  private handle(opcode: Opcode): void {
    if (opcode === Opcode.LocalGet) localGet(this.v, opcode)
    else if (opcode === Opcode.LocalTee) localTee(this.v, opcode)
    else (handlers[opcode] as Handler)(this.v, opcode)
  }

  /** Pops the operands and pushes the results that the table says. */
  private apply(opcode: Opcode): void {
    const { v } = this
    const signature = opcodeSignature[opcode] as number
    const start = sigStart[signature] as number
    const results = start + (sigOperands[signature] as number)
    const end = sigStart[signature + 1] as number
    for (let i = results - 1; i >= start; i--) v.pop((sigTypeColumn[i] as number) || v.addressType)
    for (let i = results; i < end; i++) v.push(sigTypeColumn[i] as number)
  }

  private failNotConstant(opcode: Opcode): never {
    const reason = 'constant expression required'
    if (extendedConstants.includes(opcode)) throw featureError(Feature.ExtendedConst, this.v.at, reason)
    this.v.fail(reason)
  }

  private failOff(opcode: Opcode): never {
    const byte = opcode < 0x100 ? opcode.toString(16).padStart(2, '0') : opcode.toString(16)
    const feature = opcodeFeature[opcode] as Feature
    throw featureError(feature, this.v.at, `illegal opcode ${byte}`)
  }
}
