// Selection of control flow: jumps, branches, tables, traps, returns; machine state.

import { X } from '../../asm/x64/rowids.js'
import { type Inst, none, type Value } from '../../ir/entities.js'
import { IntCC, Op } from '../../ir/ops.js'
import { Type } from '../../ir/types.js'
import { accessTrapBytes } from '../../vm-layout.js'
import { InstFlag, OperandInfo } from '../regalloc/api.js'
import { Combine, type Cond, combineOf, firstCC, invertCond, secondCC, truth } from './lower-cond.js'
import { modifyAndTest } from './lower-memory.js'
import { P } from './pseudo.js'
import type { RuleTable, X64Lower } from './select.js'

/** br_tables with at most this many entries become comparisons. */
const chainEntries = 4

export function lowerJump(l: X64Lower): void {
  l.putAllEdgeArgs()
  l.pseudo(P.Jump, 0, 0, InstFlag.Branch)
}

function lowerBrif(l: X64Lower, inst: Inst): void {
  l.putAllEdgeArgs()
  const modified = modifyAndTest(l, inst)
  branchIf(l, modified >= 0 ? modified : truth(l, l.func.arg(inst, 0)))
}

/** Branches to the first successor if the condition holds, else to the second. */
export function branchIf(l: X64Lower, c: Cond): void {
  const how = combineOf(c)
  if (how === Combine.Single) l.pseudo(P.Brcc, firstCC(c), 0, InstFlag.Branch)
  else if (how === Combine.Or) l.pseudo(P.BrccOr, firstCC(c), secondCC(c), InstFlag.Branch)
  else l.pseudo(P.BrccAnd, firstCC(c), secondCC(c), InstFlag.Branch)
}

function lowerBrTable(l: X64Lower, inst: Inst): void {
  const { func, graph } = l
  l.putAllEdgeArgs()
  if (graph.succCount(graph.blockOf(l.block)) === 1) {
    l.pseudo(P.Jump, 0, 0, InstFlag.Branch)
    return
  }
  const index = l.use(func.arg(inst, 0))
  const entries = func.targetCount(inst) - 1
  const table = l.tables.push(l.tableTargets.length)
  for (let k = 1; k <= entries; k++) l.tableTargets.push(graph.targetEdge(l.block, k))
  l.tableTargets.push(graph.targetEdge(l.block, 0))
  const chain = entries <= chainEntries
  l.pseudo(chain ? P.SwitchChain : P.JumpTable, table, entries, InstFlag.Branch)
  l.vc.operand(index, OperandInfo.UseReg)
  if (chain) return
  l.vc.operand(l.temp(), OperandInfo.DefRegEarly)
  l.vc.operand(l.temp(), OperandInfo.DefRegEarly)
}

/** A trap if the condition holds. */
export function trapIf(l: X64Lower, c: Cond, code: number): void {
  const how = combineOf(c)
  if (how === Combine.Single) l.pseudo(P.TrapIf, firstCC(c), code)
  else if (how === Combine.Or) l.pseudo(P.TrapIfOr, firstCC(c) | (secondCC(c) << 8), code)
  else l.pseudo(P.TrapIfAnd, firstCC(c) | (secondCC(c) << 8), code)
}

function lowerTrapz(l: X64Lower, inst: Inst): void {
  trapIf(l, invertCond(truth(l, l.func.arg(inst, 0))), l.func.aux(inst))
}

function lowerTrapnz(l: X64Lower, inst: Inst): void {
  const { func } = l
  const condition = func.arg(inst, 0)
  const code = func.aux(inst)
  const end = accessTrapBytes(code) === 0 ? none : greaterOf(l, condition)
  if (end === none) {
    trapIf(l, truth(l, condition), code)
    return
  }
  const reg = l.use(end)
  l.pseudo(P.TrapIfPast, firstCC(truth(l, condition)), code)
  l.vc.operand(reg, OperandInfo.UseReg)
}

/** The operand that is the greater one if an unsigned comparison of 64 bits holds; none for other conditions. */
function greaterOf(l: X64Lower, condition: Value): Value {
  const { func } = l
  const compare = func.defInst(condition)
  if (compare === none || func.opcode(compare) !== Op.icmp || l.type(func.arg(compare, 0)) !== Type.I64)
    return none
  const cc = func.aux(compare)
  return cc === IntCC.Ugt ? func.arg(compare, 0) : cc === IntCC.Ult ? func.arg(compare, 1) : none
}

