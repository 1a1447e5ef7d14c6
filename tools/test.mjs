// The whole test run: build, types, formatting and lint, structure, the benchmark's counts, tests. Counts each as one or
// more checks and closes with a line `N passed, N failed, N skipped`. node tools/test.mjs [FILTER…] passes filters on to
// the test runner, and leaves the counts out.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'))
const node = process.execPath
const bin = (pkg, file) => join('node_modules', pkg, file)
const report = join('node_modules', '.cache', 'gantry-tests.json')
mkdirSync(dirname(report), { recursive: true })
rmSync(report, { force: true })

const filters = process.argv.slice(2)
// Sizes and instruction counts against their baselines: what depends on no machine, so never a time.
const counts = [node, 'tools/run.mjs', 'bench/main.ts', 'size,instructions', '--quick', '--check']

const steps = [
  ['build', [node, 'tools/build.mjs']],
  ['types', [node, bin('typescript', 'bin/tsc'), '--noEmit']],
  ['format and lint', [node, bin('@biomejs/biome', 'bin/biome'), 'ci', '.', '--diagnostic-level=error']],
  ['structure', [node, 'tools/run.mjs', 'tools/check-structure.ts']],
  ...(filters.length === 0 ? [['benchmark counts', counts]] : []),
]

let passed = 0
let failed = 0
let skipped = 0
for (const [name, [command, ...args]] of steps) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  console.log(`${name}: ${status === 0 ? 'ok' : 'FAILED'}`)
  if (status === 0) passed++
  else failed++
}

const vitest = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters]
const run = spawnSync(node, [bin('vitest', 'vitest.mjs'), ...vitest], { stdio: 'inherit' })
try {
  const result = JSON.parse(readFileSync(report, 'utf8'))
  passed += result.numPassedTests
  failed += result.numFailedTests
  skipped += result.numPendingTests + result.numTodoTests
  // A file that does not load has no tests to count.
  failed += result.testResults.filter(f => f.status === 'failed' && f.assertionResults.length === 0).length
} catch (error) {
  console.error(`the test runner left no report: ${error.message}`)
  failed++
}
if (run.status !== 0 && failed === 0) failed++
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = failed > 0 ? 1 : 0
