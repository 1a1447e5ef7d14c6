// Where arguments and results of a signature are, by calling convention.
//
//               integer arguments        float args  integer results               float results  stack arguments
//   tail        rdi rsi rdx rcx r8 r9    xmm0–7      rax rcx rdx rsi rdi r8 r9 r10  xmm0–7         popped by the callee
//   winch       the same                 xmm0–7      rax                           xmm0           popped by the caller
//   system_v    the same                 xmm0–7      rax rdx                       xmm0–1         popped by the caller
//   fast        as system_v
//   tail_or_jump  as tail, of calls only
//   preserve_all  nothing is passed, every register is preserved; callees are written by hand
//
// An i128 takes two registers (low half first) or 16 bytes of stack; it never straddles. Winch allows one result in a
// register. Results that find no register are in memory: the caller reserves an area in its frame and passes the
// address as one more integer argument, behind all others. A stack argument takes 8 bytes (16, aligned, for i128 and
// vectors); the area's size is a multiple of 16.
// An i32 in a register has a zero upper half in tail and winch; elsewhere the upper half is unspecified, as in C. i8 and i16
// are unspecified above their width unless an extension attribute says otherwise.
// Callee-saved: rbx rbp r12–r15, except winch, which saves none but rbp. No float register is callee-saved.

import { Gpr } from '../../asm/x64/regs.js'
import { assert } from '../../base/errors.js'
import { CallConv, type Extension, passesAsTail, type Signature } from '../../ir/signature.js'
import { isFloat, isVector, Type } from '../../ir/types.js'
import { defFixed, floatBase, type PReg, useFixed } from '../regalloc/api.js'
import { allFloatMask, callerSavedMask } from './env.js'

const intArgs: readonly PReg[] = [Gpr.rdi, Gpr.rsi, Gpr.rdx, Gpr.rcx, Gpr.r8, Gpr.r9]
const floatArgCount = 8
const tailResults: readonly PReg[] = [
  ...[Gpr.rax, Gpr.rcx, Gpr.rdx, Gpr.rsi, Gpr.rdi, Gpr.r8, Gpr.r9, Gpr.r10],
]
const systemVResults: readonly PReg[] = [Gpr.rax, Gpr.rdx]

/** Exception payloads 0 and 1. */
export const payloadRegs: readonly PReg[] = [Gpr.rax, Gpr.rdx]

/** Place of one parameter or result. */
export interface Place {
  readonly type: Type
  readonly extension: Extension
  /** Register, or -1: in memory at `offset`. */
  readonly reg: PReg
  /** Register of the high half of an i128. */
  readonly hiReg: PReg
  /** Byte in the stack argument area or in the result area. */
  readonly offset: number
}

/** A signature with every parameter and result in its place. */
export interface Abi {
  readonly callConv: CallConv
  readonly params: readonly Place[]
  readonly results: readonly Place[]
  /** Bytes of stack arguments, a multiple of 16. */
  readonly stackBytes: number
  /** Bytes of the result area; 0: every result is in a register. */
  readonly resultBytes: number
  /** Where the address of the result area is passed; null if there is none. */
  readonly resultArea: Place | null
  /** Does the callee pop the stack arguments? */
  readonly calleePops: boolean
  /** Not null if every parameter is in a register of its own, as it is, and so is the result, if there is one. */
  readonly plain: PlainAbi | null
}

/** What a call with everything in registers looks like to the register allocator. */
export interface PlainAbi {
  /** Operand info by parameter. */
  readonly args: Int32Array
  /** Operand info of the result, or 0. */
  readonly result: number
  /** What the call destroys besides. */
  readonly ints: number
  readonly floats: number
}

/** Does a function of the convention preserve callee-saved registers? */
export function preservesRegs(callConv: CallConv): boolean {
  return callConv !== CallConv.Winch
}

class Assigner {
  private ints = 0
  private floats = 0
  bytes = 0

  constructor(
    private readonly intRegs: readonly PReg[],
    private readonly floatCount: number,
  ) {}

  place(type: Type, extension: Extension): Place {
    const at = { type, extension, reg: -1, hiReg: -1, offset: 0 }
    if (isFloat(type) || isVector(type)) {
      if (this.floats < this.floatCount) return { ...at, reg: floatBase + this.floats++ }
      return { ...at, offset: this.memory(isVector(type) ? 16 : 8) }
    }
    const need = type === Type.I128 ? 2 : 1
    if (this.ints + need > this.intRegs.length) return { ...at, offset: this.memory(need * 8) }
    const reg = this.intRegs[this.ints] as PReg
    const hiReg = need === 2 ? (this.intRegs[this.ints + 1] as PReg) : -1
    this.ints += need
    return { ...at, reg, hiReg }
  }

  private memory(size: number): number {
    const offset = (this.bytes + size - 1) & -size
    this.bytes = offset + size
    return offset
  }
}

function resultAssigner(callConv: CallConv): Assigner {
  if (passesAsTail(callConv)) return new Assigner(tailResults, 8)
  if (callConv === CallConv.Winch) return new Assigner([Gpr.rax], 1)
  return new Assigner(systemVResults, 2)
}

const round16 = (n: number): number => (n + 15) & ~15

function isPlainPlace(p: Place): boolean {
  return p.reg >= 0 && p.hiReg < 0 && p.extension === 'none'
}

function plainOf(params: readonly Place[], results: readonly Place[]): PlainAbi | null {
  if (results.length > 1 || !params.every(isPlainPlace) || !results.every(isPlainPlace)) return null
  const reg = results[0]?.reg ?? -1
  return {
    args: Int32Array.from(params, p => useFixed(p.reg)),
    result: reg < 0 ? 0 : defFixed(reg),
    ints: callerSavedMask & ~(reg >= 0 && reg < floatBase ? 1 << reg : 0),
    floats: allFloatMask & ~(reg >= floatBase ? 1 << (reg - floatBase) : 0),
  }
}

function assign(sig: Signature): Abi {
  const { callConv } = sig
  assert(callConv !== CallConv.WindowsFastcall, 'the convention windows_fastcall is not implemented')
  const passes = sig.params.length + sig.results.length > 0
  assert(callConv !== CallConv.PreserveAll || !passes, 'nothing is passed with the convention preserve_all')
  const results = new Assigner([], 0)
  const inRegs = resultAssigner(callConv)
  let limit = callConv === CallConv.Winch ? 1 : 64
  const resultPlaces = sig.results.map(r => {
    const place = limit-- > 0 ? inRegs.place(r.type, r.extension) : null
    return place !== null && place.reg >= 0 ? place : results.place(r.type, r.extension)
  })
  const args = new Assigner(intArgs, floatArgCount)
  const params = sig.params.map(p => args.place(p.type, p.extension))
  const resultArea = results.bytes > 0 ? args.place(Type.I64, 'none') : null
  return {
    callConv,
    params,
    results: resultPlaces,
    stackBytes: round16(args.bytes),
    resultBytes: round16(results.bytes),
    resultArea,
    calleePops: passesAsTail(callConv),
    plain: callConv === CallConv.Tail ? plainOf(params, resultPlaces) : null,
  }
}

const cache = new WeakMap<Signature, Abi>()

/** Places of a signature's parameters and results. Remembered per signature object. */
export function abiOf(sig: Signature): Abi {
  let abi = cache.get(sig)
  if (abi === undefined) {
    abi = assign(sig)
    cache.set(sig, abi)
  }
  return abi
}
