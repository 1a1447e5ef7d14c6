// Which optional CPU features this machine has, by the names of the code generator's feature table.

import { type FeatureRow, x64Features } from '../backend/x64/features.js'
import { hostTargetName } from '../compile/targets.js'
import { emitCpuid, emitXgetbv } from '../shim/x64/cpu.js'
import { assembleX64 } from '../shim/x64/stubs.js'
import { publishStub } from './code-space.js'
import { native } from './native.js'

type Registers = Readonly<Record<'eax' | 'ebx' | 'ecx' | 'edx', number>>

function cpuidReader(): (leaf: number) => Registers {
  const n = native()
  const cpuid = publishStub(assembleX64(emitCpuid))
  return leaf => {
    const out = n.scratch(new Uint8Array(16))
    n.callAddress(cpuid, [leaf, 0, out])
    const [eax, ebx, ecx, edx] = [0, 4, 8, 12].map(at => n.scratchWord(at)) as [
      number,
      number,
      number,
      number,
    ]
    return { eax, ebx, ecx, edx }
  }
}

const osxsave = 1 << 27

function detectX64(): readonly string[] {
  const cpuid = cpuidReader()
  const hasXcr0 = (cpuid(1).ecx & osxsave) !== 0
  const xcr0 = hasXcr0 ? native().callAddress(publishStub(assembleX64(emitXgetbv)), []) & 0xff : 0
  const available = (f: FeatureRow): boolean => {
    const extended = f.leaf >= 0x8000_0000
    if (cpuid(extended ? 0x8000_0000 : 0).eax < f.leaf) return false
    const bits = cpuid(f.leaf)[f.register]
    return ((bits >>> f.bit) & 1) === 1 && (xcr0 & f.xcr0) === f.xcr0
  }
  return x64Features.filter(available).map(f => f.name)
}

/** How a machine is asked, by name of the target. */
const detectors: Readonly<Record<string, () => readonly string[]>> = { x86_64: detectX64 }

let found: readonly string[] | undefined

/** Names of the features that this machine has. Throws PlatformError where code cannot run at all. */
export function hostCpuFeatures(): readonly string[] {
  found ??= detectors[hostTargetName() as string]?.() ?? []
  return found
}
