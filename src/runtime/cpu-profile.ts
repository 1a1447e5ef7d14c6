// A profile as V8 writes it (Chrome DevTools Protocol, `Profiler.Profile`), which Chrome's and VS Code's viewers open: a tree
// of functions by caller, and a sequence of samples, each a node of the tree and the time since the sample before. A sample
// stands for the time up to the next one.

/** A function on a stack. The same function is the same object. */
export interface ProfiledFunction {
  readonly name: string
  /** `wasm://wasm/MODULE`, or where the script is. */
  readonly url: string
  /** Where the function begins, counted from 0; of Wasm: line 0, and the byte offset of its body as the column. */
  readonly line: number
  column: number
}

interface Node {
  readonly id: number
  readonly fn: ProfiledFunction
  readonly children: Map<ProfiledFunction, Node>
  hits: number
  /** Samples by position, where that is known. */
  readonly positions: Map<number, number>
}

const meta = (name: string): ProfiledFunction => ({ name, url: '', line: -1, column: -1 })

export class CpuProfile {
  private readonly nodes: Node[] = []
  private readonly root = this.addNode(meta('(root)'))
  /** What is neither idle nor known. */
  private readonly unknown = this.child(this.root, meta('(program)'))
  private readonly scripts = new Map<string, string>([['', '0']])
  private readonly samples: number[] = []
  private readonly times: number[] = []
  private covered: number

  /**
   * Times are microseconds.
   * @param interval what one sample may stand for at most
   */
  constructor(
    private readonly start: number,
    private readonly interval: number,
  ) {
    this.covered = start
  }

  private addNode(fn: ProfiledFunction): Node {
    const node = { id: this.nodes.length + 1, fn, children: new Map(), hits: 0, positions: new Map() }
    this.nodes.push(node)
    return node
  }

  private child(parent: Node, fn: ProfiledFunction): Node {
    let node = parent.children.get(fn)
    if (node === undefined) {
      node = this.addNode(fn)
      parent.children.set(fn, node)
    }
    return node
  }

  private put(node: Node, time: number): void {
    node.hits++
    this.samples.push(node.id)
    this.times.push(time)
  }

  /** Time that no sample tells of is nobody's. */
  private closeGap(time: number): void {
    if (time > this.covered) this.put(this.unknown, this.covered)
  }

  /**
   * Adds a sample. Times ascend.
   * @param stack innermost function first
   * @param position where in the innermost function: a byte offset in the module, or −1
   */
  add(time: number, stack: readonly ProfiledFunction[], position: number): void {
    this.closeGap(time)
    let node = this.root
    for (let i = stack.length - 1; i >= 0; i--) node = this.child(node, stack[i] as ProfiledFunction)
    this.put(node, time)
    if (position >= 0) node.positions.set(position, (node.positions.get(position) ?? 0) + 1)
    this.covered = time + 2 * this.interval
  }

  private scriptId(url: string): string {
    const id = this.scripts.get(url) ?? String(this.scripts.size)
    this.scripts.set(url, id)
    return id
  }

  private nodeObject({ id, fn, children, hits, positions }: Node): object {
    const { name: functionName, url, line: lineNumber, column: columnNumber } = fn
    const ticks = Array.from(positions, ([line, count]) => ({ line, ticks: count }))
    return {
      id,
      callFrame: { functionName, scriptId: this.scriptId(url), url, lineNumber, columnNumber },
      hitCount: hits,
      ...(children.size === 0 ? {} : { children: Array.from(children.values(), c => c.id) }),
      ...(ticks.length === 0 ? {} : { positionTicks: ticks }),
    }
  }

  /** The file: JSON. */
  text(end: number): string {
    this.closeGap(end)
    return JSON.stringify({
      nodes: this.nodes.map(node => this.nodeObject(node)),
      startTime: this.start,
      endTime: end,
      samples: this.samples,
      timeDeltas: this.times.map((time, i) => time - (i === 0 ? this.start : (this.times[i - 1] as number))),
    })
  }
}
