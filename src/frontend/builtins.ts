// Operations that compiled code calls instead of doing inline: one row each. `native` rows have a body in IR
// (natives.ts); `exit` rows are done by JavaScript, reached through an exit trampoline that reports the row's number
// as controlBlock.exitIndex with Status.Builtin. SymbolSpace.Builtin counts these rows.
//
// Every builtin has convention `tail` and the calling function's vmctx as first parameter, not listed here. Addresses and
// lengths are i64 whatever the memory's or table's index type; indices of memories, tables, segments are i32.
// A builtin that fails does not return: the native ones trap, JavaScript resumes with 0 and the trampoline raises.

import { abiParam, CallConv, type Signature } from '../ir/signature.js'
import { Type } from '../ir/types.js'
import { vmctxParam } from './abi.js'

/** Row numbers: `index` of names in SymbolSpace.Builtin and, for exits, controlBlock.exitIndex. */
export const enum Builtin {
  MemoryCopy = 0,
  MemoryFill = 1,
  MemoryGrow = 2,
  MemoryInit = 3,
  DataDrop = 4,
  TableGrow = 5,
  TableFill = 6,
  TableCopy = 7,
  TableInit = 8,
  ElemDrop = 9,
  Throw = 10,
  ThrowRef = 11,
}

export interface BuiltinRow {
  readonly name: string
  readonly kind: 'native' | 'exit'
  /** Names of the parameters after vmctx. */
  readonly paramNames: readonly string[]
  readonly params: readonly Type[]
  readonly results: readonly Type[]
  /** With vmctx in front. */
  readonly signature: Signature
}

type Param = readonly [name: string, type: Type]

function row(
  name: string,
  kind: BuiltinRow['kind'],
  named: readonly Param[],
  results: readonly Type[],
): BuiltinRow {
  const params = named.map(([, type]) => type)
  const signature: Signature = {
    params: [vmctxParam, ...params.map(t => abiParam(t))],
    results: results.map(t => abiParam(t)),
    callConv: CallConv.Tail,
  }
  return { name, kind, paramNames: named.map(([n]) => n), params, results, signature }
}

const i32 = (name: string): Param => [name, Type.I32]
const i64 = (name: string): Param => [name, Type.I64]

/** One row per builtin, indexed by Builtin. */
export const builtinRows: readonly BuiltinRow[] = [
  // Definitions: addresses of memoryDefinition records
  row(
    'memory_copy',
    'native',
    [i64('dstDefinition'), i64('srcDefinition'), i64('dst'), i64('src'), i64('length')],
    [],
  ),
  row('memory_fill', 'native', [i64('definition'), i64('dst'), i32('byte'), i64('length')], []),
  // Result: pages before, or −1
  row('memory_grow', 'exit', [i32('memory'), i64('pages')], [Type.I64]),
  row('memory_init', 'exit', [i32('memory'), i32('data'), i64('dst'), i32('src'), i32('length')], []),
  row('data_drop', 'exit', [i32('data')], []),
  // Result: elements before, or −1
  row('table_grow', 'exit', [i32('table'), i64('value'), i64('elements')], [Type.I64]),
  row('table_fill', 'exit', [i32('table'), i64('dst'), i64('value'), i64('length')], []),
  row('table_copy', 'exit', [i32('dstTable'), i32('srcTable'), i64('dst'), i64('src'), i64('length')], []),
  row('table_init', 'exit', [i32('table'), i32('elem'), i64('dst'), i32('src'), i32('length')], []),
  row('elem_drop', 'exit', [i32('elem')], []),
  // Operands of the exception: in the value slots from the second on. Do not return
  row('throw', 'exit', [i32('tag')], []),
  row('throw_ref', 'exit', [i64('exception')], []),
]
