// Functions of machine code that V8's compiler calls like C.
//
// A Node-API function is a V8 function whose callback is Node's: it makes a scope, calls ours, looks for exceptions. Since
// version 11, V8 lets a function have a second address that optimised code calls directly, where a call is only a call
// ("fast API calls"; Node's own modules and its FFI are made of them). Ours qualify: they take nothing, give nothing
// and never call into JavaScript. An empty call costs 4 ns instead of 8 to 10.
//
// Making such functions takes V8's C++ interface, which no header of this package can follow. So it is used in exactly those
// versions of V8 that Node's long-term releases are frozen at, listed below and each tested; the names of C++ functions
// contain the types of their parameters, and a name that is not there means Node-API, too. V8 keeps pointers to what is
// passed and reads it on its compiler's threads, until the isolate is gone:
//
//   CTypeInfo      three bytes: type (void 0, V8 value 10), sequence 0, flags 0
//   CFunctionInfo  made by its constructor: returns void, takes the receiver
//   CFunction      made by its constructor: address, CFunctionInfo

import type { AddressWords } from '../shim/stubs.js'
import { assembleX64 } from '../shim/x64/stubs.js'
import { emitMakeV8Function, type V8Functions } from '../shim/x64/v8-function.js'
import { highWord } from './address.js'
import { publishStub } from './code-space.js'
import { type Native, native } from './native.js'

interface V8Row {
  /** Beginning of `process.versions.v8`. */
  readonly version: string
  /** Name of CFunctionInfo's constructor. */
  readonly infoConstructor: string
}

const infoWithInt64 = '_ZN2v813CFunctionInfoC1ERKNS_9CTypeInfoEjPS2_NS0_19Int64RepresentationE'

/** Node 20, 22, 24 and 26. */
const rows: readonly V8Row[] = [
  { version: '11.3.', infoConstructor: '_ZN2v813CFunctionInfoC1ERKNS_9CTypeInfoEjPS2_' },
  { version: '12.4.', infoConstructor: infoWithInt64 },
  { version: '13.6.', infoConstructor: infoWithInt64 },
  { version: '14.6.', infoConstructor: infoWithInt64 },
]

const names = {
  currentIsolate: '_ZN2v87Isolate10GetCurrentEv',
  currentContext: '_ZN2v87Isolate17GetCurrentContextEv',
  newTemplate:
    '_ZN2v816FunctionTemplate3NewEPNS_7IsolateEPFvRKNS_20FunctionCallbackInfoINS_5ValueEEEENS_5LocalIS4_EENSA_INS_9' +
    'SignatureEEEiNS_19ConstructorBehaviorENS_14SideEffectTypeEPKNS_9CFunctionEttt',
  getFunction: '_ZN2v816FunctionTemplate11GetFunctionENS_5LocalINS_7ContextEEE',
} as const
const functionConstructor = '_ZN2v89CFunctionC1EPKvPKNS_13CFunctionInfoE'

/** Byte offsets in the page of V8's structures, which lives as long as the thread. */
const structures = {
  returnType: 0x00,
  receiverType: 0x10,
  info: 0x40,
  functions: 0x100,
  size: 0x1000,
} as const
const functionBytes = 0x20
const v8Value = 10

/** Address of a symbol of the process; 0: there is none. */
function symbol(n: Native, name: string): number {
  return n.call('dlsym', 0, n.scratch(new TextEncoder().encode(`${name}\0`)))
}

const toWords = (address: number): AddressWords => [address | 0, highWord(address)]

/** The maker's address, or undefined if a name is missing. */
function publishMaker(n: Native): number | undefined {
  const found = Object.entries(names).map(([key, name]) => [key, symbol(n, name)] as const)
  if (found.some(([, address]) => address === 0)) return undefined
  const v8 = Object.fromEntries(found.map(([key, address]) => [key, toWords(address)]))
  return publishStub(assembleX64(a => emitMakeV8Function(a, v8 as unknown as V8Functions)))
}

/** What V8 has to know of a function without parameters and result: addresses of `count` CFunctions to be. */
function allocateStructures(n: Native, infoConstructor: number): number {
  const page = n.allocate(structures.size)
  new Uint8Array(n.view(page, structures.size))[structures.receiverType] = v8Value
  const [returns, receiver] = [page + structures.returnType, page + structures.receiverType]
  n.callAddress(infoConstructor, [page + structures.info, returns, 1, receiver, 0])
  return page
}

/**
 * Functions of the code at some addresses, `void f(void)`; undefined where V8 is not one of those that are known. V8 calls
 * the code as an ordinary callback until the caller is optimised.
 */
export function makeV8Functions(codes: readonly number[]): readonly (() => unknown)[] | undefined {
  const { v8 = '', electron } = process.versions
  const row = rows.find(r => v8.startsWith(r.version) && v8.includes('-node.'))
  if (row === undefined || electron !== undefined || process.arch !== 'x64') return undefined
  const n = native()
  const infoConstructor = symbol(n, row.infoConstructor)
  const construct = symbol(n, functionConstructor)
  const maker = publishMaker(n)
  if (infoConstructor === 0 || construct === 0 || maker === undefined) return undefined
  const page = allocateStructures(n, infoConstructor)
  const made = codes.map((code, i) => {
    const fast = page + structures.functions + i * functionBytes
    n.callAddress(construct, [fast, code, page + structures.info])
    return n.callAddressForValue(maker, code, fast)
  })
  return made.every(f => typeof f === 'function') ? (made as (() => unknown)[]) : undefined
}
