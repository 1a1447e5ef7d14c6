// Annotations of a module: found by the token they stand before, each to be taken exactly once. What nobody takes is
// misplaced.

import { lastAtMost } from '../../base/bisect.js'
import { Cursor } from './cursor.js'
import type { Annotation, Source, TextError } from './source.js'
import { textErrorAt } from './source.js'

/** The annotation of branch hints. */
export const branchHint = 'metadata.code.branch_hint'

/** The annotations that stand in the tokens [from, to) of a source. */
export class AnnotationList {
  private readonly list: readonly Annotation[]
  private readonly taken: boolean[]
  /** Position of the first annotation not yet passed, so that the usual question costs one comparison. */
  private next = 0

  constructor(
    private readonly source: Source,
    from: number,
    to: number,
  ) {
    const all = source.annotations
    this.list = all.length === 0 ? all : all.slice(firstAt(all, from), firstAt(all, to + 1))
    this.taken = this.list.map(() => false)
  }

  /** Takes the annotation `name` that stands before token `at`, if there is one. Ask in the order of the tokens. */
  take(at: number, name: string): Annotation | undefined {
    const { list } = this
    while (this.next < list.length && (list[this.next] as Annotation).at < at) this.next++
    for (let i = this.next; i < list.length && (list[i] as Annotation).at === at; i++) {
      const annotation = list[i] as Annotation
      if (annotation.name !== name || this.taken[i]) continue
      this.taken[i] = true
      return annotation
    }
    return undefined
  }

  /** A cursor over the contents of an annotation. */
  contents(annotation: Annotation): Cursor {
    const { text, annotationTokens: tokens } = this.source
    const inner: Source = { text, tokens, annotations: [], annotationTokens: tokens }
    return new Cursor(inner, annotation.from, annotation.to)
  }

  /** The error `reason` at an annotation. */
  error(annotation: Annotation, reason: string): TextError {
    return textErrorAt(this.source.text, annotation.offset, reason)
  }

  /** The identifier's stand-in for the name section that may follow an identifier, as a byte string. */
  name(at: number, what: string): string | undefined {
    const annotation = this.take(at, 'name')
    if (annotation === undefined) return undefined
    const again = this.take(at, 'name')
    if (again !== undefined) throw this.error(again, `@name annotation: multiple ${what} names`)
    const cursor = this.contents(annotation)
    const name = cursor.name()
    if (!cursor.atEnd()) throw this.error(annotation, '@name annotation: unexpected token')
    return name
  }

  /** Complains about annotations that nothing has taken. */
  finish(): void {
    this.list.forEach((annotation, i) => {
      if (this.taken[i]) return
      const reason =
        annotation.name === branchHint
          ? `@${branchHint} annotation: not in a function`
          : `misplaced @${annotation.name} annotation`
      throw this.error(annotation, reason)
    })
  }
}

/** The position of the first annotation that stands at token `at` or later; they are sorted. */
function firstAt(all: readonly Annotation[], at: number): number {
  return lastAtMost(all.length, i => (all[i] as Annotation).at, at - 1) + 1
}
