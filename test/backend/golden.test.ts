// Shape of the selected instructions: texts of test/filetests/x64 are compiled and disassembled; behind each function
// stand telling pieces of its code:   ; check: TEXT   occurs, behind the previous one
//                                     ; not: TEXT     occurs nowhere in the function

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { disassemble } from '../../src/asm/x64/disasm.js'
import { CodeChunk } from '../../src/backend/code-chunk.js'
import { x64Target } from '../../src/backend/x64/target.js'
import { type ParsedFunction, parseClif } from '../../src/ir/parse.js'
import { printName } from '../../src/ir/print.js'

const folder = 'test/filetests/x64'

function codeOf(f: ParsedFunction, features: readonly string[]): string {
  const compiler = x64Target.createCompiler({
    optLevel: 'none',
    trapStyle: 'jump',
    pic: false,
    checkRegalloc: true,
    features: new Set(features),
    symbolIndex: () => 0,
  })
  const chunk = new CodeChunk()
  compiler.compile(f.func, 0, 0, chunk)
  const bytes = chunk.code.written()
  const lines: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const d = disassemble(bytes, at, at)
    lines.push(d.text)
    at += d.length
  }
  return lines.join('\n')
}

function checkFunction(f: ParsedFunction, features: readonly string[]): void {
  const code = codeOf(f, features)
  let from = 0
  for (const { text } of f.comments) {
    const check = /^check: (.*)$/.exec(text)?.[1]
    if (check !== undefined) {
      const at = code.indexOf(check, from)
      expect(at, `"${check}" in\n${code}`).toBeGreaterThanOrEqual(0)
      from = at + check.length
    }
    const not = /^not: (.*)$/.exec(text)?.[1]
    if (not !== undefined) expect(code).not.toContain(not)
  }
}

for (const name of readdirSync(folder).filter(n => n.endsWith('.clif'))) {
  describe(name, () => {
    const text = readFileSync(join(folder, name), 'utf8')
    const features = /^; features: (.*)$/m.exec(text)?.[1]?.split(' ') ?? []
    for (const f of parseClif(text).functions) it(printName(f.func.name), () => checkFunction(f, features))
  })
}
