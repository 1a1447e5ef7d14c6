// Text tests: header commands (`test run`), settings, targets, functions, and behind each function the calls to make
// and what they must give:
//
//   ; run: %add(1, 2) == 3
//   ; run: %swap(1, 2) == [2, 1]        several results in brackets
//   ; run: %mask([1 2 3 4]) != 0        vectors as lanes or as one hexadecimal number
//   ; run                               a function () → integer must not return 0
//   ; print: %f()                       call and show, expect nothing

import type { Func } from './func.js'
import { type Comment, Cursor, Token } from './lexer.js'
import { printFloat, shape32, shape64 } from './numbers.js'
import { type ParsedFunction, parseClif } from './parse.js'
import { parseName } from './parse-preamble.js'
import { type DataValue, parseDataValue } from './parse-values.js'
import type { Signature } from './signature.js'
import { isFloat, isInt, isVector, Type, typeBytes } from './types.js'

export type { DataValue } from './parse-values.js'

/** One call to make. */
export interface RunCommand {
  readonly func: Func
  readonly args: readonly DataValue[]
  /** How the results compare to `expected`; `print`: they are only shown. */
  readonly op: '==' | '!=' | 'print'
  readonly expected: readonly DataValue[]
  readonly line: number
  /** The command as written. */
  readonly text: string
}

/** `target x86_64 has_avx`. */
export interface TargetLine {
  readonly isa: string
  readonly settings: readonly string[]
}

/** A text test, taken apart. */
export interface TestFile {
  /** Words of each `test` line: [['run'], ['interpret']]. */
  readonly commands: readonly (readonly string[])[]
  /** Words of all `set` lines: `opt_level=speed`, `enable_pinned_reg`. */
  readonly settings: readonly string[]
  readonly targets: readonly TargetLine[]
  readonly functions: readonly ParsedFunction[]
  readonly runs: readonly RunCommand[]
}

/** Takes a text test apart. Throws ClifError. */
export function parseTestFile(text: string): TestFile {
  const clif = parseClif(text)
  const lines = clif.header.map(line => line.split(/\s+/))
  const behind = (word: string): string[][] => lines.filter(l => l[0] === word).map(l => l.slice(1))
  return {
    commands: behind('test'),
    settings: behind('set').flat(),
    targets: behind('target').map(words => ({ isa: words[0] ?? '', settings: words.slice(1) })),
    functions: clif.functions,
    runs: clif.functions.flatMap(runsOf),
  }
}

/** Does the header ask for this test (`test run`)? */
export function hasCommand(file: TestFile, command: string): boolean {
  return file.commands.some(words => words[0] === command)
}

function runsOf(f: ParsedFunction): RunCommand[] {
  const runs: RunCommand[] = []
  for (const comment of f.comments) {
    if (/^(run|print)\b/.test(comment.text)) runs.push(parseRun(comment, f))
  }
  return runs
}

function parseRun(comment: Comment, f: ParsedFunction): RunCommand {
  const c = new Cursor(comment.text, comment.line)
  const print = c.take(Token.Word, 'run or print') === 'print'
  const common = { line: comment.line, text: comment.text }
  if (!c.accept(':')) return { ...common, ...shortForm(c, f.func, print) }
  // The function above the command is the one that is meant, whatever name is written.
  parseName(c)
  const { func } = f
  const args = parseArgs(c, func.signature)
  if (print) return { ...common, func, args, op: 'print', expected: [] }
  const op = c.accept('!') ? '!=' : '=='
  if (op === '==') c.expect('=')
  c.expect('=')
  const expected = parseResults(c, func.signature)
  if (!c.atEnd) c.failExpected('the end of the command')
  return { ...common, func, args, op, expected }
}

type ShortForm = Pick<RunCommand, 'func' | 'args' | 'op' | 'expected'>

/** `; run` and `; print` without a call: no arguments; a run must not return 0. */
function shortForm(c: Cursor, func: Func, print: boolean): ShortForm {
  const { params, results } = func.signature
  if (params.length > 0) c.fail('the function has parameters: write the call')
  if (print) return { func, args: [], op: 'print', expected: [] }
  const type = results[0]?.type ?? Type.Invalid
  if (results.length !== 1 || !isInt(type)) c.fail('the function does not return one integer: write the call')
  return { func, args: [], op: '!=', expected: [{ type, bits: 0n }] }
}

function parseArgs(c: Cursor, signature: Signature): DataValue[] {
  c.expect('(')
  const args = parseList(
    c,
    signature.params.map(p => p.type),
  )
  c.expect(')')
  return args
}

function parseResults(c: Cursor, signature: Signature): DataValue[] {
  const types = signature.results.map(p => p.type)
  if (types.length === 1) return parseList(c, types)
  c.expect('[')
  const values = parseList(c, types)
  c.expect(']')
  return values
}

function parseList(c: Cursor, types: readonly Type[]): DataValue[] {
  return types.map((type, n) => {
    if (n > 0) c.expect(',')
    return parseDataValue(c, type)
  })
}

/** A value as the commands spell it. */
export function printDataValue(v: DataValue): string {
  if (isFloat(v.type)) return printFloat(v.bits, v.type === Type.F32 ? shape32 : shape64)
  if (isVector(v.type)) return `0x${v.bits.toString(16).padStart(32, '0')}`
  return BigInt.asIntN((typeBytes[v.type] as number) * 8, v.bits).toString()
}

/** Does the command hold for these results (bits, unsigned)? `print` always does. */
export function runHolds(run: RunCommand, results: readonly bigint[]): boolean {
  if (run.op === 'print') return true
  const equal = results.length === run.expected.length && run.expected.every((v, n) => v.bits === results[n])
  return equal === (run.op === '==')
}
