// Results as one HTML page that needs nothing else: a bar per program and peer for the ratio, tables below.

import { bySuite, byUnit, enginesOf, ours, type Result, ratio } from './results.js'
import { meanRatio, tableOf, titleOf } from './tables.js'

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, c => escapes[c] as string)

const colors = ['#4269d0', '#efb118', '#ff725c', '#6cc5b0', '#9c6b4e', '#a463f2', '#97bbf5', '#9498a0']

/** Layout of a plot, in pixels. */
const labelWidth = 230
const plotWidth = 560
const barHeight = 11
const gap = 10
/** Room for the scale above the bars, and for the numbers at their ends. */
const scaleHeight = 18
const valueWidth = 60

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
interface Scale {
  readonly x: (value: number) => number
  /** The ratios whose place is marked, ascending. */
  readonly marks: readonly number[]
}

function scaleOf(groups: readonly Group[]): Scale {
  const logs = groups.flatMap(g => g.bars.map(b => Math.abs(Math.log2(b.value))))
  const most = Math.ceil(Math.max(1, ...logs.filter(Number.isFinite)))
  const step = Math.ceil(most / 4)
  const exponents = Array.from(
    { length: 2 * Math.floor(most / step) + 1 },
    (_, i) => i - Math.floor(most / step),
  )
  return {
    x: value => labelWidth + valueWidth + (plotWidth / 2) * (1 + Math.log2(value) / most),
    marks: exponents.map(e => 2 ** (e * step)),
  }
}

function drawScale({ x, marks }: Scale, height: number): string {
  return marks
    .map(value => {
      const at = x(value).toFixed(1)
      const color = value === 1 ? '#333' : '#ddd'
      const text = value < 1 ? `1/${1 / value}` : `${value}`
      return `<text x="${at}" y="12" text-anchor="middle">${text}</text>
<line x1="${at}" x2="${at}" y1="${scaleHeight}" y2="${height}" stroke="${color}"/>`
    })
    .join('')
}

function barOf(bar: Bar, y: number, x: (value: number) => number, peers: readonly string[]): string {
  const [from, to] = [Math.min(x(1), x(bar.value)), Math.max(x(1), x(bar.value))]
  const size = `width="${(to - from).toFixed(1)}" height="${barHeight}"`
  const title = `${escaped(peers[bar.peer] as string)}: ${bar.value.toFixed(3)}`
  const fill = colors[bar.peer % colors.length]
  const right = bar.value >= 1
  const label = `x="${(right ? to + 4 : from - 4).toFixed(1)}" y="${y + barHeight - 2}" class="value"`
  const anchor = right ? 'start' : 'end'
  return `<rect x="${from.toFixed(1)}" y="${y}" ${size} fill="${fill}"><title>${title}</title></rect>
<text ${label} text-anchor="${anchor}">${bar.value.toFixed(2)}</text>`
}

/** Bars to the right: the peer is ahead; to the left: we are. */
function plot(results: readonly Result[], peers: readonly string[]): string {
  const groups = groupsOf(results, peers)
  const scale = scaleOf(groups)
  let y = scaleHeight + gap
  const parts: string[] = []
  for (const { name, bars } of groups) {
    const middle = y + (bars.length * barHeight) / 2 + 4
    parts.push(`<text x="${labelWidth - 8}" y="${middle}" text-anchor="end">${escaped(name)}</text>`)
    for (const bar of bars) {
      parts.push(barOf(bar, y, scale.x, peers))
      y += barHeight
    }
    y += gap
  }
  const width = labelWidth + plotWidth + 2 * valueWidth
  const all = drawScale(scale, y) + parts.join('')
  return `<svg viewBox="0 0 ${width} ${y}" width="${width}" font-size="12">${all}</svg>`
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
  const title = `<h2>${escaped(titleOf(suite, unit))}</h2>`
  const picture = peers.length === 0 ? '' : `${legend(peers)}${plot(results, peers)}`
  return `${title}${picture}${table(results)}`
}

const style = `body{font:14px system-ui,sans-serif;margin:2em auto;max-width:75em}svg{font-family:inherit;max-width:100%;height:auto}
.value{font-size:9px;fill:#555}
table{border-collapse:collapse;margin:1em 0}td,th{padding:.15em .7em;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}`

/** The page. `about` says where and when it was measured. */
export function htmlOf(results: readonly Result[], about: string): string {
  const sections = bySuite(results).flatMap(([suite, rows]) =>
    byUnit(rows).map(([unit, same]) => section(suite, unit, same)),
  )
  const explain =
    'Bars, on a logarithmic scale: how many times as much as each peer gantry needs, time or space. Right of the line the peer is ahead, left of it gantry is. The columns “/ peer” of the tables have the same numbers.'
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>gantry: benchmarks</title>
<style>${style}</style><h1>gantry: benchmarks</h1><p>${escaped(about)}</p><p>${explain}</p>
${sections.join('\n')}</html>
`
}
