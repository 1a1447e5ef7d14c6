// What the case about signals needs: native code of "somebody else" in this process. The shim is loaded once more for it,
// and its `call` calls C functions and raw addresses behind the engine's back.
import { fileURLToPath } from 'node:url'
import { environmentArea, imports, processState } from './layout.mjs'

const path =
  process.env.GANTRY_SHIM ?? fileURLToPath(new URL('../../../dist/shim/linux-x64.node', import.meta.url))
const module = { exports: {} }
process.dlopen(module, path)
const { call, area, state } = module.exports
const words = new Uint32Array(area)
const stateWords = new Uint32Array(state)

/** Word indices. */
const [target, args, result] = [environmentArea.target, environmentArea.args, environmentArea.result].map(
  at => at >> 2,
)
const functions = processState.functions >> 2

const at = (w, i) => w[i] + w[i + 1] * 2 ** 32
const put = (w, i, address) => {
  w[i] = address
  w[i + 1] = Math.floor(address / 2 ** 32)
}

/** Calls whatever is at an address with up to six words. */
export function callAddress(address, ...values) {
  put(words, target, address)
  values.forEach((v, i) => {
    put(words, args + 2 * i, v)
  })
  call()
  return at(words, result)
}

export function callC(name, ...values) {
  return callAddress(at(stateWords, functions + 2 * imports.indexOf(name)), ...values)
}

/** A word of the process state, at a byte offset. */
export function stateWord(offset) {
  return stateWords[offset >> 2]
}

/** Memory for structures, at a byte offset of the area from 0x900 on. */
export function scratchAt(offset) {
  return { address: at(words, 0) + offset, words: words.subarray(offset >> 2) }
}

/** Room for a struct sigaction in the area. */
const structAt = (environmentArea.scratch + 0x800) >> 2
const structAddress = at(words, 0) + 4 * structAt

/** Address of the handler that the kernel has for a signal; 0: the default. */
export function handlerOf(signal) {
  if (callC('sigaction', signal, 0, structAddress) !== 0) throw new Error('sigaction failed')
  return at(words, structAt)
}

/** Installs a handler (0: the default action), with siginfo and on the alternate stack unless told otherwise. */
export function setHandler(signal, address, flags = 0x4 | 0x08000000) {
  words.fill(0, structAt, structAt + 40)
  put(words, structAt, address)
  words[structAt + (136 >> 2)] = flags
  if (callC('sigaction', signal, structAddress, 0) !== 0) throw new Error('sigaction failed')
}

/** Native memory as bytes. */
function view(address, bytes) {
  words[environmentArea.returnsValue >> 2] = 1
  put(words, target, at(stateWords, functions + 2 * imports.indexOf('napi_create_external_arraybuffer')))
  const values = [
    at(words, environmentArea.env >> 2),
    address,
    bytes,
    0,
    0,
    at(words, 0) + environmentArea.value,
  ]
  values.forEach((v, i) => {
    put(words, args + 2 * i, v)
  })
  const buffer = call()
  words[environmentArea.returnsValue >> 2] = 0
  return new Uint8Array(buffer)
}

/** Puts machine code somewhere and returns its address and bytes. */
export function machineCode(...bytes) {
  const address = callC('mmap', 0, 4096, 7, 0x22, -1, 0)
  const memory = view(address, 4096)
  memory.set(bytes)
  return { address, memory }
}

const le64 = n => [...new Uint8Array(new BigUint64Array([BigInt(n)]).buffer)]

/** A handler that counts. mov r11, counter; lock inc qword ptr [r11]; ret */
export function countingHandler() {
  const { address, memory } = machineCode()
  memory.set([0x49, 0xbb, ...le64(address + 2048), 0xf0, 0x49, 0xff, 0x03, 0xc3])
  return { address, count: () => memory[2048] + 256 * memory[2049] }
}

/**
 * A handler of somebody who behaves: counts, then goes on to what was installed before.
 * mov r11, counter; lock inc qword ptr [r11]; mov rax, previous; jmp rax
 */
export function chainingHandler(previous) {
  const { address, memory } = machineCode()
  const counter = address + 2048
  const code = [
    0x49,
    0xbb,
    ...le64(counter),
    0xf0,
    0x49,
    0xff,
    0x03,
    0x48,
    0xb8,
    ...le64(previous),
    0xff,
    0xe0,
  ]
  memory.set(code)
  return { address, count: () => memory[2048] + 256 * memory[2049] }
}

/** A handler of somebody who calls what was installed before. sub rsp, 8; mov rax, previous; call rax; add rsp, 8; ret */
export function callingHandler(previous) {
  const [open, close] = [
    [0x48, 0x83, 0xec, 8],
    [0x48, 0x83, 0xc4, 8],
  ]
  return machineCode(...open, 0x48, 0xb8, ...le64(previous), 0xff, 0xd0, ...close, 0xc3)
}

/** Control words of this thread's floating-point units: [MXCSR without its sticky flags, x87]. Sets them if given. */
export function floatControl(...given) {
  const { address, words } = scratchAt(0xb00)
  if (given.length > 0) {
    words.set(given)
    // ldmxcsr [rdi]; fldcw [rdi + 4]; ret
    callAddress(machineCode(0x0f, 0xae, 0x17, 0xd9, 0x6f, 4, 0xc3).address, address)
  }
  words.fill(0, 0, 2)
  // stmxcsr [rdi]; fnstcw [rdi + 4]; ret
  callAddress(machineCode(0x0f, 0xae, 0x1f, 0xd9, 0x7f, 4, 0xc3).address, address)
  return [words[0] & ~0x3f, words[1]]
}
