// Hosts besides the Node that runs the tests, found where `npm run hosts` puts them; tests of absent ones are skipped and say so.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/child.js'

const folder = join(root, 'node_modules', '.cache', 'hosts', 'node_modules')

interface Host {
  readonly name: string
  readonly command: string
  /** What comes before the script. */
  readonly args: readonly string[]
  readonly present: boolean
  /** For the name of a test. */
  readonly absence: string
}

function host(name: string, path: string, args: readonly string[] = []): Host {
  const command = join(folder, path)
  const present = existsSync(command)
  return { name, command, args, present, absence: present ? '' : ` (skipped: there is no ${command})` }
}

/** All of them. */
export const hosts: readonly Host[] = [
  host('Deno', join('.bin', 'deno'), ['run', '-A']),
  host('Bun', join('.bin', 'bun')),
  ...['22', '24', '26'].map(version => host(`Node ${version}`, join(`node${version}`, 'bin', 'node'))),
]
