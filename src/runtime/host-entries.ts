// How JavaScript runs machine code that takes nothing and gives nothing: `enter` and its kin, called so often that the
// host's way to native code is most of what a call costs. Every host has Node-API; most have a way, too, whose calls of
// functions without parameters their compilers make a plain machine call of: a foreign function interface, or V8's own.
//
//   host            empty call, ns   how
//   Node              4.0 (9)        V8's fast calls, by address (v8-functions.ts)
//   Deno              4.0 (11)       Deno.dlopen, by symbol of a library
//   Bun               1.9 (66)       bun:ffi, by address
//
// (In parentheses: Node-API there. RATIONALE.md says why node:ffi of Node 26 is not among them.) The first way that the host
// has and lets us use is taken; whatever stands in the way (a permission, another version, no executable memory files) means
// Node-API, silently. GANTRY_CALLS=node-api does, too.
//
// An FFI that wants a library gets one that is made for the thread, in a file that exists in memory only.

import { writeFileSync } from 'node:fs'
import { hostTargetName } from '../compile/targets.js'
import { writeSharedObject } from '../object/shared-object.js'
import { publishStub } from './code-space.js'
import { native } from './native.js'
import { makeV8Functions } from './v8-functions.js'

/** Native functions by name. */
export type Entries<Name extends string> = Readonly<Record<Name, () => unknown>>
type Codes = Readonly<Record<string, Uint8Array>>
type Functions = Readonly<Record<string, () => unknown>>

/** What makes functions of machine code; undefined: this host does not have it, or does not allow it. */
type Way = (codes: Codes) => Functions | undefined

/** Of bun:ffi. */
interface BunFfi {
  CFunction(definition: { ptr: number; args: readonly string[]; returns: string }): () => unknown
}

/** Of the global Deno. */
interface DenoApi {
  readonly permissions: { querySync(what: { name: string; path: string }): { readonly state: string } }
  dlopen(path: string, symbols: object): { readonly symbols: Functions }
}

const mapValues = <T>(codes: Codes, f: (code: Uint8Array, name: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, f(code, name)]))

const viaNodeApi = (codes: Codes): Functions =>
  mapValues(codes, code => native().makeFunction(publishStub(code)))

/** A built-in module, if the host has it. */
function builtin(name: string): unknown {
  return (process as { getBuiltinModule?: (name: string) => unknown }).getBuiltinModule?.(name)
}

const viaBun: Way = codes => {
  if (process.versions.bun === undefined) return undefined
  const ffi = builtin('bun:ffi') as BunFfi | undefined
  return ffi && mapValues(codes, code => ffi.CFunction({ ptr: publishStub(code), args: [], returns: 'void' }))
}

/** Libraries stay open as long as the thread. */
const libraries: unknown[] = []

const viaDeno: Way = codes => {
  const deno = Reflect.get(globalThis, 'Deno') as DenoApi | undefined
  if (deno === undefined) return undefined
  return withLibrary(codes, path => {
    // Asked before, as Deno would ask the user.
    if (deno.permissions.querySync({ name: 'ffi', path }).state !== 'granted') return undefined
    const library = deno.dlopen(
      path,
      mapValues(codes, () => ({ parameters: [], result: 'void' })),
    )
    libraries.push(library)
    return library.symbols
  })
}

const viaV8: Way = codes => {
  const made = makeV8Functions(Object.values(codes).map(publishStub))
  return made && Object.fromEntries(Object.keys(codes).map((name, i) => [name, made[i] as () => unknown]))
}

/** Writes a library with a symbol for each function, and calls `load` with a path that works until it returns. */
function withLibrary(codes: Codes, load: (path: string) => Functions | undefined): Functions | undefined {
  const n = native()
  const fd = n.call('memfd_create', n.scratch(new TextEncoder().encode('gantry\0')), 0)
  if (fd < 0) return undefined
  try {
    const path = uniquePath(fd)
    writeFileSync(path, libraryOf(codes))
    return load(path)
  } finally {
    n.call('close', fd)
  }
}

/** A spelling of the descriptor's path that nobody used before: dynamic linkers know libraries that are open by name. */
function uniquePath(fd: number): string {
  const steps = Array.from({ length: 64 }, () => (Math.random() < 0.5 ? '/' : '/./'))
  return `/proc/self${steps.join('')}fd/${fd}`
}

function libraryOf(codes: Codes): Uint8Array {
  const alignment = 64
  const exports: { name: string; offset: number }[] = []
  let size = 0
  for (const [name, code] of Object.entries(codes)) {
    exports.push({ name, offset: size })
    size += Math.ceil(code.length / alignment) * alignment
  }
  const text = new Uint8Array(size)
  for (const { name, offset } of exports) text.set(codes[name] as Uint8Array, offset)
  const machine = hostTargetName() as string
  return writeSharedObject({ machine, code: text, fixups: [], imports: [], exports, dataBytes: 0 })
}

/** In order of preference. */
const ways: readonly { readonly kind: 'ffi' | 'v8'; readonly make: Way }[] = [
  { kind: 'ffi', make: viaBun },
  { kind: 'ffi', make: viaDeno },
  { kind: 'v8', make: viaV8 },
]

/** Functions that are called in a better way than Node-API. */
interface FastEntries<Name extends string> {
  /** By the host's FFI, or by V8's fast calls? */
  readonly kind: 'ffi' | 'v8'
  readonly entries: Entries<Name>
}

/** Functions of position-independent machine code `void f(void)`, called in a better way than Node-API if there is one. */
export function fastEntries<Name extends string>(
  codes: Readonly<Record<Name, Uint8Array>>,
): FastEntries<Name> | undefined {
  if (process.env.GANTRY_CALLS === 'node-api') return undefined
  for (const { kind, make } of ways) {
    try {
      const made = make(codes)
      if (made !== undefined) return { kind, entries: made as Entries<Name> }
    } catch {
      // Refused in a way that we did not ask about. Node-API is always there.
    }
  }
  return undefined
}

/** The same, called in whatever way there is: the code has to be a Node-API callback that returns 0, too. */
export function makeEntries<Name extends string>(codes: Readonly<Record<Name, Uint8Array>>): Entries<Name> {
  return fastEntries(codes)?.entries ?? (viaNodeApi(codes) as Entries<Name>)
}
