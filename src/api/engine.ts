// The engine: configuration, types of all its modules, trampolines by type; it compiles, and loads what was compiled.

import { SymbolSpace } from '../backend/code-chunk.js'
import { makeArtifact, symbolName } from '../compile/artifact.js'
import { type CompileOptions, compileOptions, compileSurroundings } from '../compile/compiler.js'
import type { CompileJob } from '../compile/module.js'
import { compileTarget, hostTargetName, targetNames } from '../compile/targets.js'
import { artifactConfig, type Config, ConfigError, type Settings, settingsOf } from '../config.js'
import { moduleSignatures } from '../frontend/module-env.js'
import { ModuleLayout } from '../frontend/module-layout.js'
import { type Artifact, ArtifactError, readArtifact, sectionBytes } from '../object/artifact-reader.js'
import { linkChunks } from '../object/link.js'
import { announceCode } from '../runtime/code-profile.js'
import { hostCpuFeatures } from '../runtime/cpu.js'
import { Image } from '../runtime/image.js'
import { type ImageOwner, registerImage } from '../runtime/images.js'
import type { LoadedModule } from '../runtime/instance.js'
import type { MemoryReservation } from '../runtime/memory.js'
import { ModuleOwner } from '../runtime/module-owner.js'
import type { StoreEngine } from '../runtime/store.js'
import { PlatformError } from '../shim/load.js'
import { decodeModule } from '../wasm/decode.js'
import {
  defaultFeatures,
  type FeatureSet,
  featureByName,
  withFeature,
  withoutFeature,
} from '../wasm/features.js'
import { TypeTable } from '../wasm/type-table.js'

/** What is compiled for where this machine's own target has no code generator. */
const defaultTarget = 'x86_64'

/** An empty module: what trampolines that no module brought along are compiled with. */
const emptyModule = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

/** A trampoline with the image that it lies in, which must stay. */
interface Trampoline {
  readonly image: Image
  readonly address: number
}

function featureSetOf(switches: Readonly<Record<string, boolean>>): FeatureSet {
  let set = defaultFeatures
  for (const [name, on] of Object.entries(switches)) {
    const row = featureByName(name)
    if (row === undefined) throw new ConfigError(`features: there is no WebAssembly proposal ${name}`)
    set = on ? withFeature(set, row.feature) : withoutFeature(set, row.feature)
  }
  return set
}

/**
 * A configured compiler and everything that modules share. Make one and keep it: modules, stores and artifacts of one
 * engine fit together.
 */
export class Engine implements StoreEngine {
  /** The complete configuration. */
  readonly settings: Settings
  /** @internal Types of all modules. */
  readonly types = new TypeTable()
  /** @internal */
  readonly features: FeatureSet
  private readonly entries = new Map<number, Trampoline>()
  private readonly exits = new Map<number, Trampoline>()
  private chosenCpuFeatures: readonly string[] | undefined

  /** Throws ConfigError for an option that does not exist or has an impossible value. */
  constructor(config: Config = {}) {
    this.settings = settingsOf({ target: hostTarget() ?? defaultTarget, ...config })
    this.features = featureSetOf(this.settings.features)
    const { target } = compileTarget(this.settings.target)
    for (const name of this.settings.cpuFeatures ?? []) {
      if (!target.features.some(f => f.name === name)) {
        throw new ConfigError(`cpuFeatures: ${target.name} has no feature ${name}`)
      }
    }
  }

  get maxWasmStack(): number {
    return this.settings.maxWasmStack
  }

  get maxFrames(): number {
    return this.settings.maxFrames
  }

  get debugInfo(): boolean {
    return this.settings.debugInfo
  }

  get maxHostTraces(): number {
    return this.settings.maxHostTraces
  }

  /** @internal */
  get countsDown(): boolean {
    return this.settings.interruption === 'checks'
  }

  /** @internal */
  get memoryPlan(): MemoryReservation {
    return { reservation: this.settings.memoryReservation, guard: this.settings.memoryGuard }
  }

  /** @internal What compiled code depends on. */
  get compileOptions(): CompileOptions {
    this.chosenCpuFeatures ??= this.settings.cpuFeatures ?? this.defaultCpuFeatures()
    return compileOptions(this.settings, this.chosenCpuFeatures)
  }

