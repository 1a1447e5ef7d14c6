// Memory flags as text: `notrap aligned readonly can_move big little`, then the alias region; a trap code other than
// heap_oob stands in place of notrap.

import { AliasRegion, MemFlag, regionOf, trapCodeOf, withRegion, withTrapCode } from './memflags.js'
import { TrapCode, trapCodeByName, trapCodeName } from './trapcode.js'

const flagNames: readonly (readonly [string, number])[] = [
  ['aligned', MemFlag.Aligned],
  ['readonly', MemFlag.ReadOnly],
  ['can_move', MemFlag.CanMove],
  ['big', MemFlag.Big],
  ['little', MemFlag.Little],
]
const regionNames: readonly (readonly [string, AliasRegion])[] = [
  ['heap', AliasRegion.Heap],
  ['table', AliasRegion.Table],
  ['vmctx', AliasRegion.VmCtx],
  ['runtime', AliasRegion.Runtime],
  ['countdown', AliasRegion.Countdown],
]

/** Each flag with a space before it. */
export function printMemFlags(flags: number): string {
  const code = trapCodeOf(flags)
  let text = ''
  if ((flags & MemFlag.NoTrap) !== 0) text += ' notrap'
  if (code !== TrapCode.None && code !== TrapCode.HeapOutOfBounds) text += ` ${trapCodeName(code)}`
  for (const [name, bit] of flagNames) if ((flags & bit) !== 0) text += ` ${name}`
  for (const [name, region] of regionNames) if (regionOf(flags) === region) text += ` ${name}`
  return text
}

/** The flags with the one called `word` added, or -1 if there is no such flag. */
export function addMemFlag(flags: number, word: string): number {
  if (word === 'notrap') return flags | MemFlag.NoTrap
  const flag = flagNames.find(([name]) => name === word)
  if (flag !== undefined) return flags | flag[1]
  const region = regionNames.find(([name]) => name === word)
  if (region !== undefined) return withRegion(flags, region[1])
  const code = trapCodeByName(word)
  return code < 0 ? -1 : withTrapCode(flags, code === TrapCode.HeapOutOfBounds ? TrapCode.None : code)
}
