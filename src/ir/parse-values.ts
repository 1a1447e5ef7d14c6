// Immediates and data values of the text: integers of a width, floats, vectors as one hexadecimal number or as a list
// of lanes.

import { type Cursor, Token } from './lexer.js'
import { bytesToInteger, integerBytes, parseFloatBits, parseInteger, shape32, shape64 } from './numbers.js'
import { isFloat, isVector, Type, type TypeInfo, typeByName, typeBytes, typeInfo } from './types.js'

/** Type names that CLIF has and this IR has not. */
const foreignType = /^(f16|f128|dt[0-9]+|[if][0-9]+x[0-9]+(xN)?)$/

/** Consumes a type. */
export function parseType(c: Cursor): Type {
  const type = c.kind === Token.Word ? typeByName.get(c.text) : undefined
  if (type === undefined || type === Type.Invalid) {
    if (c.kind === Token.Word && foreignType.test(c.text)) c.fail(`type ${c.text} is not supported`)
    c.failExpected('a type')
  }
  c.next()
  return type
}

/** Consumes an integer that fits `bits` as signed or as unsigned number. */
export function parseImmediate(c: Cursor, bits: number, what = 'an integer'): bigint {
  if (c.kind !== Token.Number) c.failExpected(what)
  const x = parseInteger(c.text, bits)
  if (x === null) c.fail(`${c.text} is not a ${bits}-bit integer`)
  c.next()
  return x
}

/** Consumes a small unsigned number. */
export function parseSmall(c: Cursor, max: number, what: string): number {
  const x = parseImmediate(c, 64, what)
  if (x < 0n || x > BigInt(max)) c.fail(`${x} is out of range for ${what}`)
  return Number(x)
}

/** Consumes `+8` or `-8` if it is next. */
export function parseOffset(c: Cursor): number {
  if (c.kind !== Token.Number || !/^[+-]/.test(c.text)) return 0
  const x = parseImmediate(c, 64)
  if (x < -(2n ** 31n) || x >= 2n ** 31n) c.fail('the offset does not fit 32 bits')
  return Number(x)
}

/** Bits of a scalar of a type, unsigned. */
export function parseScalarBits(c: Cursor, type: Type): bigint {
  const bits = (typeBytes[type] as number) * 8
  if (!isFloat(type)) return BigInt.asUintN(bits, parseImmediate(c, bits))
  const text = c.text
  if (c.kind !== Token.Number) c.failExpected('a float')
  const value = parseFloatBits(text, type === Type.F32 ? shape32 : shape64)
  if (value === null) c.fail(`${text} is not an exact float`)
  c.next()
  return value
}

/** Sixteen bytes: a hexadecimal number (short ones are zero-extended) or `[lane lane …]` of the vector type. */
export function parseVector(c: Cursor, type: Type): Uint8Array {
  if (!c.is('[')) return integerBytes(parseHex(c), 16)
  c.expect('[')
  const info = typeInfo[type] as TypeInfo
  const laneBytes = typeBytes[info.lane] as number
  let all = 0n
  for (let lane = 0; lane < info.lanes; lane++) {
    all |= parseScalarBits(c, info.lane) << BigInt(lane * laneBytes * 8)
    c.accept(',')
  }
  c.expect(']')
  return integerBytes(all, 16)
}

function parseHex(c: Cursor): bigint {
  if (c.kind !== Token.Number || !/^0x[0-9a-fA-F_]+$/.test(c.text)) c.failExpected('a hexadecimal constant')
  const x = BigInt(c.text.replaceAll('_', ''))
  if (x >= 1n << 128n) c.fail('the constant has more than 16 bytes')
  c.next()
  return x
}

/** A value with its type: bits as an unsigned number, lane 0 in the lowest bits. */
export interface DataValue {
  readonly type: Type
  readonly bits: bigint
}

/** A value of a known type. */
export function parseDataValue(c: Cursor, type: Type): DataValue {
  if (!isVector(type)) return { type, bits: parseScalarBits(c, type) }
  return { type, bits: bytesToInteger(parseVector(c, type)) }
}
