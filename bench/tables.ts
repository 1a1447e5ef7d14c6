// Results as tables: terminal and Markdown.

import { bySuite, byUnit, enginesOf, ours, type Result, ratio } from './results.js'
import { geomean, printTable } from './table.js'

/** A table of text. */
export interface TextTable {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Three digits or so. */
function digits(value: number | undefined): string {
  if (value === undefined) return '–'
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

const factor = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(2))

/** Geometric mean of the ratios to a peer over the results that have one. */
export function meanRatio(results: readonly Result[], peer: string, engine = ours): number | undefined {
  const ratios = results.map(r => ratio(r, peer, engine)).filter(r => r !== undefined)
  return ratios.length === 0 ? undefined : geomean(ratios)
}

/** What a table is about. */
export function titleOf(suite: string, unit: string): string {
  return suite === unit ? suite : `${suite}, ${unit}`
}

/** Values of one unit, then how many times worse ours (or else the first engine's) are than each peer's. */
export function tableOf(results: readonly Result[]): TextTable {
  const engines = enginesOf(results)
  const [first = ours, ...peers] = engines
  const rows = results.map(r => [
    r.name,
    ...engines.map(e => digits(r.values[e])),
    ...peers.map(p => factor(ratio(r, p, first))),
  ])
  const means = peers.map(p => factor(meanRatio(results, p, first)))
  if (results.length > 1 && peers.length > 0)
    rows.push(['geometric mean', ...engines.map(() => ''), ...means])
  const { suite = '', unit = '' } = results[0] ?? {}
  return { head: [titleOf(suite, unit), ...engines, ...peers.map(p => `/ ${p}`)], rows }
}

/** All tables of some results. */
export function tablesOf(results: readonly Result[]): TextTable[] {
  return bySuite(results).flatMap(([, rows]) => byUnit(rows).map(([, same]) => tableOf(same)))
}

/** Prints all tables. */
export function printTables(results: readonly Result[]): void {
  for (const { head, rows } of tablesOf(results)) printTable(head, rows)
}

/** All tables in Markdown. */
export function markdownOf(results: readonly Result[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const tables = tablesOf(results).map(({ head, rows }) =>
    [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n'),
  )
  return `${tables.join('\n\n')}\n`
}
