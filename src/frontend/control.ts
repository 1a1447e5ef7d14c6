// Blocks, loops, conditionals and branches.
//
// A frame's results are the parameters of the block behind it, a loop's parameters those of its header; locals are
// variables of the builder, which adds block parameters for them by itself. Blocks are sealed as soon as the last branch
// to them exists: a loop's header at its `end`, everything else when it is entered.
//
// Behind an unconditional branch nothing is translated until the frame's `else` or `end` (translate.ts skips by
// immediates). The block behind a frame is entered if anything branches to it; a frame that nothing branches out of
// needs no such block at all: its results stay on the operand stack as they are.
//
// `if` keeps a copy of its parameters below its body's operands, because the else side starts with them again. Where its
// condition's other edge leads is left open until `else` or `end` tells.

import type { Block, Value } from '../ir/entities.js'
import { irTrapCode } from '../vm-layout.js'
import { Opcode } from '../wasm/opcodes.js'
import { check } from './checks.js'
import { closeTryTable } from './landings.js'
import { FrameKind, type HandlerRows, type State } from './state.js'

const noArgs: readonly Value[] = []
const unreachableTrap = irTrapCode('unreachable')

// ── Opening ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The block behind a frame, with the results as parameters. */
export function makeEnd(t: State, results: readonly number[]): Block {
  const block = t.builder.createBlock()
  for (let i = 0; i < results.length; i++) t.builder.addBlockParam(block, results[i] as number)
  return block
}

/** Opens the frame of the function's body. */
export function openBody(t: State): void {
  const shape = t.env.shape(t.env.typeOfFunc(t.funcIndex))
  t.pushFrame(FrameKind.Body, makeEnd(t, shape.results), 0, shape)
}

function block(t: State): void {
  const shape = t.readShape()
  t.pushFrame(FrameKind.Block, makeEnd(t, shape.results), t.stack.length - shape.params.length, shape)
}

function loop(t: State): void {
  const shape = t.readShape()
  const count = shape.params.length
  const header = makeEnd(t, shape.params)
  t.builder.jump(header, t.top(count))
  t.builder.switchToBlock(header)
  t.stack.length -= count
  t.pushFrame(FrameKind.Loop, header, t.stack.length, shape)
  t.loopDepth++
  t.pushParams(header)
  check(t)
}

function openIf(t: State): void {
  const { builder, stack } = t
  const shape = t.readShape()
  const condition = t.popCondition()
  const then = builder.createBlock()
  const test = builder.currentBlock
  const edge = builder.brifOpen(condition, then, t.takeInversion())
  continueIn(t, then)
  const height = stack.length - shape.params.length
  t.pushFrame(FrameKind.If, makeEnd(t, shape.results), height, shape)
  t.setElse(test, edge)
  copyParams(t, height, shape.params.length)
}

/** Pushes the operands [height, height + count) once more. */
function copyParams(t: State, height: number, count: number): void {
  for (let i = 0; i < count; i++) t.push(t.stack.data[height + i] as number)
}

// ── Closing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `else`: the frame is an If. */
function openElse(t: State): void {
  const frame = t.frameAt(0)
  const shape = t.shapeOf(frame)
  if (t.reachable) t.builder.jump(t.labelOf(frame), t.top(shape.results.length))
  const height = t.heightOf(frame)
  const count = shape.params.length
  const side = t.builder.createBlock()
  t.builder.closeEdge(t.testOf(frame), t.elseOf(frame), side)
  continueIn(t, side)
  t.stack.length = height + count
  copyParams(t, height, count)
  t.setKind(frame, FrameKind.Else)
  t.reachable = true
}

/** Ends the innermost frame. */
export function endFrame(t: State): void {
  const frame = t.frameAt(0)
  const kind = t.kindOf(frame)
  if (kind === FrameKind.Loop) endLoop(t, frame)
  else if (kind === FrameKind.Body) endBody(t, frame)
  else endBlock(t, frame, kind)
  t.popFrame()
  if (kind === FrameKind.Inlined) t.leaveCallee()
}

