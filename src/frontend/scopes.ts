// Active exception clauses: which handlers a call at the current place has, and calls that list them.
//
// Scopes form a linked list from the inside out; each control frame remembers the scope that holds inside it. A call
// under a scope becomes a try_call whose exception table lists vmctx as context (the runtime needs it to compare tags),
// then the clauses of all scopes, innermost first and left to right. A clause is left out if one before it always
// matches first: one of the same tag index, or any behind a clause for all exceptions. Clauses of different tag indices
// all stay, since imported tags may be the same.
//
// The IR gives tags no meaning. Ours tell the runtime two things: which tag of the module, and whether the landing pad
// wants the exception as a reference (payload 0), so that no handle is made for nobody:
//
//   catch x          tag 2x           catch_all        default
//   catch_ref x      tag 2x + 1       catch_all_ref    tag allTagsWithRef
//
// The payload of a tag clause lies in the value slots of the control block when the landing pad is reached.

import { CompileError } from '../base/errors.js'
import type { TryItem, TryTargets } from '../ir/builder.js'
import {
  type Block,
  excArg,
  type FuncRef,
  type Inst,
  retArg,
  type SigRef,
  type Value,
} from '../ir/entities.js'
import type { Type } from '../ir/types.js'
import type { State } from './state.js'

/** IR tag of clauses that catch every exception and want the reference. Tag indices are far below. */
export const allTagsWithRef = 0x7fffffff

/** Stands for all tags in a clause. */
export const allTags = -1

/** One handler of a scope. */
export interface Clause {
  /** Tag index, or allTags. */
  readonly tag: number
  /** The landing pad gets the exception as a reference: its block's only parameter. */
  readonly withRef: boolean
  /** The landing pad. */
  readonly block: Block
  /** try_table: position of the control frame that it branches to. */
  readonly frame: number
}

/** The clauses of one construct, inside those of others. */
export class Scope {
  private flat: readonly TryItem[] | undefined

  constructor(
    readonly clauses: readonly Clause[],
    readonly outer: Scope | undefined,
  ) {}

  /** The exception table of calls in this scope. Throws CompileError where a body's tables get absurdly large. */
  items(t: State): readonly TryItem[] {
    this.flat ??= [{ kind: 'context', value: t.vmctx }, ...this.handlers(t)]
    spend(t, this.flat.length * listingCost)
    return this.flat
  }

  private handlers(t: State): TryItem[] {
    const items: TryItem[] = []
    const seen = new Set<number>()
    for (let s: Scope | undefined = this; s !== undefined; s = s.outer) {
      spend(t, 1)
      for (const clause of s.clauses) {
        if (seen.has(clause.tag)) continue
        seen.add(clause.tag)
        items.push(itemOf(clause))
        if (clause.tag === allTags) return items
      }
    }
    return items
  }
}

/**
 * Handlers that the calls of a body list, each counted as often as it is listed, and scopes that are looked through: both
 * are products of the nesting and the number of calls, which a small hostile body can make huge.
 */
const maxHandlers = 4_000_000
/** What listing a handler costs, in scopes looked through. */
const listingCost = 16

function spend(t: State, cost: number): void {
  t.handlerCost += cost
  if (t.handlerCost > maxHandlers * listingCost) {
    throw new CompileError('too many exception handlers are active at the calls of one function', t.at)
  }
}

const reference = [excArg(0)]
const nothing: readonly number[] = []

function itemOf({ tag, withRef, block }: Clause): TryItem {
  const args = withRef ? reference : nothing
  if (tag !== allTags) return { kind: 'tag', tag: 2 * tag + (withRef ? 1 : 0), block, args }
  return withRef ? { kind: 'tag', tag: allTagsWithRef, block, args } : { kind: 'default', block, args }
}

/**
 * The clause that is known to catch exceptions of a tag thrown here, if its landing pad needs no reference. Unknown: tags of
 * different indices may be the same if both are imported.
 */
export function knownHandler(t: State, tag: number): Clause | undefined {
  const imported = t.module.importedTagCount
  for (let s = t.scope; s !== undefined; s = s.outer) {
    spend(t, 1)
    for (const clause of s.clauses) {
      if (clause.tag === allTags || clause.tag === tag) return clause.withRef ? undefined : clause
      if (clause.tag < imported && tag < imported) return undefined
    }
  }
  return undefined
}

/** The landing pad of a clause. */
export function makeClause(t: State, tag: number, withRef: boolean, frame: number, refType: Type): Clause {
  const block = t.builder.createBlock()
  if (withRef) t.builder.addBlockParam(block, refType)
  return { tag, withRef, block, frame }
}

/** Pushes the results of a plain call. */
function pushResults(t: State, call: Inst): void {
  const count = t.func.resultCount(call)
  for (let i = 0; i < count; i++) t.push(t.func.result(call, i))
}

/** Targets of a call in a scope that goes on in a new block with the results. */
export function tryTargets(t: State, scope: Scope, results: readonly Type[]): TryTargets {
  const block = t.builder.createBlock()
  const args: number[] = []
  for (let i = 0; i < results.length; i++) {
    t.builder.addBlockParam(block, results[i] as Type)
    args.push(retArg(i))
  }
  return { block, args, items: scope.items(t) }
}

function goOn(t: State, block: Block): void {
  t.builder.sealBlock(block)
  t.builder.switchToBlock(block)
  t.pushParams(block)
}

/** Calls a function under the active clauses and pushes its results. */
export function pushCall(t: State, func: FuncRef, args: readonly Value[], results: readonly Type[]): void {
  const { builder, scope } = t
  if (scope === undefined) {
    pushResults(t, builder.call(func, args))
    return
  }
  const to = tryTargets(t, scope, results)
  builder.tryCall(func, args, to)
  goOn(t, to.block)
}

/** The same with the address of the code. */
export function pushCallIndirect(
  t: State,
  signature: SigRef,
  code: Value,
  args: readonly Value[],
  results: readonly Type[],
): void {
  const { builder, scope } = t
  if (scope === undefined) {
    pushResults(t, builder.callIndirect(signature, code, args))
    return
  }
  const to = tryTargets(t, scope, results)
  builder.tryCallIndirect(signature, code, args, to)
  goOn(t, to.block)
}
