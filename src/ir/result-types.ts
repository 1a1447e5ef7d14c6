// Types of results, derived from the operation's row: the one place that knows what Result.Widened and its kin mean.

import { assert } from '../base/errors.js'
import type { Inst } from './entities.js'
import { boolResultType, type Func } from './func.js'
import { Format, type OpInfo, opInfo, Result } from './ops.js'
import { Type, typeInfo } from './types.js'

/** Type with twice the width and half the lanes (i16x8 of i8x16); for scalars, the type twice as wide. Invalid: none. */
const widened: readonly Type[] = [
  ...[Type.Invalid, Type.I16, Type.I32, Type.I64, Type.I128, Type.Invalid, Type.F64, Type.Invalid],
  ...[Type.I16x8, Type.I32x4, Type.I64x2, Type.Invalid, Type.F64x2, Type.Invalid],
]

/** Type with half the width and twice the lanes; for scalars, the type half as wide. Invalid: there is none. */
const narrowed: readonly Type[] = [
  ...[Type.Invalid, Type.Invalid, Type.I8, Type.I16, Type.I32, Type.I64, Type.Invalid, Type.F32],
  ...[Type.Invalid, Type.I8x16, Type.I16x8, Type.I32x4, Type.Invalid, Type.F32x4],
]

function laneType(ctrl: Type): Type {
  return (typeInfo[ctrl] as { lane: Type }).lane
}

type Rule = (ctrl: Type) => readonly Type[]
const no: readonly Type[] = []
const rules: Rule[] = []
rules[Result.None] = () => no
rules[Result.Ctrl] = t => [t]
rules[Result.Typed] = t => [t]
rules[Result.Bool] = t => [boolResultType(t)]
rules[Result.I8] = () => [Type.I8]
rules[Result.Lane] = t => [laneType(t)]
rules[Result.CtrlAndI8] = t => [t, Type.I8]
rules[Result.Halves] = t => [narrowed[t] as Type, narrowed[t] as Type]
rules[Result.Double] = t => [widened[t] as Type]
rules[Result.Narrowed] = t => [narrowed[t] as Type]
rules[Result.Widened] = t => [widened[t] as Type]
rules[Result.Signature] = () => no

/** Types of the results of an operation for a controlling type; calls (Result.Signature) excepted: none. */
export function resultTypes(info: OpInfo, ctrl: Type): readonly Type[] {
  return (rules[info.result] as Rule)(ctrl)
}

/** Result rule by opcode. */
const resultRule = Uint8Array.from(opInfo, info => info.result)

/** The type of an operation's only result where the common rules say it; else Invalid. */
export function onlyResult(opcode: number, ctrl: Type): Type {
  const rule = resultRule[opcode] as Result
  if (rule === Result.Ctrl || rule === Result.Typed) return ctrl
  if (rule === Result.Bool) return boolResultType(ctrl)
  return rule === Result.I8 ? Type.I8 : Type.Invalid
}

/** Gives an instruction its results: those of its row, or of the signature it calls. Operands and aux must be set. */
export function makeResults(func: Func, inst: Inst): void {
  const only = onlyResult(func.opcode(inst), func.instType(inst))
  if (only !== Type.Invalid) {
    func.appendResult(inst, only)
    return
  }
  const info = func.info(inst)
  if (info.result === Result.None) return
  if (info.result === Result.Signature) {
    for (const p of func.calleeSignature(inst).results) func.appendResult(inst, p.type)
    return
  }
  for (const t of resultTypes(info, func.instType(inst))) {
    assert(t !== Type.Invalid, 'an operation has results of real types')
    func.appendResult(inst, t)
  }
}

/** Is the type written after the opcode in the text, because operands do not determine it? */
export function writesType(info: OpInfo): boolean {
  if (info.result !== Result.Typed) return false
  return info.format !== Format.F32 && info.format !== Format.F64 && fixedTypes.get(info.name) === undefined
}

/** Operations whose only type is fixed: controlling type by name. */
export const fixedTypes: ReadonlyMap<string, Type> = new Map([
  ['f32const', Type.F32],
  ['f64const', Type.F64],
  ['fvdemote', Type.F32x4],
  ['fvpromote_low', Type.F64x2],
  ['uload8x8', Type.I16x8],
  ['sload8x8', Type.I16x8],
  ['uload16x4', Type.I32x4],
  ['sload16x4', Type.I32x4],
  ['uload32x2', Type.I64x2],
  ['sload32x2', Type.I64x2],
])

/** Controlling type that an operation's operand has to have, by name: what a reader may assume. */
export const operandTypes: ReadonlyMap<string, Type> = new Map([
  ['br_table', Type.I32],
  ['swizzle', Type.I8x16],
  ['x86_pshufb', Type.I8x16],
  ['shuffle', Type.I8x16],
  ['x86_pmaddubsw', Type.I8x16],
])

const untyped: ReadonlySet<string> = new Set([
  ...['br_table', 'swizzle', 'x86_pshufb', 'shuffle', 'x86_pmaddubsw', 'fvdemote', 'fvpromote_low'],
  ...['return', 'call', 'return_call', 'try_call'],
])

/** Is there nothing that a type after the opcode could say, because every operand's type is fixed or unrelated? */
export function hasNoType(info: OpInfo): boolean {
  return untyped.has(info.name)
}