function endLoop(t: State, frame: number): void {
  t.builder.sealBlock(t.labelOf(frame))
  t.loopDepth--
  // Only the fall-through leaves a loop, with its results on top of an otherwise empty frame.
  if (!t.reachable) t.stack.length = t.heightOf(frame)
}

function endBlock(t: State, frame: number, kind: FrameKind): void {
  const label = t.labelOf(frame)
  const count = t.shapeOf(frame).results.length
  if (kind === FrameKind.If) skipElse(t, frame)
  else if (kind === FrameKind.TryTable) closeTryTable(t, frame)
  if (t.builder.predecessorEdges(label) === 0) {
    closeWithoutBlock(t, frame, count)
    return
  }
  if (t.reachable) t.builder.jump(label, t.top(count))
  t.builder.sealBlock(label)
  t.builder.switchToBlock(label)
  t.stack.length = t.heightOf(frame)
  t.pushParams(label)
  t.reachable = true
}

/** An If without else: where the condition is false its parameters are its results. */
function skipElse(t: State, frame: number): void {
  const height = t.heightOf(frame)
  const params: Value[] = []
  for (let i = 0; i < t.shapeOf(frame).params.length; i++) params.push(t.stack.data[height + i] as number)
  t.builder.closeEdge(t.testOf(frame), t.elseOf(frame), t.labelOf(frame), params)
}

/** Nothing branches behind the frame: its results, if it ends at all, move down to its height. */
function closeWithoutBlock(t: State, frame: number, count: number): void {
  const { data } = t.stack
  const height = t.heightOf(frame)
  const from = t.stack.length - count
  t.stack.length = height
  if (!t.reachable) return
  for (let i = 0; i < count; i++) t.push(data[from + i] as number)
}

function endBody(t: State, frame: number): void {
  const label = t.labelOf(frame)
  const values = t.reachable ? t.top(t.shapeOf(frame).results.length) : noArgs
  if (t.builder.predecessorEdges(label) === 0) {
    if (t.reachable) t.builder.return(values)
    return
  }
  if (t.reachable) t.builder.jump(label, values)
  t.builder.sealBlock(label)
  t.builder.switchToBlock(label)
  t.builder.return(t.func.blockParams(label))
}

// ── Branches ────────────────────────────────────────────────────────────────────────────────────────────────────────

function br(t: State): void {
  leave(t, t.frameAt(t.reader.u32()))
}

function returnValues(t: State): void {
  leave(t, t.bodyFrame)
}

/** Branches to a frame; to the function's body: returns. */
function leave(t: State, frame: number): void {
  const values = t.top(t.arityOf(frame))
  if (t.kindOf(frame) === FrameKind.Body) t.builder.return(values)
  else t.builder.jump(t.labelOf(frame), values)
  t.reachable = false
}

/** Goes on in a new block that only the branch just made leads to. */
function continueIn(t: State, next: Block): void {
  t.builder.sealBlock(next)
  t.builder.switchToBlock(next)
}

function brIf(t: State): void {
  const frame = t.frameAt(t.reader.u32())
  const condition = t.popCondition()
  const values = t.top(t.arityOf(frame))
  const otherwise = branchBehind(t)
  const next = otherwise < 0 ? t.builder.createBlock() : t.labelOf(otherwise)
  const nextValues = otherwise < 0 ? noArgs : t.top(t.arityOf(otherwise))
  const label = t.labelOf(frame)
  if (t.takeInversion()) t.builder.brif(condition, next, nextValues, label, values)
  else t.builder.brif(condition, label, values, next, nextValues)
  if (otherwise < 0) continueIn(t, next)
  else t.reachable = false
}

/** By kind of frame: is its end a branch to its label and nothing else? */
const endsInBranch = new Uint8Array(16)
for (const kind of [FrameKind.Block, FrameKind.If, FrameKind.Else, FrameKind.Inlined]) endsInBranch[kind] = 1

