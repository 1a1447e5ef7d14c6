// Results as one HTML page that needs nothing else: a bar per program and peer for the ratio, tables below.

import { bySuite, byUnit, enginesOf, ours, type Result, ratio } from './results.js'
import { meanRatio, tableOf } from './tables.js'

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, c => escapes[c] as string)

const colors = ['#4269d0', '#efb118', '#ff725c', '#6cc5b0', '#9c6b4e', '#a463f2', '#97bbf5', '#9498a0']

/** Layout of a plot, in pixels. */
const labelWidth = 230
const plotWidth = 560
const barHeight = 9
const gap = 8

interface Bar {
  readonly peer: number
  readonly value: number
}

interface Group {
  readonly name: string
  readonly bars: readonly Bar[]
}

function groupsOf(results: readonly Result[], peers: readonly string[]): Group[] {
  const bars = (value: (peer: string) => number | undefined): Bar[] =>
    peers.flatMap((p, peer) => {
      const v = value(p)
      return v === undefined ? [] : [{ peer, value: v }]
    })
  const groups = results.map(r => ({ name: r.name, bars: bars(p => ratio(r, p)) }))
  if (results.length > 1) groups.push({ name: 'geometric mean', bars: bars(p => meanRatio(results, p)) })
  return groups
}

/** Ratios are drawn on a logarithmic scale: twice as fast is as far from the line as twice as slow. */
function scaleOf(groups: readonly Group[]): (value: number) => number {
  const logs = groups.flatMap(g => g.bars.map(b => Math.abs(Math.log2(b.value))))
  const most = Math.max(1, ...logs.filter(Number.isFinite))
  return value => labelWidth + (plotWidth / 2) * (1 + Math.log2(value) / most)
}

function barOf(bar: Bar, y: number, x: (value: number) => number, peers: readonly string[]): string {
  const [from, to] = [Math.min(x(1), x(bar.value)), Math.max(x(1), x(bar.value))]
  const size = `width="${(to - from).toFixed(1)}" height="${barHeight}"`
  const title = `${escaped(peers[bar.peer] as string)}: ${bar.value.toFixed(3)}`
  const fill = colors[bar.peer % colors.length]
  return `<rect x="${from.toFixed(1)}" y="${y}" ${size} fill="${fill}"><title>${title}</title></rect>`
}

/** Bars to the right: the peer is faster; to the left: we are. */
function plot(results: readonly Result[], peers: readonly string[]): string {
  const groups = groupsOf(results, peers)
  const x = scaleOf(groups)
  let y = gap
  const parts: string[] = []
  for (const { name, bars } of groups) {
    const middle = y + (bars.length * barHeight) / 2 + 4
    parts.push(`<text x="${labelWidth - 8}" y="${middle}" text-anchor="end">${escaped(name)}</text>`)
    for (const bar of bars) {
      parts.push(barOf(bar, y, x, peers))
      y += barHeight
    }
    y += gap
  }
  const line = `<line x1="${x(1)}" x2="${x(1)}" y1="0" y2="${y}" stroke="#333"/>`
  return `<svg width="${labelWidth + plotWidth}" height="${y}" font-size="12">${parts.join('')}${line}</svg>`
}

function legend(peers: readonly string[]): string {
  const item = (p: string, i: number): string =>
    `<span style="color:${colors[i % colors.length]}">■</span> ${escaped(p)}`
  return `<p>${peers.map(item).join(' &nbsp; ')}</p>`
}

function table(results: readonly Result[]): string {
  const { head, rows } = tableOf(results)
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map(c => `<${tag}>${escaped(c)}</${tag}>`).join('')}</tr>`
  return `<table>${line(head, 'th')}${rows.map(r => line(r, 'td')).join('')}</table>`
}

function section(suite: string, unit: string, results: readonly Result[]): string {
  const engines = enginesOf(results)
  const peers = engines.includes(ours) ? engines.filter(e => e !== ours) : []
  const title = `<h2>${escaped(suite)}, ${escaped(unit)}</h2>`
  const picture = peers.length === 0 ? '' : `${legend(peers)}${plot(results, peers)}`
  return `${title}${picture}${table(results)}`
}

const style = `body{font:14px system-ui,sans-serif;margin:2em auto;max-width:75em}svg{font-family:inherit}
table{border-collapse:collapse;margin:1em 0}td,th{padding:.15em .7em;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}`

/** The page. `about` says where and when it was measured. */
export function htmlOf(results: readonly Result[], about: string): string {
  const sections = bySuite(results).flatMap(([suite, rows]) =>
    byUnit(rows).map(([unit, same]) => section(suite, unit, same)),
  )
  const explain =
    'Bars: how many times slower (right of the line) or faster (left) gantry is than each peer, logarithmic.'
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>gantry: benchmarks</title>
<style>${style}</style><h1>gantry: benchmarks</h1><p>${escaped(about)}</p><p>${explain}</p>
${sections.join('\n')}</html>
`
}
