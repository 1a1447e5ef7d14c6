#!/usr/bin/env node
// The executable `gantry`.

import { runCommandLine } from './program.js'

// Not process.exit: what was written to pipes must arrive first.
process.exitCode = await runCommandLine(process.argv.slice(2))
