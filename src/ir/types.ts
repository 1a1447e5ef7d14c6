// The types of IR values: one row per type. A type is a small integer; everything else about it is a column here.

/** An IR type. `Invalid` is the type of an instruction that has no controlling type. */
export const enum Type {
  Invalid = 0,
  I8 = 1,
  I16 = 2,
  I32 = 3,
  I64 = 4,
  I128 = 5,
  F32 = 6,
  F64 = 7,
  I8x16 = 8,
  I16x8 = 9,
  I32x4 = 10,
  I64x2 = 11,
  F32x4 = 12,
  F64x2 = 13,
}

/** How many type codes there are: codes are 0 … typeCount − 1. */
export const typeCount = 14

export interface TypeInfo {
  /** As the text format spells it. */
  readonly name: string
  /** Size of the whole value in bytes. */
  readonly bytes: number
  /** Number of lanes: 1 for scalars. */
  readonly lanes: number
  /** Type of one lane; the type itself for scalars. */
  readonly lane: Type
  readonly kind: 'none' | 'int' | 'float' | 'vector'
}

const row = (name: string, bytes: number, lanes: number, lane: Type, kind: TypeInfo['kind']): TypeInfo => ({
  name,
  bytes,
  lanes,
  lane,
  kind,
})

export const typeInfo: readonly TypeInfo[] = [
  row('invalid', 0, 0, Type.Invalid, 'none'),
  row('i8', 1, 1, Type.I8, 'int'),
  row('i16', 2, 1, Type.I16, 'int'),
  row('i32', 4, 1, Type.I32, 'int'),
  row('i64', 8, 1, Type.I64, 'int'),
  row('i128', 16, 1, Type.I128, 'int'),
  row('f32', 4, 1, Type.F32, 'float'),
  row('f64', 8, 1, Type.F64, 'float'),
  row('i8x16', 16, 16, Type.I8, 'vector'),
  row('i16x8', 16, 8, Type.I16, 'vector'),
  row('i32x4', 16, 4, Type.I32, 'vector'),
  row('i64x2', 16, 2, Type.I64, 'vector'),
  row('f32x4', 16, 4, Type.F32, 'vector'),
  row('f64x2', 16, 2, Type.F64, 'vector'),
]

/** Size in bytes by type code. */
export const typeBytes: Uint8Array = Uint8Array.from(typeInfo, t => t.bytes)

/** Type by the name the text format uses. */
export const typeByName: ReadonlyMap<string, Type> = new Map(typeInfo.map((t, i) => [t.name, i as Type]))

export function isInt(t: Type): boolean {
  return t >= Type.I8 && t <= Type.I128
}

export function isFloat(t: Type): boolean {
  return t === Type.F32 || t === Type.F64
}

export function isVector(t: Type): boolean {
  return t >= Type.I8x16
}

/** Sign-extends the low bits of (lo, hi) from the width of an integer type: how iconst is stored. Returns [lo, hi]. */
export function normalizeImm(type: Type, lo: number, hi: number): readonly [number, number] {
  const bits = (typeBytes[type] as number) * 8
  if (bits > 32) return [lo | 0, hi | 0]
  const low = (lo << (32 - bits)) >> (32 - bits)
  return [low, low >> 31]
}
