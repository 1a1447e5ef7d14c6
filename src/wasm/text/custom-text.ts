// `(@custom "name" (before|after section)? "bytes"*)`: custom sections placed among the others.

import type { AnnotationList } from './annotations.js'
import type { Cursor } from './cursor.js'
import { type Annotation, isUtf8, type TextError, Token } from './source.js'
import { Writer } from './writer.js'

/** Sections in the order of the binary format, by the names placements use. */
export const sectionOrder = [
  'first',
  'type',
  'import',
  'func',
  'table',
  'memory',
  'tag',
  'global',
  'export',
  'start',
  'elem',
  'datacount',
  'code',
  'data',
  'last',
] as const

/** A custom section to be put before or after the section at `sectionOrder[place >> 1]`; odd places mean after. */
export interface PlacedCustom {
  readonly place: number
  readonly content: Writer
}

const last = (sectionOrder.length - 1) * 2 + 1

/** Reads one annotation. */
export function placedCustom(annotations: AnnotationList, annotation: Annotation): PlacedCustom {
  const cursor = annotations.contents(annotation)
  const fail = (reason: string): TextError => annotations.error(annotation, `@custom annotation: ${reason}`)
  if (cursor.kind() !== Token.String) throw fail('missing section name')
  const name = cursor.string()
  if (!isUtf8(name)) throw fail('malformed UTF-8 encoding')
  const place = cursor.kind() === Token.LParen ? placement(cursor, fail) : last
  const content = new Writer()
  content.name(name)
  content.chars(cursor.strings())
  if (!cursor.atEnd()) throw fail('unexpected token')
  return { place, content }
}

function placement(cursor: Cursor, fail: (reason: string) => TextError): number {
  cursor.pos++
  const side = cursor.text()
  if (side !== 'before' && side !== 'after') throw fail('malformed placement')
  cursor.pos++
  const section = (sectionOrder as readonly string[]).indexOf(cursor.text())
  if (section < 0) throw fail('malformed section kind')
  cursor.pos++
  if (!cursor.accept(Token.RParen)) throw fail('unexpected token')
  return section * 2 + (side === 'after' ? 1 : 0)
}
