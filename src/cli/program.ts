// Everything that can be typed: commands, arguments, options, help. What the commands do is imported when one is used.

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { profileKinds } from '../config.js'
import { version } from '../version.js'
import { addEngineOptions, collect } from './engine-options.js'
import { complain, ExitCode } from './failure.js'
import { print } from './output.js'

/** Takes a command's exit code. */
type Finish = (code: ExitCode | number) => void

function addRun(program: Command, finish: Finish): void {
  const command = program
    .command('run')
    .summary('run a program')
    .description(
      'Runs a WebAssembly program (.wasm, .wat, or .cwasm from `gantry compile`). A program that uses WASI sees nothing\n' +
        'of this machine but its arguments, the standard streams, clocks, and what is named by --dir and --env.',
    )
    .argument('<file>', 'the program')
    .argument('[args...]', 'its arguments: everything after FILE goes to the program, options too')
    .option('--invoke <name>', 'call this export with the arguments and print its results, one per line')
    .option(
      '--dir <host[::guest]>',
      'let the program use a directory, under another name if given',
      collect,
      [],
    )
    .option('--env <name=value>', 'set a variable of its environment, which is empty otherwise', collect, [])
    .option(
      '--preload <name=file>',
      'instantiate a module before, for imports from module NAME; may be repeated',
      collect,
      [],
    )
    .option(
      '--unknown-imports-default',
      'give functions that do nothing and return zeros for function imports that nobody provides',
    )
    .addOption(
      new Option(
        '--profile <kind>',
        'show where time goes; perfmap: write perf-PID.map to the temporary directory, from which `perf report` takes names; jitdump: write jit-PID.dump here, with code and offsets, for `perf inject --jit`; cpuprofile: sample the program and write gantry-PID.cpuprofile here, for the viewers of Chrome and VS Code',
      ).choices(profileKinds.filter(kind => kind !== 'none')),
    )
    .passThroughOptions()
  addEngineOptions(command)
  command.addHelpText(
    'after',
    `
Examples:
  gantry run hello.wasm                          run a program; its exit code becomes gantry's
  gantry run --dir . tool.wasm -o out.txt in.txt  give it the current directory; -o goes to the program
  gantry run --dir ./site::/data --env LANG=C app.wasm
  gantry run --invoke add math.wat 1 2           call one function and print its result

A trap prints its reason and the WebAssembly stack to stderr and ends with exit code 134.`,
  )
  command.action(async (file: string, args: string[], options) => {
    const { runProgram } = await import('./run.js')
    finish(await runProgram(file, args, options))
  })
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('It must be a number.')
  return value
}

function addWast(program: Command, finish: Finish): void {
  const command = program
    .command('wast')
    .summary('run scripts of the specification test suite')
    .description('Runs .wast scripts and counts the commands that passed, failed, and had to be skipped.')
    .argument('<file...>', 'the scripts')
    .option('--skip <list>', 'leave out the scripts that a file lists, one `name.wast reason` per line')
    .option('--ignore-error-messages', 'accept any message where a script expects a failure')
    .option('--show <n>', 'failures to show per script', count, 10)
  addEngineOptions(command)
  command.addHelpText(
    'after',
    `
Examples:
  gantry wast suite/*.wast
  gantry wast --skip excluded.txt --feature simd=off suite/*.wast

Exit code 1 if a command failed, or was skipped although no list said so.`,
  )
  command.action(async (files: string[], options) => {
    const { runWast } = await import('./wast.js')
    finish(runWast(files, options))
  })
}

function addCompile(program: Command, finish: Finish): void {
  const command = program
    .command('compile')
    .summary('compile a module to native code')
    .description(
      'Compiles a WebAssembly module to a .cwasm file, which `gantry run` loads without compiling.',
    )
    .argument('<file>', 'the module (.wasm or .wat)')
    .option('-o, --output <file>', 'where to write; default: the name with .cwasm, in this directory')
    .option('--target <name>', 'the machine to compile for; default: this one')
    .option('--time-passes', 'compile on one thread and print how long each stage took')
  addEngineOptions(command)
  command.addHelpText(
    'after',
    `
Examples:
  gantry compile tool.wasm                         writes tool.cwasm
  gantry compile -O none -o quick.cwasm tool.wasm
  gantry compile --target x86_64 --cpu baseline -o portable.cwasm tool.wasm`,
  )
  command.action(async (file: string, options) => {
    const { compileFile } = await import('./compile.js')
    finish(await compileFile(file, options))
  })
}

function addObjdump(program: Command, finish: Finish): void {
  const command = program
    .command('objdump')
    .summary('show the machine code of a module')
    .description(
      'Disassembles a .cwasm file, or what a .wasm or .wat file is compiled to, and notes traps and handlers.',
    )
    .argument('<file>', 'the artifact or module')
    .addOption(
      new Option('--funcs <kind>', 'functions to show')
        .choices(['all', 'wasm', 'trampoline', 'builtin', 'stub'])
        .default('all'),
    )
    .option('--filter <text>', 'show functions whose name contains this')
    .option('--bytes', 'show the bytes of instructions')
    .option('--addrmap', 'show which WebAssembly offsets code comes from')
    .option('--no-addresses', 'leave out addresses')
    .option('--no-traps', 'leave out what traps')
    .option('--no-exceptions', 'leave out handlers of calls')
    .option('--summary', 'show sizes of sections instead of code')
  addEngineOptions(command)
  command.addHelpText(
    'after',
    `
Examples:
  gantry objdump --funcs wasm --filter main tool.cwasm
  gantry objdump --addrmap --bytes -O none add.wat
  gantry objdump --summary tool.cwasm`,
  )
  command.action(async (file: string, options) => {
    const { runObjdump } = await import('./objdump.js')
    finish(await runObjdump(file, options))
  })
}

function addSettings(program: Command, finish: Finish): void {
  program
    .command('settings')
    .summary('list options, WebAssembly proposals, CPU features')
    .description('Lists what can be set, its defaults, and what this machine offers.')
    .option('--target <name>', 'list the CPU features of this target')
    .option('--json', 'print JSON')
    .action(async options => {
      const { runSettings } = await import('./settings.js')
      finish(runSettings(options))
    })
}

const commands: readonly ((program: Command, finish: Finish) => void)[] = [
  addRun,
  addCompile,
  addObjdump,
  addWast,
  addSettings,
]

/** Errors are reported by the caller, in one line. */
const output = { writeOut: print, outputError: () => {} }

function makeProgram(finish: Finish): Command {
  const program = new Command('gantry')
    .description('A WebAssembly engine: compiles programs to native code and runs them.')
    .version(version, '-V, --version', 'print the version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput(output)
  for (const add of commands) add(program, finish)
  for (const command of program.commands) {
    command.exitOverride().configureOutput(output)
  }
  return program
}

/** One line, without commander's own beginning. */
function usageMessage({ message }: CommanderError): string {
  return message.replace(/^error: /, '').replaceAll('\n', ' ')
}

function reportUsage(error: CommanderError): ExitCode {
  if (error.exitCode === 0) return ExitCode.Success
  if (error.code !== 'commander.help') complain(`${usageMessage(error)} (see gantry --help)`)
  return ExitCode.Usage
}

/** Runs the command line; errors are reported. Returns the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let code: number = ExitCode.Success
  try {
    const program = makeProgram(result => {
      code = result
    })
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error)
    const { reportError } = await import('./report.js')
    return reportError(error)
  }
  return code
}