/**
 * The frame that what comes behind a conditional branch goes to at once: by a `br` that is a jump, which has been read then, or
 * by ending. −1 if something else comes next. Saves a block that only jumps.
 */
function branchBehind(t: State): number {
  const { reader } = t
  const next = reader.peek()
  if (next === Opcode.End) {
    return endsInBranch[t.kindOf(t.frameAt(0))] === 1 ? t.frameAt(0) : -1
  }
  if (next !== Opcode.Br) return -1
  const before = reader.pos++
  const frame = t.frameAt(reader.u32())
  if (t.kindOf(frame) !== FrameKind.Body) return frame
  reader.pos = before
  return -1
}

/** How often each label is named. (Storage by label would make nested tables quadratic: there are as many as frames.) */
function countLabels(labels: readonly number[]): Map<number, number> {
  const uses = new Map<number, number>()
  for (const label of labels) uses.set(label, (uses.get(label) ?? 0) + 1)
  return uses
}

/**
 * A label that stands once in the table is branched to directly; one that stands there several times gets a block of its
 * own in between, so that its arguments and those of the locals are moved in one place.
 */
function brTable(t: State): void {
  const { reader, builder } = t
  const index = t.pop()
  const count = reader.u32()
  const labels: number[] = []
  for (let i = 0; i <= count; i++) labels.push(reader.u32())
  const uses = countLabels(labels)

  const shared = new Map<number, Block>()
  const blocks: Block[] = []
  const args: (readonly Value[])[] = []
  const values = t.top(t.arityOf(t.frameAt(labels[0] as number)))
  for (const label of labels) {
    const once = uses.get(label) === 1
    if (!once && !shared.has(label)) shared.set(label, builder.createBlock())
    blocks.push(once ? t.labelOf(t.frameAt(label)) : (shared.get(label) as Block))
    args.push(once ? values : noArgs)
  }
  builder.brTable(index, blocks.pop() as number, args.pop() as readonly Value[], blocks, args)
  const byLabel = [...shared].sort(([a], [b]) => a - b)
  for (const [label, block] of byLabel) forward(t, block, t.labelOf(t.frameAt(label)), values)
  t.reachable = false
}

function forward(t: State, from: Block, to: Block, values: readonly Value[]): void {
  continueIn(t, from)
  t.builder.jump(to, values)
}

/** Branches with the reference gone if it is null; goes on with it otherwise. */
function brOnNull(t: State): void {
  const frame = t.frameAt(t.reader.u32())
  const ref = t.pop()
  const next = t.builder.createBlock()
  t.builder.brif(ref, next, noArgs, t.labelOf(frame), t.top(t.arityOf(frame)))
  continueIn(t, next)
  t.push(ref)
}

/** Branches with the reference if it is not null; goes on without it otherwise. */
function brOnNonNull(t: State): void {
  const frame = t.frameAt(t.reader.u32())
  const next = t.builder.createBlock()
  const values = t.top(t.arityOf(frame))
  t.builder.brif(values[values.length - 1] as number, t.labelOf(frame), values, next, noArgs)
  t.pop()
  continueIn(t, next)
}

function unreachable(t: State): void {
  t.builder.trap(unreachableTrap)
  t.reachable = false
}

/** Handlers of the control instructions. */
export const controlHandlers: HandlerRows = [
  [Opcode.Unreachable, unreachable],
  [Opcode.Nop, () => undefined],
  [Opcode.Block, block],
  [Opcode.Loop, loop],
  [Opcode.If, openIf],
  [Opcode.Else, openElse],
  [Opcode.End, endFrame],
  [Opcode.Br, br],
  [Opcode.BrIf, brIf],
  [Opcode.BrTable, brTable],
  [Opcode.Return, returnValues],
  [Opcode.BrOnNull, brOnNull],
  [Opcode.BrOnNonNull, brOnNonNull],
]
