// One WASI command under V8, with the standard streams of this process:
//   node tools/run.mjs test/wasi/v8-command.ts FILE OPTIONS      OPTIONS: args, env and preopens as JSON

import { readFileSync } from 'node:fs'
import { runHere } from './v8.js'

const [file = '', options = '{}'] = process.argv.slice(2)
const { code, stdout, stderr } = runHere(readFileSync(file), {
  ...JSON.parse(options),
  stdin: readFileSync(0),
})
process.stdout.write(stdout)
process.stderr.write(stderr)
process.exitCode = code