  /** @internal */
  get compileJob(): CompileJob {
    const { features, compileOptions, settings } = this
    return { features, options: compileOptions, config: artifactConfig(settings) }
  }

  private defaultCpuFeatures(): readonly string[] {
    if (this.settings.target !== hostTarget()) return []
    try {
      return hostCpuFeatures()
    } catch (error) {
      // Compiling must work where running does not: then for the baseline.
      if (error instanceof PlatformError) return []
      throw error
    }
  }

  /** @internal Puts an artifact into executable memory. Throws ArtifactError if it does not fit this engine or machine. */
  load(bytes: Uint8Array, fd?: number): LoadedModule {
    const artifact = readArtifact(bytes)
    this.checkFits(artifact)
    const image = new Image(artifact, fd)
    const module = decodeModule(sectionBytes(artifact, 'module').slice(), {
      features: this.features,
      skeleton: true,
    })
    const typeIds = this.types.internAll(module.types)
    const owner = new ModuleOwner(module, artifact.info.codeStart ?? -1)
    this.register(image, owner)
    const { entries, exits } = moduleSignatures(module)
    for (const i of entries)
      this.keep(this.entries, typeIds[i] as number, image, SymbolSpace.EntryTrampoline, i)
    for (const i of exits) this.keep(this.exits, typeIds[i] as number, image, SymbolSpace.ExitTrampoline, i)
    return { module, layout: new ModuleLayout(module), image, owner, typeIds }
  }

  private register(image: Image, owner: ImageOwner): void {
    registerImage(image, owner)
    announceCode(this.settings.profile, {
      image,
      owner,
      nameOf: (space, index) => symbolName(space, index, i => owner.funcName(i)),
    })
  }

  private keep(
    into: Map<number, Trampoline>,
    type: number,
    image: Image,
    space: SymbolSpace,
    index: number,
  ): void {
    if (!into.has(type)) into.set(type, { image, address: image.address(space, index) })
  }

  private checkFits({ info }: Artifact): void {
    const host = hostTarget()
    if (info.target !== host) {
      const here = hostTargetName() ?? process.arch
      throw new ArtifactError(`the artifact is for ${info.target}, this machine is ${here}`)
    }
    const missing = info.cpuFeatures.filter(f => !hostCpuFeatures().includes(f))
    if (missing.length > 0) {
      throw new ArtifactError(
        `the artifact needs CPU features that this machine lacks: ${missing.join(', ')}`,
      )
    }
    const wanted = artifactConfig(this.settings)
    for (const name of ['memoryReservation', 'memoryGuard', 'signalsBasedTraps', 'interruption'] as const) {
      if (info.config[name] !== wanted[name]) {
        throw new ArtifactError(
          `the artifact was compiled with ${name} = ${info.config[name]}, this engine has ${wanted[name]}`,
        )
      }
    }
  }

  /** @internal */
  entryTrampoline(type: number): number {
    return this.entries.get(type)?.address ?? this.compileTrampolines(type).entry
  }

  /** @internal */
  exitTrampoline(type: number): number {
    return this.exits.get(type)?.address ?? this.compileTrampolines(type).exit
  }

  /** Trampolines for a type that no loaded module has brought along. */
  private compileTrampolines(typeId: number): { entry: number; exit: number } {
    const wanted = [{ index: 0, type: this.types.funcType(typeId) }]
    const options = this.compileOptions
    const chunk = compileSurroundings(options, wanted, wanted, [])
    const bytes = makeArtifact(
      decodeModule(emptyModule),
      options,
      artifactConfig(this.settings),
      linkChunks([chunk]),
    )
    const image = new Image(readArtifact(bytes))
    this.register(image, { moduleName: undefined, funcName: i => `function ${i}`, locate: () => [] })
    this.keep(this.entries, typeId, image, SymbolSpace.EntryTrampoline, 0)
    this.keep(this.exits, typeId, image, SymbolSpace.ExitTrampoline, 0)
    return { entry: this.entryTrampoline(typeId), exit: this.exitTrampoline(typeId) }
  }
}

/** This machine's target, or undefined where there is no code generator for it yet: then one can still compile. */
function hostTarget(): string | undefined {
  const name = hostTargetName()
  return name !== undefined && targetNames.includes(name) ? name : undefined
}
