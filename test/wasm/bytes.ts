// Builds small modules by hand for the tests: sections, vectors, LEB128.

import { type Opcode, prefixBase } from '../../src/wasm/opcodes.js'

/** Bytes, nested at will. */
export type Bytes = number | readonly Bytes[]

/** Flattens nested bytes. */
export const flat = (bytes: Bytes): number[] => (typeof bytes === 'number' ? [bytes] : bytes.flatMap(flat))

/** An unsigned LEB128 number. */
export function u32(value: number): number[] {
  const out: number[] = []
  do {
    const rest = Math.floor(value / 128)
    out.push((value % 128) | (rest > 0 ? 0x80 : 0))
    value = rest
  } while (value > 0)
  return out
}

/** A signed LEB128 number of at most 32 bits. */
export function s32(value: number): number[] {
  const out: number[] = []
  for (;;) {
    const byte = value & 0x7f
    value >>= 7
    const last = (value === 0 && (byte & 0x40) === 0) || (value === -1 && (byte & 0x40) !== 0)
    out.push(last ? byte : byte | 0x80)
    if (last) return out
  }
}

/** A length and the bytes. */
export function sized(...bytes: Bytes[]): number[] {
  const body = flat(bytes)
  return [...u32(body.length), ...body]
}

/** A count and the entries. */
export const vec = (...entries: Bytes[]): number[] => [...u32(entries.length), ...flat(entries)]

export const name = (text: string): number[] => sized([...new TextEncoder().encode(text)])

export const section = (id: number, ...contents: Bytes[]): number[] => [id, ...sized(...contents)]

export const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/** A module of sections. */
export const wasm = (...sections: Bytes[]): Uint8Array => Uint8Array.from([...header, ...flat(sections)])

/** Value types as the format writes them. */
export const T = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70, externref: 0x6f }

export const funcType = (params: Bytes[], results: Bytes[]): Bytes[] => [
  0x60,
  vec(...params),
  vec(...results),
]

export const typeSection = (...types: Bytes[]): Bytes => section(1, vec(...types))
export const funcSection = (...types: number[]): Bytes => section(3, vec(...types.map(u32)))
export const codeSection = (...bodies: Bytes[]): Bytes => section(10, vec(...bodies))
/** A body: runs of locals, instructions, and the end. */
export const body = (locals: Bytes[], ...code: Bytes[]): Bytes => sized(vec(...locals), code, 0x0b)

/** An instruction's code as bytes. */
export function op(opcode: Opcode, ...immediates: Bytes[]): Bytes {
  for (const prefix of [0xfe, 0xfd, 0xfc, 0xfb]) {
    if (opcode >= prefixBase(prefix)) return [prefix, u32(opcode - prefixBase(prefix)), immediates]
  }
  return [opcode, immediates]
}

/** A module with one function [] -> results, and whatever comes before the code section. */
export const withBody = (results: Bytes[], locals: Bytes[], code: Bytes[], ...between: Bytes[]): Uint8Array =>
  wasm(typeSection(funcType([], results)), funcSection(0), ...between, codeSection(body(locals, ...code)))

/** A repeatable source of numbers in [0, n). */
export function randomSource(seed: number): (n: number) => number {
  let state = seed >>> 0
  return n => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * n)
  }
}
