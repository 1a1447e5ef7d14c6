// `profile: 'cpuprofile'`: where this thread's time in WebAssembly goes, with the JavaScript functions that called it.
//
// A tick (runtime/ticks.ts) that interrupts Wasm leaves it as an exit does, so that the sample is taken in JavaScript: frames
// of Wasm are read from the Wasm stacks, and the host knows its own. What the driver adds to the JavaScript stack tells where
// the frames of which activation belong: `Thread.call` (or `runLeg`) is on it once per activation. Time between samples is
// JavaScript's, the host's, or spent waiting; nobody interrupts that, so it has no frames here (`(program)`). The file is
// written when the process or worker ends; not if it is killed.

import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { threadId } from 'node:worker_threads'
import { CpuProfile, type ProfiledFunction } from './cpu-profile.js'
import { native } from './native.js'
import type { Thread } from './thread.js'
import { listenToTicks } from './ticks.js'
import type { Frame } from './trace-text.js'

/** Nanoseconds from sample to sample. */
const interval = 1e6
/** Frames of each activation, and of JavaScript; what lies farther out is cut off. */
const maxFrames = 250

const microseconds = (): number => Math.round(native().monotonicTime() / 1e3)

/** Where the function of a frame begins is not known in every host. */
type Enclosing = 'getEnclosingLineNumber' | 'getEnclosingColumnNumber'
type Site = Omit<NodeJS.CallSite, Enclosing> & Partial<Pick<NodeJS.CallSite, Enclosing>>

/** The JavaScript stack, innermost first, from the caller of `above` on. */
function sitesAbove(above: CallableFunction): readonly Site[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  const holder: { readonly stack?: unknown } = {}
  Error.stackTraceLimit = maxFrames
  Error.prepareStackTrace = (_, sites) => sites
  try {
    Error.captureStackTrace(holder, above)
    // Read while the frames are wanted as they are, not as text.
    return Array.isArray(holder.stack) ? holder.stack : []
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace)
  }
}

/** A function by what one of its frames tells. */
const identityOf = (site: Site): string =>
  `${site.getScriptNameOrSourceURL()}\n${site.getTypeName()}\n${site.getFunctionName()}`

/** The functions that were seen, each as one object. */
class Functions {
  private readonly known = new Map<string, ProfiledFunction>()

  private get(key: string, make: () => ProfiledFunction): ProfiledFunction {
    let fn = this.known.get(key)
    if (fn === undefined) {
      fn = make()
      this.known.set(key, fn)
    }
    return fn
  }

  ofSite(site: Site): ProfiledFunction {
    const file = site.getScriptNameOrSourceURL() ?? ''
    const name = site.getFunctionName() ?? '(anonymous)'
    const line = site.getEnclosingLineNumber?.() ?? site.getLineNumber() ?? 0
    const column = site.getEnclosingColumnNumber?.() ?? site.getColumnNumber() ?? 0
    return this.get(`${name}\n${file}\n${line}\n${column}`, () => ({
      name,
      url: file.startsWith('/') ? pathToFileURL(file).href : file,
      line: Math.max(0, line - 1),
      column: Math.max(0, column - 1),
    }))
  }

  ofFrame({ funcName, funcIndex, moduleName, moduleOffset, funcOffset }: Frame): ProfiledFunction {
    const url = `wasm://wasm/${encodeURI(moduleName ?? 'module')}`
    const fn = this.get(`${funcName}\n${url}\n${funcIndex}`, () => ({
      name: funcName,
      url,
      line: 0,
      column: 0,
    }))
    // Not every instruction of the function tells where it comes from.
    if (moduleOffset >= 0) fn.column = moduleOffset - funcOffset
    return fn
  }
}

class Sampler {
  private readonly profile = new CpuProfile(microseconds(), interval / 1e3)
  private readonly functions = new Functions()
  /** Identities of the functions of the driver behind which the frames of an activation's caller begin. */
  private readonly entries = new Map<CallableFunction, string>()
  /** The driver's own frames are of no interest. */
  private driver = ''

  /** Takes a sample. The innermost activation was interrupted, the others wait in exits. */
  readonly sample = (thread: Thread): void => {
    const time = microseconds()
    const activations = thread.traces(maxFrames).map(trace => trace.frames)
    const [innermost = []] = activations
    if (innermost.length === 0) return
    const stack = this.stackOf(thread.entryFunction, activations)
    this.profile.add(time, stack, (innermost[0] as Frame).moduleOffset)
  }

  /** Frames of Wasm and JavaScript, innermost first. */
  private stackOf(entry: CallableFunction, activations: readonly (readonly Frame[])[]): ProfiledFunction[] {
    const sites = sitesAbove(this.sample)
    const first = this.entryIndex(entry, sites)
    const entries = new Set(this.entries.values())
    const stack: ProfiledFunction[] = []
    const [innermost = [], ...outer] = activations
    for (const frame of innermost) stack.push(this.functions.ofFrame(frame))
    for (const site of sites.slice(first + 1)) {
      if (entries.has(identityOf(site))) {
        for (const frame of outer.shift() ?? []) stack.push(this.functions.ofFrame(frame))
      } else if (site.getTypeName() !== this.driver) stack.push(this.functions.ofSite(site))
    }
    return stack
  }

  /** Where on the stack the innermost activation was entered; −1 if the host does not tell: then no others are found. */
  private entryIndex(entry: CallableFunction, sites: readonly Site[]): number {
    let identity = this.entries.get(entry)
    if (identity === undefined) {
      const callers = sitesAbove(entry).length
      const site = sites[sites.length - callers - 1]
      if (callers === 0 || site === undefined) return -1
      identity = identityOf(site)
      this.driver = site.getTypeName() ?? ''
      this.entries.set(entry, identity)
    }
    return sites.findIndex(site => identityOf(site) === identity)
  }

  /** Writes the profile into the current directory. */
  readonly write = (): void => {
    const name = threadId === 0 ? `${process.pid}` : `${process.pid}-${threadId}`
    writeFileSync(`gantry-${name}.cpuprofile`, this.profile.text(microseconds()))
  }
}

let sampler: Sampler | undefined

/** Samples this thread from now on. */
export function startSampling(): void {
  if (sampler !== undefined) return
  sampler = new Sampler()
  listenToTicks(interval, sampler.sample)
  process.on('exit', sampler.write)
}
