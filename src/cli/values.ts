// Values on the command line: arguments read by the types of parameters, results printed by the types of results.

import { Func } from '../runtime/func.js'
import { type FuncType, kindOf, printFuncType, printType, TypeKind } from '../wasm/types.js'
import { UsageError } from './failure.js'

/** An integer in decimal or hexadecimal with a sign, or undefined. */
function integer(text: string): bigint | undefined {
  const match = /^([+-]?)(0x[0-9a-f]+|[0-9]+)$/i.exec(text.replaceAll('_', ''))
  if (match === null) return undefined
  const magnitude = BigInt(match[2] as string)
  return match[1] === '-' ? -magnitude : magnitude
}

/** Signed or unsigned, as long as it fits. */
function bounded(text: string, bits: number): bigint | undefined {
  const value = integer(text)
  const fits = value !== undefined && value >= -(2n ** BigInt(bits - 1)) && value < 2n ** BigInt(bits)
  return fits ? value : undefined
}

const specialFloats: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
}

function float(text: string): number | undefined {
  const [, sign = '', magnitude = ''] = /^([+-]?)(.*)$/.exec(text) ?? []
  const isNumber = /^(0x[0-9a-f]+|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)$/i.test(magnitude)
  const value = isNumber ? Number(magnitude) : specialFloats[magnitude.toLowerCase()]
  if (value === undefined) return undefined
  return sign === '-' ? -value : value
}

type Reader = (text: string) => unknown

const readI32: Reader = text => {
  const value = bounded(text, 32)
  return value === undefined ? undefined : Number(value)
}

const readRef: Reader = text => (text === 'null' ? null : undefined)

const readers: Readonly<Partial<Record<TypeKind, Reader>>> = {
  [TypeKind.I32]: readI32,
  [TypeKind.I64]: text => bounded(text, 64),
  [TypeKind.F32]: float,
  [TypeKind.F64]: float,
  [TypeKind.Ref]: readRef,
}

function parseArgument(type: number, text: string, position: number): unknown {
  const value = readers[kindOf(type)]?.(text)
  if (value === undefined) throw new UsageError(`argument ${position}: ${text} is no ${printType(type)}`)
  return value
}

/** Arguments for a function. Throws UsageError saying which one does not fit. */
export function parseArguments(type: FuncType, texts: readonly string[], name: string): unknown[] {
  if (texts.length !== type.params.length) {
    const plural = type.params.length === 1 ? '' : 's'
    throw new UsageError(
      `${name} is ${printFuncType(type)}: it takes ${type.params.length} argument${plural}, not ${texts.length}`,
    )
  }
  return texts.map((text, i) => parseArgument(type.params[i] as number, text, i + 1))
}

/** The shortest decimal that means the same f32. */
function shortestF32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return String(Number(text))
  }
  return String(value)
}

function printFloat(value: number, shortest: (value: number) => string): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  return Object.is(value, -0) ? '-0' : shortest(value)
}

function printRef(value: unknown): string {
  if (value === null) return 'null'
  return value instanceof Func ? `function ${printFuncType(value.type)}` : 'an external reference'
}

const printers: Readonly<Partial<Record<TypeKind, (value: unknown) => string>>> = {
  [TypeKind.F32]: value => printFloat(value as number, shortestF32),
  [TypeKind.F64]: value => printFloat(value as number, String),
  [TypeKind.V128]: value =>
    `0x${Buffer.from(value as Uint8Array)
      .reverse()
      .toString('hex')}`,
  [TypeKind.Ref]: printRef,
}

/** A result as text: integers signed, floats as the shortest decimal that means the same value. */
export function printValue(type: number, value: unknown): string {
  return printers[kindOf(type)]?.(value) ?? String(value)
}
