// The symbolic checker: proves that an allocation keeps every value where the instructions look for it. It knows nothing
// of how the allocator works: it runs the allocated code with names of vregs in place of values.
//
// Lattice. A state maps each location (register 0–63, spill slot 64…) to the set of vregs whose current value it holds.
// Fewer names is lower; at joins sets are intersected; an unreached block is the top. Sets are interned, so a state is
// an array of small numbers and a fixpoint over blocks is cheap.
//
// Transfer functions.
//   move f → t       t holds what f holds, as far as class and size of the moved vreg carry it; writing a slot kills what
//                    overlaps it. A recomputing move leaves its vreg's name (and, on the way into a block, those of the parameters
//                    that stand for it there).
//   instruction      early uses are looked up; early defs written; late uses looked up; clobbers emptied; late defs
//                    written. A def of v erases v everywhere else: an old copy is last iteration's value.
//                    InstFlag.Move copies the contents of its use and adds the def's name.
//   edge             its own moves, then all parameters at once: a location holds parameter p if it held p's argument; old p's are erased.
// The scratch registers lose their contents at each instruction.
//
// Checked: each use finds its vreg; constraints, class, and that ordinary operands avoid non-allocatable registers;
// defs stay apart from each other and from what must survive them (late uses, early defs, clobbers); order, place and
// form of moves (no slot to slot, nothing after terminators); slot bounds and alignment; that only Remat values are
// recomputed or left out; that the mask of written registers is complete.
// Not checked: quality; that the emitter obeys; liveness as such (a dead copy in a slot is no error).

import { BugError } from '../../base/errors.js'
import {
  Constraint,
  InstFlag,
  type MachineEnv,
  noAllocation,
  OperandBits,
  type RegallocInput,
  type RegallocOutput,
  rematBase,
  spillBase,
} from './api.js'

/** Proves the allocation or throws BugError with the first fault found. */
export function checkAllocation(input: RegallocInput, env: MachineEnv, output: RegallocOutput): void {
  new Checker(input, env, output).run()
}

const emptySet = 0

/** Interned sets of vregs. Set 0 is empty. */
class SetTable {
  private readonly members: number[][] = [[]]
  private readonly index = new Map<string, number>([['', 0]])
  private readonly memo = new Map<string, number>()

  of(list: number[]): number {
    const key = list.join(',')
    let id = this.index.get(key)
    if (id === undefined) {
      id = this.members.length
      this.members.push(list)
      this.index.set(key, id)
    }
    return id
  }

  list(id: number): readonly number[] {
    return this.members[id]!
  }

  has(id: number, vreg: number): boolean {
    return this.members[id]!.includes(vreg)
  }

  with(id: number, vreg: number): number {
    const list = this.members[id]!
    if (list.includes(vreg)) return id
    return this.of([...list, vreg].sort((a, b) => a - b))
  }

  without(id: number, vreg: number): number {
    const list = this.members[id]!
    if (!list.includes(vreg)) return id
    return this.of(list.filter(v => v !== vreg))
  }

  meet(a: number, b: number): number {
    if (a === b) return a
    if (a === emptySet || b === emptySet) return emptySet
    const key = a < b ? `${a},${b}` : `${b},${a}`
    let id = this.memo.get(key)
    if (id === undefined) {
      const other = this.members[b]!
      id = this.of(this.members[a]!.filter(v => other.includes(v)))
      this.memo.set(key, id)
    }
    return id
  }
}

class Checker {
  private readonly sets = new SetTable()
  private readonly locations: number
  private readonly entry: (Int32Array | undefined)[]
  private readonly allocatableInt: number
  private readonly allocatableFloat: number
  private readonly rematDef: Uint8Array
  /** First move at or after an instruction's Before point. */
  private readonly moveAt: Int32Array
  private state: Int32Array
  private block = 0

  constructor(
    private readonly input: RegallocInput,
    private readonly env: MachineEnv,
    private readonly output: RegallocOutput,
  ) {
    this.locations = spillBase + output.numSlots
    this.entry = new Array(input.numBlocks)
    this.state = new Int32Array(this.locations)
    this.allocatableInt = maskOf(env.allocatable[0])
    this.allocatableFloat = maskOf(env.allocatable[1])
    this.rematDef = this.findRematDefs()
    this.moveAt = this.indexMoves()
  }

  run(): void {
    const { input } = this
    if (input.numBlocks === 0) return
    const queued = new Uint8Array(input.numBlocks)
    const work = [0]
    this.entry[0] = new Int32Array(this.locations)
    while (work.length > 0) {
      const block = work.pop()!
      queued[block] = 0
      this.state = this.entry[block]!.slice()
      this.runBlock(block)
      for (let e = input.succStart[block]!; e < input.succStart[block + 1]!; e++) {
        const target = input.succs[e]!
        if (this.flowInto(target, this.alongEdge(e, target)) && queued[target] === 0) {
          queued[target] = 1
          work.push(target)
        }
      }
    }
  }

