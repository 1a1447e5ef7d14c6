// The records of a function (func.ts): which word of a record is which field. Each kind has a power of two of words; Log2 is its
// logarithm.

export const enum ValueSize {
  Log2 = 2,
}
export const enum ValueField {
  Type = 0,
  /** ValueDef. */
  Kind = 1,
  Source = 2,
  Index = 3,
}

export const enum InstSize {
  Log2 = 4,
}
export const enum InstField {
  Opcode = 0,
  Type = 1,
  Aux = 2,
  Lo = 3,
  Hi = 4,
  ArgStart = 5,
  ArgCount = 6,
  ResultStart = 7,
  ResultCount = 8,
  TargetStart = 9,
  TargetCount = 10,
  Loc = 11,
  Next = 12,
  Prev = 13,
  Block = 14,
}

export const enum BlockSize {
  Log2 = 3,
}
export const enum BlockField {
  First = 0,
  Last = 1,
  Next = 2,
  Prev = 3,
  Cold = 4,
  /** Parameters: [ParamStart, + ParamCount) in their pool, where there is room for ParamRoom. */
  ParamStart = 5,
  ParamCount = 6,
  ParamRoom = 7,
}

export const enum CallSize {
  Log2 = 2,
}
export const enum CallField {
  Block = 0,
  Start = 1,
  Count = 2,
}
