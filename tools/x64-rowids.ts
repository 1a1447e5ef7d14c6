// The text of src/asm/x64/rowids.ts, from the table: what gen-x64-rowids.mjs writes and the test compares.

import { rows } from '../src/asm/x64/rows.js'

/** The whole content of the file. */
export function rowIdsText(): string {
  const members = rows.map((r, i) => `  ${r.name} = ${i},`)
  return `// Generated from rows.ts by tools/gen-x64-rowids.mjs; do not edit.

/** Ids of instruction rows: indices into rows and its columns. The legend of the names is in rows.ts. */
export const enum X {
${members.join('\n')}
}
`
}
