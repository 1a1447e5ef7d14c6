// Every script of the specification's suite: it parses; its modules encode to what V8 accepts or rejects as the script
// says; malformed texts are refused with the expected words; printing and parsing give the same bytes again.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseWat } from '../../src/wasm/text/parse.js'
import { printModule } from '../../src/wasm/text/print.js'
import { type Command, parseScript, type ScriptModule } from '../../src/wasm/text/script.js'
import { TextError } from '../../src/wasm/text/source.js'
import { host } from './encode.js'
import { haveSuite, suiteFiles, suiteMissing, suiteRoot } from './suite-files.js'

/** What V8 of Node 20 and later says about modules that use what it does not have yet, or sizes it refuses. */
const beyondV8 = [
  /enable (with|via) --experimental/,
  /At most one memory|memory count of/,
  /limits flags/,
  /Invalid opcode 0x(08|09|0a|14|15|1f|d3|d4|d5|d6|fb)/,
  /invalid numeric opcode/,
  /invalid value type 0x40/,
  /not allowed in constant expressions|non-imported globals cannot be used/,
  /larger than implementation limit/,
  /invalid value type '/,
]

/**
 * Where a proposal's copy of a test has not followed WebAssembly 3.0: expectations of these files by their text.
 * Sizes are 64-bit numbers in the text today; several tables and memories are allowed.
 */
const outdated: readonly (readonly [file: string, text: string])[] = [
  ['proposals/threads/memory.wast', 'i32 constant out of range'],
  ['proposals/threads/memory.wast', 'multiple memories'],
  ['proposals/threads/imports.wast', 'multiple memories'],
  ['proposals/threads/imports.wast', 'multiple tables'],
]

function isOutdated(file: string, text: string): boolean {
  return outdated.some(([f, t]) => file === f && text === t)
}

function v8Error(bytes: Uint8Array): string | undefined {
  if (host.validate(bytes)) return undefined
  try {
    new host.Module(bytes)
    return 'validate() says no, new Module() says nothing'
  } catch (error) {
    return (error as Error).message
  }
}

/** Complaints about modules that should be fine. */
function checkGood(module: ScriptModule): string | undefined {
  const bytes = module.encode()
  const error = v8Error(bytes)
  if (error !== undefined && !beyondV8.some(pattern => pattern.test(error))) return `V8: ${error}`
  return checkRoundTrip(bytes, module.kind === 'binary')
}

/** Printing and parsing gives the same bytes; foreign binaries get there after one round. */
function checkRoundTrip(bytes: Uint8Array, foreign: boolean): string | undefined {
  const again = parseWat(printModule(bytes))
  if (foreign) return checkRoundTrip(again, false)
  return Buffer.compare(bytes, again) === 0 ? undefined : 'the round trip through the printer changes bytes'
}

function checkMalformed(module: ScriptModule, text: string): string | undefined {
  try {
    const bytes = module.encode()
    if (module.kind !== 'binary') return `accepted, expected "${text}"`
    return host.validate(bytes) ? 'V8 accepts the malformed binary' : undefined
  } catch (error) {
    if (!(error instanceof TextError)) throw error
    return error.reason.includes(text) ? undefined : `"${error.reason}", expected "${text}"`
  }
}

function checkInvalid(module: ScriptModule, text: string, file: string): string | undefined {
  const accepted = host.validate(module.encode())
  return accepted && !isOutdated(file, text) ? `V8 accepts, expected "${text}"` : undefined
}

function check(file: string, command: Command): string | undefined {
  switch (command.type) {
    case 'module':
    case 'definition':
    case 'assert_unlinkable':
    case 'assert_trap_module':
      return checkGood(command.module)
    case 'assert_invalid':
      return checkInvalid(command.module, command.text, file)
    case 'assert_malformed':
    case 'assert_malformed_custom':
    case 'assert_invalid_custom':
      return isOutdated(file, command.text) ? undefined : checkMalformed(command.module, command.text)
    default:
      return undefined
  }
}

describe('the specification suite', () => {
  if (haveSuite) {
    it('has all its files', () => expect(suiteFiles().length).toBeGreaterThan(260))
  } else it.skip(suiteMissing, () => {})

  it.each(suiteFiles())('%s', file => {
    const commands = parseScript(readFileSync(join(suiteRoot, file)))
    expect(commands.length).toBeGreaterThan(0)
    const complaints: string[] = []
    for (const command of commands) {
      const complaint = check(file, command)
      if (complaint !== undefined) complaints.push(`line ${command.line}: ${complaint}`)
    }
    expect(complaints).toEqual([])
  })
})
