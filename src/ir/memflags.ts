// Flags of a memory access, packed into one integer (the `aux` field of loads, stores, atomics and bitcasts).
//
//   bit 0     notrap      the access cannot trap
//   bit 1     aligned     the address is a multiple of the access size
//   bit 2     readonly    the memory never changes while the function can see it
//   bit 3     can_move    may be executed even where control would not have reached it
//   bit 4     little      explicit little-endian (the default on every current target)
//   bit 5     big         explicit big-endian
//   bits 6–8  region      AliasRegion: accesses of different regions never overlap (None overlaps everything)
//   bits 16–23 code       TrapCode of a failing access; 0 = heap_oob
//
// read:  (flags >>> 16) & 0xff        write: flags | (code << 16)

export const enum MemFlag {
  NoTrap = 1,
  Aligned = 2,
  ReadOnly = 4,
  CanMove = 8,
  Little = 16,
  Big = 32,
}

/** What a memory access can touch. */
export const enum AliasRegion {
  None = 0,
  Heap = 1,
  Table = 2,
  VmCtx = 3,
  /** Fields of VMContext and its neighbours that are written only by the runtime, between calls. */
  Runtime = 4,
  /** The count that is taken down by code and wound up by what it calls at zero (CallConv.PreserveAll). */
  Countdown = 5,
}

const regionShift = 6
const codeShift = 16

/** Memory that is known to be there and aligned: VMContext fields. */
export const trusted: number = MemFlag.NoTrap | MemFlag.Aligned

export function withRegion(flags: number, region: AliasRegion): number {
  return (flags & ~(7 << regionShift)) | (region << regionShift)
}

export function regionOf(flags: number): AliasRegion {
  return ((flags >>> regionShift) & 7) as AliasRegion
}

export function withTrapCode(flags: number, code: number): number {
  return (flags & ~(0xff << codeShift)) | (code << codeShift)
}

/** The trap code as written; 0 stands for heap_oob. */
export function trapCodeOf(flags: number): number {
  return (flags >>> codeShift) & 0xff
}
