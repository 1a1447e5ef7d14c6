// Golden tests: functions in test/filetests/opt with what they become in comments behind them.
// GANTRY_BLESS=1 writes the expectations anew.
//
// A first line `;;! passes = simplify dce` runs only these passes of level speed; without it all run. The function is verified
// after each.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseClif } from '../../src/ir/parse.js'
import { printFunc } from '../../src/ir/print.js'
import { Optimizer } from '../../src/opt/optimize.js'
import { speedPasses } from '../../src/opt/passes.js'

const folder = 'test/filetests/opt'
const marker = ';; ==>'

function output(source: string): string {
  const chosen = /^;;! passes = (.+)$/m.exec(source)?.[1]?.split(' ')
  const disable = speedPasses.map(p => p.name).filter(name => chosen !== undefined && !chosen.includes(name))
  const optimizer = new Optimizer('speed', { verify: true, disable })
  const texts = parseClif(source).functions.map(({ func }) => {
    optimizer.run(func)
    return printFunc(func)
  })
  return texts.join('\n')
}

describe('optimiser, golden', () => {
  const files = readdirSync(folder).filter(name => name.endsWith('.clif'))
  it.each(files)('%s', name => {
    const path = join(folder, name)
    const text = readFileSync(path, 'utf8')
    const at = text.indexOf(marker)
    const source = at < 0 ? `${text.trimEnd()}\n\n` : text.slice(0, at)
    const lines = output(source).trimEnd().split('\n')
    const actual = `${source}${marker}\n${lines.map(line => `;; ${line}`.trimEnd()).join('\n')}\n`
    if (process.env.GANTRY_BLESS === '1') writeFileSync(path, actual)
    else expect(actual).toBe(text)
  })
})
