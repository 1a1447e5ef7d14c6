// What a pass may do with an instruction, read off its operation's effect bits and its memory flags.
//
//   removable    may vanish if no result is used
//   mergeable    an equal instruction that dominates it makes it redundant (GVN)
//   speculable   may run although control would not have come to it (LICM, if-conversion)
//   read/write masks   which alias regions it touches: two accesses are independent if the masks share no bit

import type { Inst } from './entities.js'
import type { Func } from './func.js'
import { AliasRegion, MemFlag, regionOf } from './memflags.js'
import { Effect, Format, type OpInfo, opEffect, opFormat, opInfo, Result } from './ops.js'
import { CallConv } from './signature.js'

/** Mask of every region. */
const allRegions = 0xff

const memoryFormat: Uint8Array = Uint8Array.from(opFormat, format =>
  format >= Format.Load && format <= Format.AtomicRmw ? 1 : 0,
)

/** Does the instruction have memory flags (loads, stores, atomics)? */
export function hasMemFlags(opcode: number): boolean {
  return memoryFormat[opcode] !== 0
}

/** Effect bits with the memory flags taken into account: a notrap access does not trap. */
export function effectsOf(func: Func, inst: Inst): number {
  const opcode = func.opcode(inst)
  const effects = opEffect[opcode] as number
  const noTrap = memoryFormat[opcode] !== 0 && (func.aux(inst) & MemFlag.NoTrap) !== 0
  return noTrap ? effects & ~Effect.Traps : effects
}

/**
 * By opcode: must such an instruction stay if none of its results is used? Never (0), always (-1), or unless its memory flags
 * have this bit. Pinned instructions that only make a value read machine state: nobody misses them.
 */
export const staysUnused = Int32Array.from(opEffect, (effects, opcode) => {
  const kept = effects & ~(Effect.Reads | Effect.Pinned)
  const actsAlone = (effects & Effect.Pinned) !== 0 && (opInfo[opcode] as OpInfo).result === Result.None
  if (kept === 0) return actsAlone ? -1 : 0
  return kept === Effect.Traps && memoryFormat[opcode] !== 0 && !actsAlone ? MemFlag.NoTrap : -1
})

/** May the instruction vanish if none of its results is used? */
export function isRemovable(func: Func, inst: Inst): boolean {
  const stays = staysUnused[func.opcode(inst)] as number
  return stays === 0 || (stays > 0 && (func.aux(inst) & stays) !== 0)
}

/**
 * Is the instruction redundant where an equal one (same opcode, type, operands, aux, immediate) dominates it?
 * True for everything without effects, for operations that merely trap (the first one would have), and for loads of
 * memory that never changes. Whether other loads are redundant depends on the stores between.
 */
export function isMergeable(func: Func, inst: Inst): boolean {
  const effects = effectsOf(func, inst)
  if ((effects & ~(Effect.Traps | Effect.Reads)) !== 0) return false
  if ((effects & Effect.Reads) === 0) return true
  return (func.aux(inst) & MemFlag.ReadOnly) !== 0
}

/** May the instruction run where control might not have come to it? */
export function isSpeculable(func: Func, inst: Inst): boolean {
  const effects = effectsOf(func, inst)
  if (effects === Effect.None) return true
  const movable = MemFlag.ReadOnly | MemFlag.NoTrap | MemFlag.CanMove
  return effects === Effect.Reads && (func.aux(inst) & movable) === movable
}

function regionMask(flags: number): number {
  const region = regionOf(flags)
  return region === AliasRegion.None ? allRegions : 1 << region
}

/** Regions that the instruction may read; 0 if it reads no memory. */
export function readMask(func: Func, inst: Inst): number {
  return maskIf(func, inst, Effect.Reads)
}

/** Regions that the instruction may write; 0 if it writes no memory. */
export function writeMask(func: Func, inst: Inst): number {
  return maskIf(func, inst, Effect.Writes)
}

/** Does the instruction call what leaves everything as it is? */
function looksOn(func: Func, inst: Inst): boolean {
  return func.format(inst) === Format.Call && func.calleeSignature(inst).callConv === CallConv.PreserveAll
}

function maskIf(func: Func, inst: Inst, effect: Effect): number {
  const opcode = func.opcode(inst)
  if (((opEffect[opcode] as number) & effect) === 0) return 0
  if (memoryFormat[opcode] !== 0) return regionMask(func.aux(inst))
  return looksOn(func, inst) ? 1 << AliasRegion.Countdown : allRegions
}
