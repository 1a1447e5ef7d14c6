// @wasm-fmt/gofmt: Go's formatter, compiled by TinyGo. Plain exports; strings go through its linear memory.

import assert from 'node:assert/strict'
import { packageFile, receive, send, underGantry, underV8 } from './callers.mjs'

const bytes = packageFile('@wasm-fmt/gofmt/gofmt.wasm')

/** [status, text]: 0 nothing to change, 1 formatted, 2 an error message. */
function format(guest, source) {
  send(guest, length => guest.call('alloc', length), source)
  const status = guest.call('format')
  const text = status === 0 ? source : receive(guest, guest.call('output_ptr'), guest.call('output_len'))
  guest.call('dispose')
  return [status, text]
}

const long = Array.from({ length: 400 }, (_, i) => `func  f${i}( a,b int )int{return a*${i}+b<<${i % 31}}`)
const sources = [
  'package main\n\nimport ("fmt";"os")\nfunc main(){\nfmt.Println( "héllo, 世界" ,os.Args)\n}\n',
  'package main\n\nfunc main() {\n}\n',
  'package main\n\ntype T struct{a int;bcd string // one\nef float64 // two\n}\nvar x=map[string]int{"a":1,\n"bbb":0x_1F,}\n',
  'package main\nfunc main( {',
  `package long\n${long.join('\n')}\n`,
]

const ours = underGantry(bytes)
const theirs = underV8(bytes)
for (const guest of [ours, theirs]) guest.call('_initialize')
for (const source of sources) {
  const got = format(ours, source)
  assert.deepEqual(got, format(theirs, source))
  console.log(got[0], got[1].length)
}
assert.equal(format(ours, sources[0])[0], 1)
assert.equal(format(ours, sources[1])[0], 0)
assert.equal(format(ours, sources[3])[0], 2)