  // ── Preparation ───────────────────────────────────────────────────────────────────────────────────────────────

  private findRematDefs(): Uint8Array {
    const { input } = this
    const result = new Uint8Array(input.numVregs)
    for (let i = 0; i < input.numInsts; i++) {
      if ((input.instFlags[i]! & InstFlag.Remat) === 0) continue
      for (let k = input.operandStart[i]!; k < input.operandStart[i + 1]!; k++) {
        if ((input.operandInfo[k]! & OperandBits.Def) !== 0) result[input.operandVreg[k]!] = 1
      }
    }
    return result
  }

  private indexMoves(): Int32Array {
    const { numMoves, instMoves, movePoint } = this.output
    const at = new Int32Array(this.input.numInsts + 1)
    let m = 0
    for (let i = 0; i <= this.input.numInsts; i++) {
      while (m < numMoves && movePoint[m]! < 2 * i) m++
      at[i] = m
    }
    for (let k = 1; k < numMoves; k++) {
      if (movePoint[k]! < movePoint[k - 1]!)
        throw new BugError('regalloc check: moves are not sorted by point')
    }
    const { numInsts, succStart, numBlocks } = this.input
    if (numMoves > 0 && movePoint[numMoves - 1]! >= 2 * (numInsts + succStart[numBlocks]!)) {
      throw new BugError('regalloc check: a move is past the last edge')
    }
    if (at[numInsts] !== instMoves)
      throw new BugError('regalloc check: instMoves is not where moves of edges begin')
    return at
  }

  // ── Flow ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The state behind an edge: what its own moves make of the state at the end of its block, with parameters for arguments. */
  private alongEdge(edge: number, target: number): Int32Array {
    const before = this.state
    const at = this.input.numInsts + edge
    const { instMoves, numMoves, movePoint } = this.output
    let m = instMoves
    while (m < numMoves && movePoint[m]! < 2 * at) m++
    if (m < numMoves && movePoint[m]! === 2 * at) this.state = before.slice()
    for (; m < numMoves && movePoint[m]! === 2 * at; m++) this.runMove(at, m)
    const next = this.withArguments(edge, target)
    this.state = before
    return next
  }

  private withArguments(edge: number, target: number): Int32Array {
    const { input, sets } = this
    const first = input.blockParamStart[target]!
    const count = input.blockParamStart[target + 1]! - first
    const args = input.edgeArgStart[edge]!
    const next = this.state.slice()
    if (count === 0) return next
    for (let l = 0; l < this.locations; l++) {
      const held = this.state[l]!
      if (held === emptySet) continue
      let result = held
      for (let k = 0; k < count; k++) result = sets.without(result, input.blockParams[first + k]!)
      for (let k = 0; k < count; k++) {
        if (sets.has(held, input.edgeArgs[args + k]!))
          result = sets.with(result, input.blockParams[first + k]!)
      }
      next[l] = result
    }
    return next
  }

  /** Meets a state into a block's entry; whether that changed. */
  private flowInto(target: number, next: Int32Array): boolean {
    const old = this.entry[target]
    if (old === undefined) {
      this.entry[target] = next
      return true
    }
    let changed = false
    for (let l = 0; l < this.locations; l++) {
      const met = this.sets.meet(old[l]!, next[l]!)
      if (met === old[l]) continue
      old[l] = met
      changed = true
    }
    return changed
  }

  private runBlock(block: number): void {
    const { input } = this
    this.block = block
    for (let i = input.blockStart[block]!; i < input.blockStart[block + 1]!; i++) {
      this.runMoves(i, 0)
      this.runInst(i)
      this.runMoves(i, 1)
    }
  }

