// Runs Node's own WASI, the peer, and scripts that embed gantry, each in a process of its own.

import { join } from 'node:path'
import { mustRun, type Outcome, root, startProcess } from '../support/child.js'

const nodeRunner = `
  import { readFileSync } from 'node:fs'
  import { WASI } from 'node:wasi'
  const [file, host, guest, ...args] = process.argv.slice(1)
  const wasi = new WASI({ version: 'preview1', args, env: {}, preopens: { [guest]: host }, returnOnExit: true })
  const module = new WebAssembly.Module(readFileSync(file))
  process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()))
`

/** A WASI command under Node's own WASI. `args` begin with the program's name. */
export function runUnderNode(
  file: string,
  host: string,
  guest: string,
  args: readonly string[],
): Promise<Outcome> {
  const options = ['--no-warnings', '--input-type=module', '-e', nodeRunner]
  return startProcess(process.execPath, [...options, file, host, guest, ...args])
}

/** Runs a script of asserts of cases/; throws with what it printed unless it ends well. */
export async function runScript(name: string, args: readonly string[] = []): Promise<void> {
  await mustRun(process.execPath, [join(root, 'test/programs/cases', name), ...args])
}
