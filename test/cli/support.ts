// Runs the built command line in child processes.

import { join, resolve } from 'node:path'
import {
  checkBuilt,
  type Outcome,
  root,
  runProcess,
  type Surroundings,
  startProcess,
  type TextOutcome,
} from '../support/child.js'

/** The built command line; GANTRY_DIST names another folder than dist/. */
export const cliPath = resolve(process.env.GANTRY_DIST ?? join(root, 'dist'), 'cli.js')

/** Runs `gantry ARGS…`; whatever happens to it is the result's to say. The test runner goes on meanwhile. */
export function startGantry(args: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  checkBuilt(cliPath)
  return startProcess(process.execPath, [cliPath, ...args], surroundings)
}

/** The same with texts; a signal is an error. */
export async function gantry(
  args: readonly string[],
  surroundings: Surroundings = {},
): Promise<Omit<TextOutcome, 'signal'>> {
  checkBuilt(cliPath)
  const { signal, ...ended } = await runProcess(process.execPath, [cliPath, ...args], surroundings)
  if (signal !== null) throw new Error(`gantry ${args.join(' ')} was ended by ${signal}: ${ended.stderr}`)
  return ended
}
