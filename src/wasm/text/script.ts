// `.wast` scripts: a list of commands. Modules stay text until somebody asks for their bytes, because scripts contain
// malformed ones on purpose; everything else in a script must be well-formed.

import { Cursor } from './cursor.js'
import { lex } from './lexer.js'
import { isFieldKeyword } from './module-fields.js'
import { encodeByteString, encodeModule, type WatOptions } from './parse.js'
import { argument, pattern, type ScriptPattern, type ScriptValue } from './script-values.js'
import { byteString, bytesOf, type Source, Token, utf8ByteString } from './source.js'

/** A module in a script. */
export interface ScriptModule {
  /** How it is written: as a module, as the strings of a binary, as the strings of a text. */
  readonly kind: 'text' | 'binary' | 'quote'
  /** Its identifier without the `$`. */
  readonly name: string | undefined
  /** 1-based line in the script. */
  readonly line: number
  /**
   * Its bytes. Throws TextError for malformed text: positions are those of the script for kind 'text', and those of the
   * joined strings for 'quote'. Strings of kind 'binary' are handed out unseen.
   */
  encode(options?: WatOptions): Uint8Array
}

/** Something to be done with an instance: `module` is its identifier, undefined means the latest. */
export type Action =
  | {
      readonly type: 'invoke'
      readonly module: string | undefined
      readonly field: string
      readonly args: readonly ScriptValue[]
    }
  | { readonly type: 'get'; readonly module: string | undefined; readonly field: string }

interface Located {
  /** 1-based line on which the command starts. */
  readonly line: number
}

/** A command of a script; `text` is the message that the specification's own runner expects a failure to begin with. */
export type Command = Located &
  (
    | { readonly type: 'module'; readonly module: ScriptModule }
    /** Compile only; instances are made by `instance`. */
    | { readonly type: 'definition'; readonly module: ScriptModule }
    /** Instantiate the definition `definition` (undefined: the latest) as `name`. */
    | {
        readonly type: 'instance'
        readonly name: string | undefined
        readonly definition: string | undefined
      }
    /** Make an instance importable under the module name `as`. */
    | { readonly type: 'register'; readonly as: string; readonly module: string | undefined }
    | { readonly type: 'action'; readonly action: Action }
    | {
        readonly type: 'assert_return'
        readonly action: Action
        readonly expected: readonly ScriptPattern[]
      }
    | {
        readonly type: 'assert_trap' | 'assert_exhaustion'
        readonly action: Action
        readonly text: string
      }
    /** Instantiation must trap. */
    | { readonly type: 'assert_trap_module'; readonly module: ScriptModule; readonly text: string }
    | { readonly type: 'assert_exception'; readonly action: Action }
    | {
        readonly type:
          | 'assert_malformed'
          | 'assert_invalid'
          | 'assert_unlinkable'
          | 'assert_malformed_custom'
          | 'assert_invalid_custom'
        readonly module: ScriptModule
        readonly text: string
      }
    /** Threads: run commands in a thread of its own that may use the instance `shared`; threads do not nest. */
    | {
        readonly type: 'thread'
        readonly name: string | undefined
        readonly shared: string | undefined
        readonly commands: readonly Command[]
      }
    | { readonly type: 'wait'; readonly thread: string }
  )

/**
 * Reads a script. A script of module fields alone is one module.
 * @throws TextError where the script itself (not a quoted module) is malformed
 */
export function parseScript(text: string | Uint8Array): Command[] {
  const source = lex(typeof text === 'string' ? utf8ByteString(text) : byteString(text))
  return new ScriptReader(source).run()
}

class ScriptReader {
  private readonly cursor: Cursor
  /** The line that `lineAt` has counted up to. */
  private line = 1
  private lineStart = 0

  constructor(private readonly source: Source) {
    this.cursor = new Cursor(source)
  }

  run(): Command[] {
    const { cursor, source } = this
    if (cursor.kind() === Token.LParen && isFieldKeyword(cursor.text(1))) {
      const module = this.textModule(0, source.tokens.length - 1, undefined, 1)
      return [{ type: 'module', line: 1, module }]
    }
    const commands: Command[] = []
    while (!cursor.atEnd()) commands.push(this.command())
    return commands
  }

  private command(): Command {
    const { cursor } = this
    if (cursor.kind() !== Token.LParen) throw cursor.unexpected()
    const line = this.lineOf(cursor.pos)
    const read = commandReaders.get(cursor.text(1))
    if (read === undefined) throw cursor.unexpectedAfterParen()
    return { line, ...read(this, cursor.text(1)) }
  }

  /** The line of a token; tokens must be asked for in order. */
  private lineOf(token: number): number {
    const { text, tokens } = this.source
    const offset = tokens.start(token)
    for (;;) {
      const next = text.indexOf('\n', this.lineStart)
      if (next < 0 || next >= offset) return this.line
      this.line++
      this.lineStart = next + 1
    }
  }

  /** Reads the `( keyword` of a command. */
  private openCommand(): void {
    this.cursor.pos += 2
  }

  private textModule(from: number, to: number, name: string | undefined, line: number): ScriptModule {
    const { source } = this
    return {
      kind: 'text',
      name,
      line,
      encode: (options = {}) => encodeModule(source, from, to, options),
    }
  }

