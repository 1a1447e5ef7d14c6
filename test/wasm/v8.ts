// What V8, the engine of the Node that runs the tests, makes of modules: which proposals it knows, and its judgement.

import { allFeatures, Feature, type FeatureSet, withoutFeature } from '../../src/wasm/features.js'
import { Opcode } from '../../src/wasm/opcodes.js'
import {
  body,
  codeSection,
  funcSection,
  funcType,
  op,
  section,
  T,
  typeSection,
  vec,
  wasm,
  withBody,
} from './bytes.js'

/** A module that is valid exactly if the feature is there. */
const probes: readonly (readonly [Feature, () => Uint8Array])[] = [
  [Feature.MutableGlobals, () => wasm(section(2, vec([1, 0x61, 1, 0x62, 3, T.i32, 1])))],
  [Feature.SignExtension, () => withBody([T.i32], [], [op(Opcode.I32Const, 0), op(Opcode.I32Extend8S)])],
  [
    Feature.SaturatingFloatToInt,
    () => withBody([T.i32], [], [op(Opcode.F32Const, [0, 0, 0, 0]), op(Opcode.I32TruncSatF32S)]),
  ],
  [Feature.MultiValue, () => wasm(typeSection(funcType([], [T.i32, T.i32])))],
  [Feature.BulkMemory, () => wasm(section(11, vec([1, 0])))],
  [Feature.ReferenceTypes, () => wasm(typeSection(funcType([T.externref], [])))],
  [Feature.Simd, () => wasm(typeSection(funcType([T.v128], [])))],
  [Feature.MultiMemory, () => wasm(section(5, vec([0, 0], [0, 0])))],
  [Feature.TailCall, () => withBody([], [], [op(Opcode.ReturnCall, 0)])],
  [Feature.ExtendedConst, () => wasm(section(6, vec([T.i32, 0, 0x41, 0, 0x41, 0, 0x6a, 0x0b])))],
  [Feature.FunctionReferences, () => wasm(typeSection(funcType([[0x64, 0x70]], [])))],
  [Feature.Gc, () => wasm(typeSection([0x5f, 0]))],
  [Feature.Memory64, () => wasm(section(5, vec([4, 0])))],
  [Feature.Exceptions, () => wasm(typeSection(funcType([0x69], [])))],
  [
    Feature.LegacyExceptions,
    () => withBody([], [], [op(Opcode.Try, 0x40), op(Opcode.CatchAll), op(Opcode.End)]),
  ],
  [Feature.Threads, () => wasm(section(5, vec([3, 0, 1])))],
  [
    Feature.RelaxedSimd,
    () =>
      wasm(
        typeSection(funcType([T.v128], [])),
        funcSection(0),
        codeSection(
          body(
            [],
            op(Opcode.LocalGet, 0),
            op(Opcode.LocalGet, 0),
            op(Opcode.I8x16RelaxedSwizzle),
            op(Opcode.Drop),
          ),
        ),
      ),
  ],
  [
    Feature.WideArithmetic,
    () =>
      withBody(
        [],
        [],
        [
          op(Opcode.I64Const, 0),
          op(Opcode.I64Const, 0),
          op(Opcode.I64MulWideS),
          op(Opcode.Drop),
          op(Opcode.Drop),
        ],
      ),
  ],
  [Feature.CustomPageSizes, () => wasm(section(5, vec([8, 0, 0])))],
]

const { WebAssembly: host } = globalThis as unknown as {
  WebAssembly: { validate(bytes: Uint8Array): boolean }
}

/** V8's judgement. */
export const v8Accepts = (bytes: Uint8Array): boolean => host.validate(bytes)

/** The features that this V8 has. */
export function v8Features(): FeatureSet {
  let features = allFeatures
  for (const [feature, probe] of probes) {
    if (!v8Accepts(probe())) features = withoutFeature(features, feature)
  }
  return features
}

/** Probes by feature, for tests of the switches. */
export const featureProbes = probes
