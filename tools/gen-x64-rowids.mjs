// Writes src/asm/x64/rowids.ts, the names of the rows in src/asm/x64/rows.ts as a const enum. Run after adding rows:
//   node tools/gen-x64-rowids.mjs
// test/asm/rows.test.ts fails while the two disagree.
import { writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const result = await build({
  entryPoints: ['tools/x64-rowids.ts'],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'neutral',
})
const url = `data:text/javascript;base64,${Buffer.from(result.outputFiles[0].text).toString('base64')}`
const { rowIdsText } = await import(url)
writeFileSync('src/asm/x64/rowids.ts', rowIdsText())
