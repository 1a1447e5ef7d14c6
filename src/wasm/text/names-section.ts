// The name section from the identifiers of a text: subsection ids as in the specification and its extensions.

import type { ModuleScope } from './spaces.js'
import { Writer } from './writer.js'

type Names = ReadonlyMap<number, string>

function writeNames(out: Writer, names: Names): void {
  out.uleb(names.size)
  for (const index of [...names.keys()].sort((a, b) => a - b)) {
    out.uleb(index)
    out.name(names.get(index) as string)
  }
}

function writeIndirectNames(out: Writer, names: ReadonlyMap<number, Names>): void {
  out.uleb(names.size)
  for (const index of [...names.keys()].sort((a, b) => a - b)) {
    out.uleb(index)
    writeNames(out, names.get(index) as Names)
  }
}

function subsection(out: Writer, id: number, write: (content: Writer) => void): void {
  const content = new Writer()
  write(content)
  out.section(id, content)
}

function fieldNames(scope: ModuleScope): ReadonlyMap<number, Names> {
  const result = new Map<number, Names>()
  scope.types.fields.forEach((fields, type) => {
    if (fields !== undefined && fields.names.size > 0) result.set(type, fields.names)
  })
  return result
}

/** Writes the contents of the name section (its own name included); leaves `out` empty if nothing has a name. */
export function writeNameSection(out: Writer, scope: ModuleScope): void {
  const body = new Writer()
  const { name } = scope
  if (name !== undefined) subsection(body, 0, w => w.name(name))
  const plain = (id: number, names: Names): void => {
    if (names.size > 0) subsection(body, id, w => writeNames(w, names))
  }
  const indirect = (id: number, names: ReadonlyMap<number, Names>): void => {
    if (names.size > 0) subsection(body, id, w => writeIndirectNames(w, names))
  }
  plain(1, scope.funcs.names)
  indirect(2, scope.localNames)
  indirect(3, scope.labelNames)
  plain(4, scope.types.names)
  plain(5, scope.tables.names)
  plain(6, scope.memories.names)
  plain(7, scope.globals.names)
  plain(8, scope.elems.names)
  plain(9, scope.datas.names)
  indirect(10, fieldNames(scope))
  plain(11, scope.tags.names)
  if (body.length === 0) return
  out.name('name')
  out.append(body.written())
}
