// What an error that ends a command means to the person at the terminal.

import { BugError, CompileError, GantryError } from '../base/errors.js'
import { ConfigError } from '../config.js'
import { WasmException } from '../runtime/exception-object.js'
import { Trap } from '../runtime/trap.js'
import { complain, ExitCode, UsageError } from './failure.js'

function reportException(exception: WasmException): ExitCode {
  complain(`the program threw an exception that nothing caught: ${exception.message}`)
  for (const line of exception.printFrames()) process.stderr.write(`${line}\n`)
  return ExitCode.Trap
}

function reportTrap(trap: Trap): ExitCode {
  complain(`the program trapped: ${trap.message} (${trap.code})`)
  for (const line of trap.printFrames()) process.stderr.write(`${line}\n`)
  return ExitCode.Trap
}

/** Writes an error to stderr and tells the exit code that it means. */
export function reportError(error: unknown): ExitCode {
  if (error instanceof Trap) return reportTrap(error)
  if (error instanceof WasmException) return reportException(error)
  if (error instanceof UsageError || error instanceof ConfigError) {
    complain(error.message)
    return ExitCode.Usage
  }
  if (error instanceof CompileError) complain(`the module is refused: ${error.message}`)
  else if (error instanceof GantryError) complain(error.message)
  else return reportUnexpected(error)
  return ExitCode.Failure
}

function reportUnexpected(error: unknown): ExitCode {
  const what = error instanceof BugError ? 'this is a bug in gantry' : 'unexpected error'
  complain(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return ExitCode.Bug
}
