// Validation of exceptions: try_table and throw_ref, and the legacy try, catch, delegate and rethrow.

import { Feature, hasFeature } from './features.js'
import { Opcode } from './opcodes.js'
import { Heap, refType, ValType } from './types.js'
import type { Handler, HandlerRows, ValidatorState } from './validate-state.js'

/** Reads a tag index and returns the operands that come with its exceptions. */
function tagParams(v: ValidatorState): Int32Array {
  const index = v.reader.u32()
  const tag = v.module.tags[index]
  if (tag === undefined) v.fail(`unknown tag ${index}`)
  return v.types.funcType(tag.typeIndex).params
}

const throwOp: Handler = v => {
  v.popList(tagParams(v))
  v.setUnreachable()
}

const throwRef: Handler = v => {
  v.pop(ValType.ExnRef)
  v.setUnreachable()
}

const enum CatchKind {
  Catch,
  CatchRef,
  CatchAll,
  CatchAllRef,
}

function catchClause(v: ValidatorState): void {
  const kind = v.reader.u8()
  if (kind > CatchKind.CatchAllRef) v.fail('malformed catch clause')
  const params = kind <= CatchKind.CatchRef ? tagParams(v) : new Int32Array(0)
  const withRef = kind === CatchKind.CatchRef || kind === CatchKind.CatchAllRef
  const caught = withRef ? Int32Array.of(...params, refType(false, Heap.Exn)) : params
  const types = v.labelTypes(v.label())
  if (!v.areSubtypes(caught, types)) v.failTypes(types, caught)
}

const tryTable: Handler = v => {
  const blockType = v.typeReader.blockType()
  // The labels of the clauses are counted from outside of the block.
  for (let n = v.reader.count(); n > 0; n--) catchClause(v)
  const params = v.paramsOf(blockType)
  v.popList(params)
  v.pushFrame(Opcode.TryTable, blockType)
  v.pushList(params)
}

const catchOp: Handler = (v, opcode) => {
  const opener = v.frameOpcode(0)
  if (opener !== Opcode.Try && opener !== Opcode.Catch) v.fail('END opcode expected')
  const blockType = v.popFrame()
  v.pushFrame(opcode, blockType)
  if (opcode === Opcode.Catch) v.pushList(tagParams(v))
}

const delegate: Handler = v => {
  if (v.frameOpcode(0) !== Opcode.Try) v.fail('END opcode expected')
  const blockType = v.popFrame()
  v.label()
  v.pushList(v.resultsOf(blockType))
}

const rethrow: Handler = v => {
  const opener = v.frameOpcode(v.label())
  if (opener !== Opcode.Catch && opener !== Opcode.CatchAll) v.fail('invalid rethrow label')
  v.setUnreachable()
}

/** `throw` belongs to both exception proposals: it is on if either is. */
export const allowsThrow = (features: number): boolean =>
  hasFeature(features, Feature.Exceptions) || hasFeature(features, Feature.LegacyExceptions)

/** Handlers of this file. */
export const exceptionHandlers: HandlerRows = [
  [Opcode.Throw, throwOp],
  [Opcode.ThrowRef, throwRef],
  [Opcode.TryTable, tryTable],
  [Opcode.Catch, catchOp],
  [Opcode.CatchAll, catchOp],
  [Opcode.Delegate, delegate],
  [Opcode.Rethrow, rethrow],
]
