// Runs text tests natively: node tools/run.mjs test/backend/run-clif.ts [--spill-all] [--print] FILE…
import { readFileSync } from 'node:fs'
import { parseTestFile, printDataValue, runHolds } from '../../src/ir/testfile.js'
import { featuresOf, optionsOf, runNative } from './native.js'
import { SpillAll } from './spill-all.js'

const args = process.argv.slice(2)
const files = args.filter(a => !a.startsWith('--'))
let bad = 0
const errors = new Map<string, string[]>()
for (const path of files) {
  const name = path.replace(/.*\//, '')
  try {
    const file = parseTestFile(readFileSync(path, 'utf8'))
    const targets = file.targets.filter(t => t.isa === 'x86_64')
    if (!file.commands.some(c => c[0] === 'run') || targets.length === 0) continue
    for (const t of targets) {
      const features = featuresOf(t.settings)
      if (features === null) continue
      const options = { ...optionsOf(file), features }
      const r = runNative(
        file.functions.map(f => f.func),
        file.runs,
        options,
        args.includes('--spill-all') ? new SpillAll() : null,
      )
      let fails = 0
      file.runs.forEach((run, k) => {
        const got = r.results[k]
        if (got !== undefined && runHolds(run, got)) return
        if (fails++ < 3) {
          const shown = got?.map((b, n) =>
            printDataValue({ type: run.func.signature.results[n]!.type, bits: b }),
          )
          console.log(`${name}:${run.line}: ${run.text}: got ${shown ?? 'nothing'} (${r.status} ${r.signal})`)
        }
      })
      if (fails > 0) bad++
    }
  } catch (e) {
    bad++
    const what = (e as Error).message
    if (args.includes('--stack')) console.log((e as Error).stack)
    errors.set(what, [...(errors.get(what) ?? []), name])
    if (args.includes('--names')) console.log(`excluded ${name}: ${what}`)
  }
}
for (const [what, names] of [...errors].sort((a, b) => b[1].length - a[1].length)) {
  console.log(`${names.length}× ${what}: ${names.slice(0, 4).join(' ')}`)
}
console.log(`${bad} bad of ${files.length}`)