  /** `(module …)` of any kind, with or without `definition`. */
  module(): { readonly module: ScriptModule; readonly definition: boolean } {
    const { cursor } = this
    const from = cursor.pos
    const line = this.lineOf(from)
    cursor.expectOpen('module')
    const definition = cursor.acceptKeyword('definition')
    const name = cursor.optionalId()
    const kind = cursor.acceptKeyword('binary') ? 'binary' : cursor.acceptKeyword('quote') ? 'quote' : 'text'
    if (kind === 'text') {
      cursor.skipToClose()
      cursor.close()
      return { module: this.textModule(from, cursor.pos, name, line), definition }
    }
    const contents = cursor.strings()
    cursor.close()
    const encode = (options: WatOptions = {}): Uint8Array =>
      kind === 'binary' ? bytesOf(contents) : encodeByteString(contents, options)
    return { module: { kind, name, line, encode }, definition }
  }

  moduleCommand(): CommandBody {
    const { cursor } = this
    if (cursor.isKeyword('instance', 2)) {
      cursor.pos += 3
      const name = cursor.optionalId()
      const definition = cursor.optionalId()
      cursor.close()
      return { type: 'instance', name, definition }
    }
    const { module, definition } = this.module()
    return { type: definition ? 'definition' : 'module', module }
  }

  register(): CommandBody {
    const { cursor } = this
    this.openCommand()
    const as = cursor.unicodeName()
    const module = cursor.optionalId()
    cursor.close()
    return { type: 'register', as, module }
  }

  action(): Action {
    const { cursor } = this
    const type = cursor.isOpen('invoke') ? 'invoke' : 'get'
    cursor.expectOpen(type)
    const module = cursor.optionalId()
    const field = cursor.unicodeName()
    if (type === 'get') {
      cursor.close()
      return { type, module, field }
    }
    const args: ScriptValue[] = []
    while (!cursor.accept(Token.RParen)) args.push(argument(cursor))
    return { type, module, field, args }
  }

  assertReturn(): CommandBody {
    const { cursor } = this
    this.openCommand()
    const action = this.action()
    const expected: ScriptPattern[] = []
    while (!cursor.accept(Token.RParen)) expected.push(pattern(cursor))
    return { type: 'assert_return', action, expected }
  }

  assertTrap(type: 'assert_trap' | 'assert_exhaustion'): CommandBody {
    const { cursor } = this
    this.openCommand()
    if (type === 'assert_trap' && cursor.isOpen('module')) {
      const { module } = this.module()
      return { type: 'assert_trap_module', module, text: this.messageAndClose() }
    }
    const action = this.action()
    return { type, action, text: this.messageAndClose() }
  }

  assertException(): CommandBody {
    this.openCommand()
    const action = this.action()
    this.cursor.close()
    return { type: 'assert_exception', action }
  }

  assertModule(type: ModuleAssertion): CommandBody {
    this.openCommand()
    const { module } = this.module()
    return { type, module, text: this.messageAndClose() }
  }

  private messageAndClose(): string {
    const text = this.cursor.unicodeName()
    this.cursor.close()
    return text
  }

  thread(): CommandBody {
    const { cursor } = this
    this.openCommand()
    const name = cursor.optionalId()
    let shared: string | undefined
    if (cursor.acceptOpen('shared')) {
      cursor.expectOpen('module')
      shared = cursor.optionalId()
      cursor.close()
      cursor.close()
    }
    const commands: Command[] = []
    while (!cursor.accept(Token.RParen)) {
      if (cursor.isOpen('thread')) throw cursor.unexpectedAfterParen()
      commands.push(this.command())
    }
    return { type: 'thread', name, shared, commands }
  }

  wait(): CommandBody {
    const { cursor } = this
    this.openCommand()
    const thread = cursor.optionalId()
    if (thread === undefined) throw cursor.unexpected()
    cursor.close()
    return { type: 'wait', thread }
  }
}

type WithoutLine<T> = T extends unknown ? Omit<T, 'line'> : never
type CommandBody = WithoutLine<Command>
type ModuleAssertion =
  | 'assert_malformed'
  | 'assert_invalid'
  | 'assert_unlinkable'
  | 'assert_malformed_custom'
  | 'assert_invalid_custom'

type CommandReader = (r: ScriptReader, keyword: string) => CommandBody

const actionCommand: CommandReader = r => ({ type: 'action', action: r.action() })
const moduleAssertion: CommandReader = (r, keyword) => r.assertModule(keyword as ModuleAssertion)

const commandReaders: ReadonlyMap<string, CommandReader> = new Map<string, CommandReader>([
  ['module', r => r.moduleCommand()],
  ['register', r => r.register()],
  ['invoke', actionCommand],
  ['get', actionCommand],
  ['assert_return', r => r.assertReturn()],
  ['assert_trap', r => r.assertTrap('assert_trap')],
  ['assert_exhaustion', r => r.assertTrap('assert_exhaustion')],
  ['assert_exception', r => r.assertException()],
  ['assert_malformed', moduleAssertion],
  ['assert_invalid', moduleAssertion],
  ['assert_unlinkable', moduleAssertion],
  ['assert_malformed_custom', moduleAssertion],
  ['assert_invalid_custom', moduleAssertion],
  ['thread', r => r.thread()],
  ['wait', r => r.wait()],
])
