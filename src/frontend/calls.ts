// Calls: direct, imported, through a table, through a reference; each also as a tail call.
//
// A function of the module is called directly with the caller's vmctx. An imported one is a pair (code, vmctx) in the
// VMContext, one behind a reference a pair in its funcRef record. A host function that is imported is jumped to, as it returns
// in a way that the processor does not predict by calls (shim/x64/stubs.ts); the import's code address says so. A call
// through a table checks, in this order, the index, null and the type id, but nothing that the table's type already
// promises. Calls under exception clauses: scopes.ts.

import type { SigRef, Value } from '../ir/entities.js'
import { AliasRegion, MemFlag, trusted, withRegion } from '../ir/memflags.js'
import { IntCC, Op } from '../ir/ops.js'
import { Type } from '../ir/types.js'
import { codeAlign, funcRef, importedFunction, irTrapCode } from '../vm-layout.js'
import { Opcode } from '../wasm/opcodes.js'
import { concreteHeap, heapOf, isNullable } from '../wasm/types.js'
import { openInlined } from './inlining.js'
import { pushCall, pushCallIndirect } from './scopes.js'
import { constantField, type HandlerRows, type State } from './state.js'
import { elementAddress, tableAccess } from './tables.js'
import { unsupported } from './unsupported.js'

const undefinedElement = irTrapCode('undefined_element')
const uninitializedElement = irTrapCode('uninitialized_element')
const typeMismatch = irTrapCode('indirect_call_type_mismatch')
const nullFunction = irTrapCode('null_function_reference')

/** Field of a funcRef record: never changes, but is only there behind the null check. */
const funcRefField = withRegion(trusted | MemFlag.ReadOnly, AliasRegion.Runtime)

function paramCount(t: State, typeIndex: number): number {
  return t.env.shape(typeIndex).params.length
}

/** Calls code with a vmctx. */
function callCode(t: State, signature: SigRef, typeIndex: number, code: Value, vmctx: Value): void {
  const args = t.popArgs(vmctx, paramCount(t, typeIndex))
  pushCallIndirect(t, signature, code, args, t.env.shape(typeIndex).results)
}

function tailCallCode(t: State, typeIndex: number, code: Value, vmctx: Value): void {
  const args = t.popArgs(vmctx, paramCount(t, typeIndex))
  t.builder.returnCallIndirect(t.sigRef(typeIndex), code, args)
  t.reachable = false
}

function callImported(t: State, tail: boolean, func: number): void {
  const { builder, vmctx } = t
  const at = t.env.layout.importedFunction(func)
  const code = builder.load(Op.load, Type.I64, constantField, vmctx, at + importedFunction.code)
  const callee = builder.load(Op.load, Type.I64, constantField, vmctx, at + importedFunction.vmctx)
  const typeIndex = t.env.typeOfFunc(func)
  if (!tail) callCode(t, t.importSigRef(typeIndex), typeIndex, code, callee)
  else {
    // The caller that remains has made a call.
    const entry = builder.binary(Op.band, code, builder.iconst(Type.I64, -codeAlign))
    tailCallCode(t, typeIndex, entry, callee)
  }
}

function callFunction(t: State, tail: boolean): void {
  const func = t.reader.u32()
  if (func < t.module.importedFuncCount) {
    callImported(t, tail, func)
    return
  }
  if (!tail && openInlined(t, func)) return
  const args = t.popArgs(t.vmctx, paramCount(t, t.env.typeOfFunc(func)))
  const ref = t.funcRef(func)
  if (tail) {
    t.builder.returnCall(ref, args)
    t.reachable = false
  } else pushCall(t, ref, args, t.env.shape(t.env.typeOfFunc(func)).results)
}

function callReference(t: State, tail: boolean, typeIndex: number, ref: Value): void {
  const { builder } = t
  const code = builder.load(Op.load, Type.I64, funcRefField, ref, funcRef.code)
  const callee = builder.load(Op.load, Type.I64, funcRefField, ref, funcRef.vmctx)
  if (tail) tailCallCode(t, typeIndex, code, callee)
  else callCode(t, t.sigRef(typeIndex), typeIndex, code, callee)
}

function callThroughTable(t: State, tail: boolean): void {
  const { builder, module } = t
  const typeIndex = t.reader.u32()
  const table = t.reader.u32()
  const at = elementAddress(t, table, t.pop(), undefinedElement)
  const ref = builder.load(Op.load, Type.I64, tableAccess, at, 0)
  const { element } = t.env.table(table)
  if (isNullable(element)) builder.trapz(ref, uninitializedElement)
  const wanted = concreteHeap(module.types.canonical(typeIndex))
  if (!module.types.isHeapSubtype(heapOf(element), wanted)) checkType(t, typeIndex, ref)
  callReference(t, tail, typeIndex, ref)
}

/** Traps unless the function behind a reference has the type: ids are equal exactly when types are. */
function checkType(t: State, typeIndex: number, ref: Value): void {
  const { builder } = t
  if (!t.module.types.at(typeIndex).final) throw unsupported('an indirect call of an open type', t.at)
  const id = builder.load(Op.load, Type.I32, funcRefField, ref, funcRef.typeId)
  builder.trapnz(builder.icmp(IntCC.Ne, id, t.typeId(typeIndex)), typeMismatch)
}

function callRef(t: State, tail: boolean): void {
  const typeIndex = t.reader.u32()
  const ref = t.pop()
  t.builder.trapz(ref, nullFunction)
  callReference(t, tail, typeIndex, ref)
}

/** Handlers of the calls. */
export const callHandlers: HandlerRows = [
  [Opcode.Call, t => callFunction(t, false)],
  [Opcode.CallIndirect, t => callThroughTable(t, false)],
  [Opcode.CallRef, t => callRef(t, false)],
  [Opcode.ReturnCall, t => callFunction(t, true)],
  [Opcode.ReturnCallIndirect, t => callThroughTable(t, true)],
  [Opcode.ReturnCallRef, t => callRef(t, true)],
]
