// The plug-ins @dprint/json and @dprint/typescript, under a small host for version 4 of their protocol: texts travel
// through a buffer in the plug-in's memory, whose size clear_shared_bytes sets and whose address it returns.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { packageFile, receive, send, underGantry, underV8 } from './callers.mjs'

const i32s = n => ({ params: Array(n).fill('i32'), results: ['i32'] })
/** What a plug-in may ask of its host; these two ask for nothing while they format one file. */
const imports = [
  ['dprint', 'host_has_cancelled', i32s(0), () => 0],
  ['dprint', 'host_write_buffer', { params: ['i32'], results: [] }, () => {}],
  ['dprint', 'host_format', i32s(8), () => 0],
  ['dprint', 'host_get_formatted_text', i32s(0), () => 0],
  ['dprint', 'host_get_error_text', i32s(0), () => 0],
]

class Plugin {
  constructor(guest, config) {
    this.guest = guest
    this.send(JSON.stringify({ global: {}, plugin: config }))
    guest.call('register_config', 1)
  }

  send(text) {
    send(this.guest, length => this.guest.call('clear_shared_bytes', length), text)
  }

  receive(length) {
    return receive(this.guest, this.guest.call('get_shared_bytes_ptr'), length)
  }

  /** The answer of an export that leaves JSON in the shared buffer. */
  ask(name, ...args) {
    return JSON.parse(this.receive(this.guest.call(name, ...args)))
  }

  /** [status, text]: 0 nothing to change, 1 formatted, 2 an error message. */
  format(path, text) {
    this.send(path)
    this.guest.call('set_file_path')
    this.send(text)
    const status = this.guest.call('format', 1)
    if (status === 0) return [0, text]
    return [status, this.receive(this.guest.call(status === 1 ? 'get_formatted_text' : 'get_error_text'))]
  }
}

function compare(file, config, texts) {
  const bytes = packageFile(file)
  const ours = new Plugin(underGantry(bytes, imports), config)
  const theirs = new Plugin(underV8(bytes, imports), config)
  for (const question of [['get_plugin_info'], ['get_resolved_config', 1], ['get_config_diagnostics', 1]])
    assert.deepEqual(ours.ask(...question), theirs.ask(...question))
  for (const [path, text] of texts) {
    const got = ours.format(path, text)
    assert.deepEqual(got, theirs.format(path, text))
    console.log(file, path, got[0], got[1].length)
  }
}

const own = name => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')

const plugins = {
  json: () =>
    compare('@dprint/json/plugin.wasm', { indentWidth: 3, lineWidth: 40 }, [
      ['a.json', '{"a":[1,2,{"b":null,"c":-1.5e300}],"d":"\\u00e9 ü"}'],
      ['b.jsonc', '// note\n{"long":["aaaaaaaaaaaaaaaaaaaa","bbbbbbbbbbbbbbbbbbbbbbb","ccc"] /* x */}'],
      ['c.json', '{}\n'],
      ['d.json', '{"a":'],
      ['package-lock.json', JSON.stringify(JSON.parse(own('package-lock.json')))],
    ]),
  typescript: () =>
    compare(
      '@dprint/typescript/plugin.wasm',
      { lineWidth: 60, semiColons: 'asi', quoteStyle: 'preferSingle' },
      [
        ['a.ts', 'export  const f=async<T,>( x:T ,...y:number[] ):Promise<T>=>{ await 1;return x as T}'],
        ['b.tsx', 'const v=<div className="a" {...p}>{list.map(i=><b key={i}>{"ü"+i}</b>)}</div>'],
        ['c.ts', 'const x = 1\n'],
        ['d.ts', 'class { ('],
        ['files.ts', own('src/wasm/decode.ts')],
        ['more.ts', own('src/ir/func.ts')],
      ],
    ),
}

const wanted = process.argv.slice(2)
for (const name of wanted.length > 0 ? wanted : Object.keys(plugins)) plugins[name]()