function machineState(op: P): (l: X64Lower, inst: Inst) => void {
  return (l, inst) => {
    const d = l.def(l.func.result(inst))
    l.pseudo(op)
    l.vc.operand(d, OperandInfo.DefReg)
  }
}

function lowerHandlerAddress(l: X64Lower, inst: Inst): void {
  const { func, graph } = l
  const d = l.def(func.result(inst))
  const block = func.aux(inst)
  if (graph.blockOf(block) < 0) {
    l.row(X.mov64_rm_i32, 0, d)
    return
  }
  l.pseudo(P.HandlerAddress, graph.targetEdge(block, 1 + func.immLo(inst)))
  l.vc.operand(d, OperandInfo.DefReg)
}

function lowerSetPinned(l: X64Lower, inst: Inst): void {
  const x = l.use(l.func.arg(inst, 0))
  l.pseudo(P.SetPinned)
  l.vc.operand(x, OperandInfo.UseReg)
}

function lowerFence(l: X64Lower): void {
  l.row(X.mfence, 0)
}

/** Puts the address of a symbol into d. */
export function symbolAddress(l: X64Lower, d: number, symbol: number, near: boolean): void {
  l.pseudo(near ? P.SymbolNear : l.options.pic ? P.SymbolGot : P.SymbolAbs, symbol)
  l.vc.operand(d, OperandInfo.DefReg)
}

function lowerFuncAddr(l: X64Lower, inst: Inst): void {
  const callee = l.func.extFuncs[l.func.aux(inst)]
  if (callee === undefined) return
  const d = l.def(l.func.result(inst))
  symbolAddress(l, d, l.addSymbol(callee.name), callee.colocated)
}

function lowerSymbolValue(l: X64Lower, inst: Inst): void {
  const d = l.def(l.func.result(inst))
  globalValue(l, l.func.aux(inst), d)
}

/** Evaluates a global value into d. */
function globalValue(l: X64Lower, gv: number, d: number): void {
  const data = l.func.globalValues[gv]
  if (data === undefined) return
  if (data.kind === 'symbol') {
    symbolAddress(l, d, l.addSymbol(data.name, data.offset), data.colocated)
  } else if (data.kind === 'vmctx') {
    const at = l.func.signature.params.findIndex(p => p.purpose === 'vmctx')
    l.moveInt(d, l.use(l.func.blockParam(l.func.firstBlock, at)))
  } else {
    const base = l.temp()
    globalValue(l, data.base, base)
    l.mem(base, -1, 0, data.offset, data.kind === 'load' ? l.trapOf(data.flags) : 0)
    if (data.kind === 'iadd_imm') l.row(X.lea64_r_m, 0, d)
    else l.row(data.type === Type.I32 ? X.mov32_r_rm : X.mov64_r_rm, 0, d, none)
  }
}

/** Rules of this file. */
export const controlRules: RuleTable = [
  [Op.jump, lowerJump],
  [Op.brif, lowerBrif],
  [Op.br_table, lowerBrTable],
  [Op.trap, (l, inst) => l.pseudo(P.Trap, l.func.aux(inst), 0, InstFlag.Return)],
  [Op.trapz, lowerTrapz],
  [Op.trapnz, lowerTrapnz],
  [Op.debugtrap, l => l.row(X.int3, 0)],
  [Op.nop, () => undefined],
  [Op.sequence_point, () => undefined],
  [Op.fence, lowerFence],
  [Op.get_frame_pointer, machineState(P.FramePointer)],
  [Op.get_stack_pointer, machineState(P.StackPointer)],
  [Op.get_return_address, machineState(P.ReturnAddress)],
  [Op.get_pinned_reg, machineState(P.GetPinned)],
  [Op.set_pinned_reg, lowerSetPinned],
  [Op.get_exception_handler_address, lowerHandlerAddress],
  [Op.func_addr, lowerFuncAddr],
  [Op.symbol_value, lowerSymbolValue],
]
