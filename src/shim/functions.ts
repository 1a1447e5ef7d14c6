// The shim's functions that JavaScript reaches:
//
//   napi_register_module_v1   called by the host when it loads the shim: makes this environment's area and the exports
//                             `call`, `area` (its ArrayBuffer) and `state` (the process state's)
//   call                      the one native function that JavaScript gets: calls any C function with up to six words
//                             from the environment's area; everything else is done from JavaScript through it

import { assert } from '../base/errors.js'
import type { Value } from '../ir/entities.js'
import type { Func } from '../ir/func.js'
import { Type } from '../ir/types.js'
import { environmentArea, handlerGenerations, imports, Prot, processState, ShimSymbol } from './layout.js'
import { Native, words } from './native-func.js'
import { adoptArea, initialiseProcess, map } from './process.js'
import { layoutStamp } from './stamp.js'

const I64 = Type.I64

/** Sets exports[name] to an ArrayBuffer over [address, address + bytes). */
function exportBuffer(
  f: Native,
  env: Value,
  exports: Value,
  name: string,
  address: Value,
  bytes: number,
): void {
  const cell = f.b.stackAddr(I64, f.func.addStackSlot(8, 8))
  const none = f.word(0)
  f.callImport('napi_create_external_arraybuffer', [env, address, f.word(bytes), none, none, cell])
  f.callImport('napi_set_named_property', [env, exports, f.string(name), f.load(cell, 0)])
}

/** napi_value napi_register_module_v1(napi_env env, napi_value exports) */
export function buildRegister(): Func {
  const f = new Native([I64, I64], [I64], ShimSymbol.Register)
  const env = f.param(0)
  const exports = f.param(1)
  const state = f.state()
  f.store(state, processState.self, state)
  f.store32(state, processState.stamp, layoutStamp | 0)
  for (let g = 0; g < handlerGenerations; g++) {
    f.store(state, processState.signalHandlers + 8 * g, f.address(ShimSymbol.FirstSignalHandler + g))
  }
  assert(processState.functions + 8 * imports.length <= processState.tickHandler, 'the imports have room')
  imports.forEach((_, i) => {
    f.store(state, processState.functions + 8 * i, f.importAddress(i))
  })
  f.store(state, processState.tickHandler, f.address(ShimSymbol.TickHandler))
  f.store(state, processState.interrupt, f.address(ShimSymbol.Interrupt))
  f.store(state, processState.install, f.address(ShimSymbol.Install))
  initialiseProcess(f, state)
  const none = f.word(0)
  const area = map(f, none, f.word(environmentArea.size), Prot.ReadWrite)
  f.store(area, environmentArea.self, area)
  f.store(area, environmentArea.env, env)
  adoptArea(f, state, area)
  const cell = f.at(area, environmentArea.value)
  f.callImport('napi_create_function', [env, none, none, f.address(ShimSymbol.Call), area, cell])
  f.callImport('napi_set_named_property', [env, exports, f.string('call'), f.load(cell, 0)])
  exportBuffer(f, env, exports, 'area', area, environmentArea.size)
  exportBuffer(f, env, exports, 'state', state, processState.size)
  f.b.return([exports])
  return f.finish()
}

/** napi_value call(napi_env env, napi_callback_info info); takes at most one JavaScript argument. */
export function buildCall(): Func {
  const f = new Native([I64, I64], [I64], ShimSymbol.Call)
  const cells = f.b.stackAddr(I64, f.func.addStackSlot(24, 8))
  const [data, count, value] = [0, 8, 16] as const
  f.store(cells, count, f.word(1))
  const addresses = [f.at(cells, count), f.at(cells, value), f.word(0), f.at(cells, data)]
  f.callImport('napi_get_cb_info', [f.param(0), f.param(1), ...addresses])
  const area = f.load(cells, data)
  f.when(f.load(area, environmentArea.takesValue), () => {
    f.store(area, environmentArea.args + 8, f.load(cells, value))
  })
  const args = Array.from({ length: 6 }, (_, i) => f.load(area, environmentArea.args + 8 * i))
  const callee = f.func.addSignature(words(6))
  const result = f.b.result(f.b.callIndirect(callee, f.load(area, environmentArea.target), args))
  f.store(area, environmentArea.result, result)
  f.when(f.load(area, environmentArea.returnsValue), () => {
    f.b.return([f.load(area, environmentArea.value)])
  })
  f.b.return([f.word(0)])
  return f.finish()
}
