// Validation of blocks, branches and calls.

import { Feature } from './features.js'
import { Opcode } from './opcodes.js'
import { CompositeKind, type FuncType, Heap, heapOf, ValType } from './types.js'
import type { Handler, HandlerRows, ValidatorState } from './validate-state.js'

const unreachable: Handler = v => v.setUnreachable()

const block: Handler = (v, opcode) => {
  const blockType = v.typeReader.blockType()
  if (opcode === Opcode.If) v.pop(ValType.I32)
  if (blockType < 0) {
    v.pushFrame(opcode, blockType)
    return
  }
  const params = v.paramsOf(blockType)
  v.popList(params)
  v.pushFrame(opcode, blockType)
  v.pushList(params)
}

const elseBranch: Handler = v => {
  if (v.frameOpcode(0) !== Opcode.If) v.fail('END opcode expected')
  const blockType = v.popFrame()
  v.pushFrame(Opcode.Else, blockType)
  v.pushList(v.paramsOf(blockType))
}

const end: Handler = v => {
  const opener = v.frameOpcode(0)
  const blockType = v.popFrame()
  const results = v.resultsOf(blockType)
  // Without an else, the parameters themselves are the results if the condition is false.
  if (opener === Opcode.If && !v.areSubtypes(v.paramsOf(blockType), results)) {
    v.failTypes(results, v.paramsOf(blockType))
  }
  if (v.depth > 0) v.pushList(results)
}

const br: Handler = v => {
  v.popList(v.labelTypes(v.label()))
  v.setUnreachable()
}

const brIf: Handler = v => {
  const types = v.labelTypes(v.label())
  v.pop(ValType.I32)
  if (types.length === 0) return
  v.popList(types)
  v.pushList(types)
}

/** All targets take as many operands; each label is checked once against what is on the stack. */
const brTable: Handler = v => {
  v.pop(ValType.I32)
  const n = v.reader.count()
  let arity = -1
  v.beginLabelSet()
  for (let i = 0; i <= n; i++) {
    const label = v.label()
    if (!v.isNewLabel(label)) continue
    const types = v.labelTypes(label)
    if (arity >= 0 && types.length !== arity) {
      v.fail(`type mismatch: targets of br_table take ${arity} and ${types.length} operands`)
    }
    arity = types.length
    v.checkTop(types)
  }
  v.setUnreachable()
}

const resultsOfFunction = (v: ValidatorState): Int32Array => v.labelTypes(v.depth - 1)

const returnOp: Handler = v => {
  v.popList(resultsOfFunction(v))
  v.setUnreachable()
}

function calledFunction(v: ValidatorState): FuncType {
  const index = v.reader.u32()
  const typeIndex = v.module.funcTypeIndices[index]
  if (typeIndex === undefined) v.fail(`unknown function ${index}`)
  return v.types.funcType(typeIndex)
}

function calledIndirectly(v: ValidatorState): FuncType {
  const typeIndex = v.reader.u32()
  const tableIndex = v.reader.u32()
  if (tableIndex !== 0) v.require(Feature.ReferenceTypes, 'zero byte expected')
  const table = v.module.tables[tableIndex]
  if (table === undefined) v.fail(`unknown table ${tableIndex}`)
  if (!v.types.isHeapSubtype(heapOf(table.type.element), Heap.Func)) {
    v.failTypes([ValType.FuncRef], [table.type.element])
  }
  const composite = v.types.get(typeIndex)?.composite
  if (composite?.kind !== CompositeKind.Func) v.fail(`unknown type ${typeIndex}`)
  v.pop(table.type.index64 ? ValType.I64 : ValType.I32)
  return composite
}

function finishCall(v: ValidatorState, type: FuncType): void {
  v.popList(type.params)
  v.pushList(type.results)
}

/** A call in tail position: what the callee returns is what the function returns. */
export function finishTailCall(v: ValidatorState, type: FuncType): void {
  const results = resultsOfFunction(v)
  if (!v.areSubtypes(type.results, results)) v.failTypes(results, type.results)
  v.popList(type.params)
  v.setUnreachable()
}

/** Handlers of this file. */
export const controlHandlers: HandlerRows = [
  [Opcode.Unreachable, unreachable],
  [Opcode.Block, block],
  [Opcode.Loop, block],
  [Opcode.If, block],
  [Opcode.Try, block],
  [Opcode.Else, elseBranch],
  [Opcode.End, end],
  [Opcode.Br, br],
  [Opcode.BrIf, brIf],
  [Opcode.BrTable, brTable],
  [Opcode.Return, returnOp],
  [Opcode.Call, v => finishCall(v, calledFunction(v))],
  [Opcode.CallIndirect, v => finishCall(v, calledIndirectly(v))],
  [Opcode.ReturnCall, v => finishTailCall(v, calledFunction(v))],
  [Opcode.ReturnCallIndirect, v => finishTailCall(v, calledIndirectly(v))],
]
