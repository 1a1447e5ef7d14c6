// Trap codes of the IR: five reserved ones with names and up to 250 user codes (`user1` …). What the user codes mean
// is the business of whoever builds the IR: gantry's own meaning is the table in src/vm-layout.ts.

/** Reserved codes; user code n is UserBase + n − 1. */
export const enum TrapCode {
  /** Unset: heap_oob where a memory access is meant. */
  None = 0,
  StackOverflow = 1,
  IntegerOverflow = 2,
  HeapOutOfBounds = 3,
  IntegerDivisionByZero = 4,
  BadConversionToInteger = 5,
  UserBase = 6,
}

const reserved: readonly string[] = ['', 'stk_ovf', 'int_ovf', 'heap_oob', 'int_divz', 'bad_toint']

/** As the text format spells it. */
export function trapCodeName(code: number): string {
  return code < TrapCode.UserBase ? (reserved[code] as string) : `user${code - TrapCode.UserBase + 1}`
}

/** The code of a spelling, or -1. */
export function trapCodeByName(name: string): number {
  const at = reserved.indexOf(name)
  if (at > 0) return at
  const user = /^user(\d+)$/.exec(name)
  const n = user === null ? 0 : Number(user[1])
  return n >= 1 && n <= 250 ? TrapCode.UserBase + n - 1 : -1
}
