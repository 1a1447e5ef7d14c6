// Validation of references: null, functions, branches on null, calls through references.

import { Opcode } from './opcodes.js'
import { CompositeKind, concreteHeap, type FuncType, Heap, nonNull, refType, ValType } from './types.js'
import { finishTailCall } from './validate-control.js'
import type { Handler, HandlerRows, ValidatorState } from './validate-state.js'

const refNull: Handler = v => v.push(refType(true, v.typeReader.heapType()))

const refIsNull: Handler = v => {
  v.popRef()
  v.push(ValType.I32)
}

const refFunc: Handler = (v: ValidatorState) => {
  const index = v.reader.u32()
  const typeIndex = v.module.funcTypeIndices[index]
  if (typeIndex === undefined) v.fail(`unknown function ${index}`)
  if (!v.constant && !v.module.declaredFuncs.has(index)) v.fail(`undeclared function reference ${index}`)
  v.push(refType(false, concreteHeap(v.types.canonical(typeIndex))))
}

/** The reference type without null; of Bottom, a reference below all others. */
const withoutNull = (type: number): number =>
  type === ValType.Bottom ? refType(false, Heap.Bottom) : nonNull(type)

const refAsNonNull: Handler = v => v.push(withoutNull(v.popRef()))

const brOnNull: Handler = v => {
  const types = v.labelTypes(v.label())
  const type = v.popRef()
  v.popList(types)
  v.pushList(types)
  v.push(withoutNull(type))
}

/** A branch that passes `passed` as the last operand of the label; the others stay on the stack. */
export function branchWith(v: ValidatorState, types: Int32Array, passed: number): void {
  const last = types.length - 1
  if (last < 0 || !v.types.isSubtype(passed, types[last] as number)) v.failTypes(types, [passed])
  v.popList(types, last)
  v.pushList(types, last)
}

const brOnNonNull: Handler = v => {
  const types = v.labelTypes(v.label())
  branchWith(v, types, withoutNull(v.popRef()))
}

const refEq: Handler = v => {
  v.pop(ValType.EqRef)
  v.pop(ValType.EqRef)
  v.push(ValType.I32)
}

/** Reads the type of a call through a reference and pops the reference. */
function calledReference(v: ValidatorState): FuncType {
  const index = v.reader.u32()
  const composite = v.types.get(index)?.composite
  if (composite?.kind !== CompositeKind.Func) v.fail(`unknown type ${index}`)
  v.pop(refType(true, concreteHeap(v.types.canonical(index))))
  return composite
}

const callRef: Handler = v => {
  const type = calledReference(v)
  v.popList(type.params)
  v.pushList(type.results)
}

/** Handlers of this file. */
export const referenceHandlers: HandlerRows = [
  [Opcode.RefNull, refNull],
  [Opcode.RefIsNull, refIsNull],
  [Opcode.RefFunc, refFunc],
  [Opcode.RefAsNonNull, refAsNonNull],
  [Opcode.BrOnNull, brOnNull],
  [Opcode.BrOnNonNull, brOnNonNull],
  [Opcode.RefEq, refEq],
  [Opcode.CallRef, callRef],
  [Opcode.ReturnCallRef, v => finishTailCall(v, calledReference(v))],
]
