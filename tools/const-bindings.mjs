// Gives the top level of a bundle its constants back. esbuild writes `var` for every `const` of a module, and V8 takes the
// value of a `const` into the code it optimises (the place and length of a table, the target of a call), but reads a `var`
// and checks it at each use: five per cent of the instructions of compiling a module.

/**
 * The same code with `const` for each `var` at the start of a line that is assigned nowhere else. Bindings that other files
 * import stay what they are to V8: cells.
 */
export function constBindings(code) {
  const assigned = new Set()
  // What a comment says is no assignment.
  const statements = code.replace(/^[ \t]*(\/\/.*|\/\*[\s\S]*?\*\/)$/gm, '')
  for (const [, before, name, after] of statements.matchAll(
    /(\bvar |\blet |\bconst |[.\w$])?(?<![\w$])([\w$]+)\s*(=(?![=>])|[-+*/%&|^?]{1,2}=|<<=|>>>?=|\+\+|--)/g,
  )) {
    if (after !== '=' || before === undefined) assigned.add(name)
  }
  for (const [, name] of statements.matchAll(/(?:\+\+|--)([\w$]+)/g)) assigned.add(name)
  return code.replace(/^var ([\w$]+)(?= = )/gm, (all, name) => (assigned.has(name) ? all : `const ${name}`))
}