  // ── Moves ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private runMoves(i: number, pos: number): void {
    const { movePoint, numMoves } = this.output
    let m = this.moveAt[i]!
    while (m < numMoves && movePoint[m]! < 2 * i + pos) m++
    for (; m < numMoves && movePoint[m] === 2 * i + pos; m++) {
      if (pos === 1 && (this.input.instFlags[i]! & (InstFlag.Branch | InstFlag.Return)) !== 0) {
        this.fail(i, 'a move stands after a terminator')
      }
      this.runMove(i, m)
    }
  }

  private runMove(i: number, m: number): void {
    const { input, output, sets } = this
    const from = output.moveFrom[m]!
    const to = output.moveTo[m]!
    const vreg = output.moveVreg[m]!
    if (from >= spillBase && to >= spillBase) this.fail(i, `a move goes from slot ${from} to slot ${to}`)
    this.checkPlace(i, to, vreg, true)
    let held: number
    if (from <= rematBase) {
      if (rematBase - from !== vreg) this.fail(i, `a move for v${vreg} recomputes v${rematBase - from}`)
      if (this.rematDef[vreg] === 0) this.fail(i, `v${vreg} is recomputed and is no constant`)
      if (to >= spillBase) this.fail(i, `v${vreg} is recomputed into a slot`)
      held = this.withParams(i, vreg)
    } else {
      this.checkPlace(i, from, vreg, false)
      const cls = input.vregClass[vreg]!
      const size = input.vregSize[vreg]!
      const all = sets.list(this.state[from]!)
      held = sets.of(all.filter(v => input.vregClass[v] === cls && input.vregSize[v]! <= size))
    }
    this.write(to, held, input.vregSize[vreg]!)
  }

  /** The name of a recomputed constant; at the start of a block also those of the parameters that it is passed for. */
  private withParams(i: number, vreg: number): number {
    const { input } = this
    let result = this.sets.of([vreg])
    const b = this.block
    if (i !== input.blockStart[b]! || input.predStart[b + 1]! - input.predStart[b]! !== 1) return result
    const from = input.preds[input.predStart[b]!]!
    for (let e = input.succStart[from]!; e < input.succStart[from + 1]!; e++) {
      if (input.succs[e] !== b) continue
      const args = input.edgeArgStart[e]! - input.blockParamStart[b]!
      for (let k = input.blockParamStart[b]!; k < input.blockParamStart[b + 1]!; k++) {
        if (input.edgeArgs[args + k] === vreg) result = this.sets.with(result, input.blockParams[k]!)
      }
    }
    return result
  }

  /** That a location exists and fits the vreg's class and size; registers must be declared as written. */
  private checkPlace(i: number, place: number, vreg: number, written: boolean): void {
    const { input, output } = this
    if (place < 0 || place >= this.locations) this.fail(i, `location ${place} for v${vreg} does not exist`)
    if (place >= spillBase) {
      const slot = place - spillBase
      if (input.vregSize[vreg] === 16 && ((slot & 1) !== 0 || slot + 1 >= output.numSlots)) {
        this.fail(i, `slot ${slot} cannot hold the 16 bytes of v${vreg}`)
      }
      return
    }
    if (place >> 5 !== input.vregClass[vreg])
      this.fail(i, `register ${place} is not of the class of v${vreg}`)
    if (written) this.checkDeclared(i, place)
  }

  private checkDeclared(i: number, preg: number): void {
    const used = preg < 32 ? this.output.usedInt : this.output.usedFloat
    if (((used >>> (preg & 31)) & 1) === 0)
      this.fail(i, `register ${preg} is written and not declared as used`)
  }

  private write(place: number, held: number, size: number): void {
    const { state, sets, input } = this
    state[place] = held
    if (place < spillBase) return
    const slot = place - spillBase
    if (size === 16) state[place + 1] = emptySet
    if ((slot & 1) !== 0) {
      const low = sets.list(state[place - 1]!)
      if (low.some(v => input.vregSize[v] === 16)) {
        state[place - 1] = sets.of(low.filter(v => input.vregSize[v] !== 16))
      }
    }
  }

  // ── Instructions ──────────────────────────────────────────────────────────────────────────────────────────────

  private runInst(i: number): void {
    const { input, output, env, state } = this
    const first = input.operandStart[i]!
    const end = input.operandStart[i + 1]!
    for (let k = first; k < end; k++) this.checkOperand(i, k, first)
    this.checkApart(i, first, end)
    for (let k = first; k < end; k++) if ((input.operandInfo[k]! & OperandBits.Def) === 0) this.checkUse(i, k)
    state[env.scratch[0]] = emptySet
    state[env.scratch[1]] = emptySet
    const copied =
      (input.instFlags[i]! & InstFlag.Move) !== 0 ? state[output.operandAlloc[first]!]! : emptySet
    this.clobber(i)
    for (let k = first; k < end; k++) {
      if ((input.operandInfo[k]! & OperandBits.Def) !== 0) this.define(k, copied)
    }
  }

  private checkOperand(i: number, k: number, first: number): void {
    const { input, output } = this
    const info = input.operandInfo[k]!
    const vreg = input.operandVreg[k]!
    const place = output.operandAlloc[k]!
    const isDef = (info & OperandBits.Def) !== 0
    if (place === noAllocation && isDef && this.rematDef[vreg] === 1) return
    this.checkPlace(i, place, vreg, isDef)
    const constraint = info & OperandBits.ConstraintMask
    const preg = (info >> OperandBits.PRegShift) & 255
    const isRegister = place < spillBase
    if (constraint === Constraint.Fixed) {
      if (place !== preg) this.fail(i, `v${vreg} must be in register ${preg}, not ${place}`)
      return
    }
    if (constraint === Constraint.Stack && isRegister)
      this.fail(i, `v${vreg} must be in a slot, not ${place}`)
    if (constraint === Constraint.Reg && !isRegister)
      this.fail(i, `v${vreg} must be in a register, not ${place}`)
    if (constraint === Constraint.Reuse) {
      if (!isRegister || place !== output.operandAlloc[first + preg]) {
        this.fail(i, `v${vreg} in ${place} must share the register of operand ${preg}`)
      }
    }
    if (
      isRegister &&
      !this.isOrdinary(place) &&
      !this.isFixedHere(k, place, first, input.operandStart[i + 1]!)
    ) {
      this.fail(i, `v${vreg} is in register ${place}, which is not allocatable`)
    }
  }

  private isOrdinary(preg: number): boolean {
    return (((preg < 32 ? this.allocatableInt : this.allocatableFloat) >>> (preg & 31)) & 1) !== 0
  }

  /** Whether another operand of the instruction is fixed to this register (an operand may share it). */
  private isFixedHere(k: number, place: number, first: number, end: number): boolean {
    const { input } = this
    for (let o = first; o < end; o++) {
      const info = input.operandInfo[o]!
      if (o === k || (info & OperandBits.ConstraintMask) !== Constraint.Fixed) continue
      if (((info >> OperandBits.PRegShift) & 255) === place) return true
    }
    return false
  }

  /** Defs against defs, defs against uses that must survive them, clobbers against late operands. */
  private checkApart(i: number, first: number, end: number): void {
    const { input, output } = this
    for (let d = first; d < end; d++) {
      const info = input.operandInfo[d]!
      const place = output.operandAlloc[d]!
      const late = (info & OperandBits.Late) !== 0
      if ((info & OperandBits.Def) === 0) {
        if (late && this.isClobbered(i, place)) this.fail(i, `late use in clobbered register ${place}`)
        continue
      }
      if (place === noAllocation) continue
      const fixed = (info & OperandBits.ConstraintMask) === Constraint.Fixed
      if ((!late || !fixed) && this.isClobbered(i, place)) this.fail(i, `def in clobbered register ${place}`)
      for (let o = first; o < end; o++) {
        if (o === d || !this.overlap(d, o)) continue
        const other = input.operandInfo[o]!
        const otherDef = (other & OperandBits.Def) !== 0
        if (otherDef) this.fail(i, `two defs in ${place}`)
        if (!late || (other & OperandBits.Late) !== 0)
          this.fail(i, `def of v${input.operandVreg[d]} destroys a use`)
      }
    }
  }

  /** Whether the places of two operands overlap. */
  private overlap(a: number, b: number): boolean {
    const { input, output } = this
    const pa = output.operandAlloc[a]!
    const pb = output.operandAlloc[b]!
    if (pa === pb) return pa >= 0
    if (pa < spillBase || pb < spillBase) return false
    if (pa + 1 === pb) return input.vregSize[input.operandVreg[a]!] === 16
    if (pb + 1 === pa) return input.vregSize[input.operandVreg[b]!] === 16
    return false
  }

  private isClobbered(i: number, place: number): boolean {
    if (place < 0 || place >= spillBase) return false
    const set = this.input.instClobber[i]!
    return ((this.input.clobberSets[2 * set + (place >> 5)]! >>> (place & 31)) & 1) !== 0
  }

  private checkUse(i: number, k: number): void {
    const vreg = this.input.operandVreg[k]!
    const place = this.output.operandAlloc[k]!
    const held = this.state[place]!
    if (this.sets.has(held, vreg)) return
    const names = this.sets.list(held).map(v => `v${v}`)
    this.fail(
      i,
      `operand ${k - this.input.operandStart[i]!}: v${vreg} is not in ${place}, which holds {${names.join(' ')}}`,
    )
  }

  private clobber(i: number): void {
    const set = this.input.instClobber[i]!
    if (set === 0) return
    for (let preg = 0; preg < spillBase; preg++) {
      if (!this.isClobbered(i, preg)) continue
      this.state[preg] = emptySet
      this.checkDeclared(i, preg)
    }
  }

  private define(k: number, copied: number): void {
    const { input, output, sets, state } = this
    const vreg = input.operandVreg[k]!
    const place = output.operandAlloc[k]!
    for (let l = 0; l < this.locations; l++) {
      if (state[l] !== emptySet) state[l] = sets.without(state[l]!, vreg)
    }
    if (place !== noAllocation)
      this.write(place, sets.with(sets.without(copied, vreg), vreg), input.vregSize[vreg]!)
  }

  private fail(i: number, what: string): never {
    throw new BugError(`regalloc check: instruction ${i}: ${what}`)
  }
}

function maskOf(pregs: readonly number[]): number {
  let mask = 0
  for (const preg of pregs) mask |= 1 << (preg & 31)
  return mask
}
