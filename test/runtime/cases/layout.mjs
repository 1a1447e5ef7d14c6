// What the cases know of native memory: a copy of parts of src/shim/layout.ts, which is TypeScript and cannot be imported in every
// host. test/runtime/layout.test.ts compares the two.

/** C functions, in the order of `processState.functions`. */
export const imports = [
  'napi_create_function',
  'napi_create_external_arraybuffer',
  'napi_detach_arraybuffer',
  'napi_set_named_property',
  'napi_get_cb_info',
  'mmap',
  'munmap',
  'mprotect',
  'madvise',
  'sigaction',
  'sigaltstack',
  'syscall',
]

export const processState = { functions: 0x50, tickSignal: 0x158 }

export const environmentArea = {
  env: 0x08,
  target: 0x10,
  args: 0x18,
  result: 0x48,
  returnsValue: 0x50,
  value: 0x58,
  scratch: 0x100,
}
