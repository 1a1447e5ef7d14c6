// What a loaded module tells traces about its code: names, and, if it has debug information, places in the source.

import { DebugInfo, type SourceLocation } from '../dwarf/debug-info.js'
import { debugSections } from '../dwarf/sections.js'
import type { Module } from '../wasm/module.js'
import { ModuleNames } from '../wasm/names.js'
import type { ImageOwner } from './images.js'

const nowhere: readonly SourceLocation[] = []

export class ModuleOwner implements ImageOwner {
  readonly moduleName: string | undefined
  private readonly names: ModuleNames
  private debugInfo: DebugInfo | undefined

  /**
   * @param module perhaps without its code section
   * @param codeStart byte offset in the original module of the code section's contents, or −1 if that is not known
   */
  constructor(
    private readonly module: Module,
    private readonly codeStart: number,
  ) {
    this.names = new ModuleNames(module)
    this.moduleName = this.names.moduleName()
  }

  funcName(index: number): string {
    return this.names.displayName(index)
  }

  locate(moduleOffset: number): readonly SourceLocation[] {
    if (this.codeStart < 0 || moduleOffset < this.codeStart) return nowhere
    this.debugInfo ??= new DebugInfo(debugSections(name => this.customSection(name)))
    return this.debugInfo.locate(moduleOffset - this.codeStart)
  }

  private customSection(name: string): Uint8Array | undefined {
    const section = this.module.customSections.find(s => s.name === name)
    return section && this.module.bytes.subarray(section.start, section.end)
  }
}
