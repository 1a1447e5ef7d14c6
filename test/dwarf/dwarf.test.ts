// DWARF of real compilers, versions 4 and 5: every address of every fixture against llvm-symbolizer (fixtures/build.sh), and
// broken sections, which must be harmless.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DebugInfo, type SourceLocation } from '../../src/dwarf/debug-info.js'
import { debugSections } from '../../src/dwarf/sections.js'
import { decodeModule } from '../../src/wasm/decode.js'

const folder = join(import.meta.dirname, 'fixtures')
const modules = readdirSync(folder)
  .filter(name => name.endsWith('.wasm'))
  .sort()

function sectionsOf(file: string): ReadonlyMap<string, Uint8Array> {
  const bytes = new Uint8Array(readFileSync(join(folder, file)))
  const { customSections } = decodeModule(bytes)
  return new Map(customSections.map(({ name, start, end }) => [name, bytes.subarray(start, end)]))
}

const infoOf = (sections: ReadonlyMap<string, Uint8Array>): DebugInfo =>
  new DebugInfo(debugSections(name => sections.get(name)))

/** As llvm-symbolizer prints it; it takes `run`, exported without mangling, for no part of its crate. */
const printed = ({ functionName, file, line, column }: SourceLocation): string[] => [
  functionName?.replace('lines::run', 'run') ?? '??',
  `${file}:${line}:${column}`,
]

/** What llvm-symbolizer said, by address; without functions of which it does not know the place. */
function expectations(file: string): Map<number, string[]> {
  const blocks = readFileSync(join(folder, file.replace('.wasm', '.txt')), 'utf8')
    .trim()
    .split('\n\n')
  return new Map(
    blocks.map(block => {
      const [address = '', ...lines] = block.split('\n')
      const known = lines.filter((_, i) => !(lines[i - (i % 2) + 1] ?? '').startsWith('??'))
      return [Number(address), known]
    }),
  )
}

describe.each(modules)('%s', file => {
  it('says of each address what llvm-symbolizer says', () => {
    const info = infoOf(sectionsOf(file))
    const wanted = expectations(file)
    expect(wanted.size).toBe(160)
    for (const [address, lines] of wanted) {
      expect(info.locate(address).flatMap(printed), `address 0x${address.toString(16)}`).toEqual(lines)
    }
  })

  it('may be cut off anywhere', () => {
    const sections = sectionsOf(file)
    for (const [name, whole] of sections) {
      if (!name.startsWith('.debug')) continue
      for (let length = 0; length < whole.length; length += 1 + (length >> 5)) {
        const info = infoOf(new Map([...sections, [name, whole.subarray(0, length)]]))
        for (const address of [3, 0x10, 0x40]) info.locate(address)
      }
    }
  })

  it('may be wrong anywhere', () => {
    const sections = sectionsOf(file)
    let seed = 1
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    for (const [name, whole] of sections) {
      if (!name.startsWith('.debug')) continue
      for (let n = 0; n < 200; n++) {
        const changed = whole.slice()
        for (let k = 0; k <= n % 4; k++) changed[random(changed.length)] = random(256)
        infoOf(new Map([...sections, [name, changed]])).locate(random(0x80))
      }
    }
  })
})

describe('modules without debug information', () => {
  it('have no places', () => {
    const info = infoOf(new Map())
    expect(info.isEmpty).toBe(true)
    expect(info.locate(3)).toEqual([])
  })
})
