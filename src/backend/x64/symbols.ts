// The external symbols that one function refers to: (space, index, addend) triples, numbered as they come up.

import { I32List } from '../../base/growable.js'
import type { ExternalName } from '../../ir/entities.js'
import { SymbolSpace } from '../code-chunk.js'

/** Symbols of one function by number; storage is reused. */
export class Symbols {
  readonly space = new I32List(16)
  readonly index = new I32List(16)
  readonly addend = new I32List(16)

  reset(): void {
    this.space.reset()
    this.index.reset()
    this.addend.reset()
  }

  /** The number of a symbol. Equal ones share a number if they come close to each other. */
  add(space: number, index: number, addend = 0): number {
    const n = this.space.length
    const from = Math.max(0, n - 8)
    for (let i = n - 1; i >= from; i--) {
      if (this.index.at(i) === index && this.space.at(i) === space && this.addend.at(i) === addend) return i
    }
    this.space.push(space)
    this.index.push(index)
    this.addend.push(addend)
    return n
  }

  /** The number of a symbol by its IR name; `resolve` finds the index of a test name. */
  addName(name: ExternalName, resolve: ((name: string) => number) | undefined, addend = 0): number {
    if (name.kind === 'user') return this.add(name.space, name.index, addend)
    const index = resolve === undefined ? -1 : resolve(name.name)
    return this.add(SymbolSpace.Named, index, addend)
  }
}
