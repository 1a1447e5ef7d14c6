// The labels in scope: a stack of blocks, some of them named; inner names hide outer ones.

import type { Cursor } from './cursor.js'
import { Token } from './source.js'

/** Label scope of one function or constant expression. Depth 0 is the function body itself, which has no name. */
export class LabelScope {
  private readonly names: (string | undefined)[] = []
  /** For each named block, which level its name meant outside of it. */
  private readonly hidden: (number | undefined)[] = []
  private readonly levels = new Map<string, number>()
  /** Names by the order in which blocks were opened, for the name section. */
  readonly all = new Map<number, string>()
  private opened = 0

  reset(): void {
    this.names.length = 0
    this.hidden.length = 0
    this.levels.clear()
    this.all.clear()
    this.opened = 0
  }

  push(name: string | undefined): void {
    if (name !== undefined) {
      this.hidden.push(this.levels.get(name))
      this.levels.set(name, this.names.length)
      this.all.set(this.opened, name)
    } else this.hidden.push(undefined)
    this.names.push(name)
    this.opened++
  }

  pop(): void {
    const name = this.names.pop()
    const hidden = this.hidden.pop()
    if (name === undefined) return
    if (hidden === undefined) this.levels.delete(name)
    else this.levels.set(name, hidden)
  }

  /** Reads a label: a number, not checked against the depth, or a name in scope. */
  index(cursor: Cursor): number {
    if (cursor.kind() !== Token.Id) return cursor.u32()
    const id = cursor.optionalId() as string
    const level = this.levels.get(id)
    if (level === undefined) throw cursor.error(`unknown label $${id}`, cursor.pos - 1)
    return this.names.length - 1 - level
  }

  /** Reads the label that may be repeated behind `end` or `else`: it must be the innermost block's. */
  checkRepeated(cursor: Cursor): void {
    if (cursor.kind() !== Token.Id) return
    const id = cursor.optionalId()
    const name = this.names[this.names.length - 1]
    if (id !== name) throw cursor.error(`mismatching label $${id}`, cursor.pos - 1)
  }
}
