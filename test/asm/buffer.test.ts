// CodeBuffer: labels, branch shortening, marks, relocations, constants. Random programs are checked by running them in two
// ways: on the list of items they were made of, and on the bytes that came out, read by our disassembler.

import { describe, expect, it } from 'vitest'
import { CodeBuffer, RelocKind } from '../../src/asm/buffer.js'
import { JMP, x64Branches } from '../../src/asm/x64/branch.js'
import { type Disassembled, disassemble } from '../../src/asm/x64/disasm.js'
import { X64Encoder } from '../../src/asm/x64/encode.js'
import { CC, ccNames } from '../../src/asm/x64/regs.js'
import { X } from '../../src/asm/x64/rowids.js'

const enum Kind {
  /** mov eax, its own index: what execution is observed by; then `size` bytes of no-operations */
  Step,
  Branch,
  Bind,
  Align,
  /** lea rax, label */
  Address,
  /** call of a symbol with its own index as number */
  Call,
  /** movsd xmm0, constant whose low word is its own index */
  Constant,
}

interface Item {
  readonly kind: Kind
  /** Step: padding; Branch: kind; Align: alignment. */
  readonly a: number
  /** Label. */
  readonly label: number
}

class Random {
  constructor(private state: number) {}

  below(n: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) | 0
    return Math.floor(((this.state >>> 0) / 2 ** 32) * n)
  }
}

/** A random program: a label may be bound before or after its branches, anywhere. */
function randomProgram(r: Random, length: number, withAlign: boolean): { items: Item[]; labels: number } {
  const items: Item[] = []
  const labels = 1 + r.below(length / 3)
  for (let i = 0; i < length; i++) {
    const p = r.below(100)
    const label = r.below(labels)
    if (p < 40) items.push({ kind: Kind.Step, a: r.below(8) === 0 ? r.below(120) : r.below(12), label: 0 })
    else if (p < 65) items.push({ kind: Kind.Branch, a: r.below(16), label })
    else if (p < 85) items.push({ kind: Kind.Branch, a: JMP, label })
    else if (p < 90) items.push({ kind: Kind.Address, a: 0, label })
    else if (p < 95) items.push({ kind: Kind.Call, a: 0, label: 0 })
    else if (p < 97) items.push({ kind: Kind.Constant, a: 0, label: 0 })
    else if (withAlign) items.push({ kind: Kind.Align, a: 1 << (1 + r.below(5)), label: 0 })
  }
  for (let label = 0; label < labels; label++) {
    items.splice(r.below(items.length + 1), 0, { kind: Kind.Bind, a: 0, label })
  }
  items.push({ kind: Kind.Step, a: 0, label: 0 })
  return { items, labels }
}

const isObservable = (k: Kind): boolean =>
  k === Kind.Step || k === Kind.Address || k === Kind.Call || k === Kind.Constant

interface Emitted {
  readonly buf: CodeBuffer
  readonly items: readonly Item[]
  /** By item: the mark before it, or -1. */
  readonly marks: readonly number[]
}

function emitItem(e: X64Encoder, item: Item, i: number): void {
  const { buf } = e
  if (item.kind === Kind.Step) {
    e.ri(X.mov32_r_i32, 0, i)
    e.nops(item.a)
  } else if (item.kind === Kind.Branch) buf.branch(item.a, item.label)
  else if (item.kind === Kind.Bind) buf.bind(item.label)
  else if (item.kind === Kind.Align) buf.align(item.a)
  else if (item.kind === Kind.Address) e.leaLabel(0, item.label)
  else if (item.kind === Kind.Call) e.callSymbol(i)
  else {
    e.memConst(buf.constant8(i, 77))
    e.rm(X.movsd_x_m, 0)
  }
}

function emit(buf: CodeBuffer, items: readonly Item[], labels: number): Emitted {
  buf.reset()
  const e = new X64Encoder(buf)
  buf.newLabels(labels)
  const marks: number[] = []
  for (const [i, item] of items.entries()) {
    marks.push(isObservable(item.kind) ? buf.mark() : -1)
    emitItem(e, item, i)
  }
  buf.finish()
  return { buf, items, marks }
}

/** Whether a condition holds in a state of the flags: one bit for each pair of conditions. */
const holds = (cc: number, flags: number): boolean => ((flags >> (cc >> 1)) & 1) === 1 - (cc & 1)

const LOOP = -2

/** From an item, the next observable item that execution reaches; LOOP when it never does. */
function runItems(items: readonly Item[], from: number, flags: number, at: readonly number[]): number {
  let i = from
  for (let steps = 0; steps <= items.length; steps++) {
    while (i < items.length && !isObservable((items[i] as Item).kind)) {
      const item = items[i] as Item
      if (item.kind === Kind.Branch && (item.a === JMP || holds(item.a, flags))) {
        i = at[item.label] as number
        break
      }
      i++
    }
    if (i >= items.length || isObservable((items[i] as Item).kind)) return i
  }
  return LOOP
}

type Decode = (at: number) => Disassembled

/** Decodes each offset once. */
function decoder(bytes: Uint8Array): Decode {
  const known: (Disassembled | undefined)[] = []
  return at => (known[at] ??= disassemble(bytes, at, at))
}

/** The same on the bytes: the offset of the next instruction that is no branch and no padding. */
function runBytes(decode: Decode, from: number, flags: number): number {
  let at = from
  for (let steps = 0; steps < 2000; steps++) {
    const d = decode(at)
    const name = d.text.split(' ')[0] as string
    const cc = ccNames.indexOf(name.slice(1))
    if (name === 'jmp' || (name[0] === 'j' && holds(cc, flags))) at = d.target
    else if (name[0] === 'j' || /^(data16 )?nop/.test(d.text)) at += d.length
    else return at
  }
  return LOOP
}

const flagStates = [0, 0xff, 0x5a, 0xc3]

/** Everything that must be true of a finished program. Returns faults. */
function check({ buf, items, marks }: Emitted): string[] {
  const faults: string[] = []
  const decode = decoder(buf.written().slice())
  const bound = items.flatMap((item, i) => (item.kind === Kind.Bind ? [[item.label, i] as const] : []))
  const at: number[] = []
  for (const [label, i] of bound) at[label] = i
  const offsetOfItem = (i: number): number => (i === LOOP ? LOOP : buf.markOffset(marks[i] as number))
  for (const [label, i] of bound) {
    for (const flags of flagStates) {
      const want = offsetOfItem(runItems(items, i, flags, at))
      if (runBytes(decode, buf.offsetOf(label), flags) !== want) faults.push(`label ${label} leads elsewhere`)
    }
  }
  for (const [i, item] of items.entries()) {
    if (!isObservable(item.kind) || i === items.length - 1) continue
    checkItem(buf, decode, item, i, offsetOfItem(i), faults)
    const next = offsetOfItem(i) + decode(offsetOfItem(i)).length
    for (const flags of flagStates) {
      const want = offsetOfItem(runItems(items, i + 1, flags, at))
      if (runBytes(decode, next, flags) !== want) faults.push(`item ${i} goes on elsewhere`)
    }
  }
  return faults
}

function checkItem(
  buf: CodeBuffer,
  decode: Decode,
  item: Item,
  i: number,
  at: number,
  faults: string[],
): void {
  const d = decode(at)
  const bytes = buf.written()
  if (item.kind === Kind.Step && d.text !== `mov eax, 0x${i.toString(16)}`)
    faults.push(`mark ${i} is at ${d.text}`)
  if (item.kind === Kind.Address && d.target !== buf.offsetOf(item.label))
    faults.push(`address of ${item.label}`)
  if (item.kind === Kind.Constant && (bytes[d.target] !== (i & 0xff) || bytes[d.target + 4] !== 77)) {
    faults.push(`constant of ${i}`)
  }
}

function checkRelocs({ buf, items, marks }: Emitted): string[] {
  const faults: string[] = []
  const calls = items.flatMap((item, i) => (item.kind === Kind.Call ? [i] : []))
  if (buf.relocCount !== calls.length) faults.push('relocations are missing')
  for (const [k, i] of calls.entries()) {
    const ok =
      buf.relocTarget(k) === i &&
      buf.relocKind(k) === RelocKind.PcRel32 &&
      buf.relocAddend(k) === -4 &&
      buf.relocOffset(k) === buf.markOffset(marks[i] as number) + 1
    if (!ok) faults.push(`relocation of call ${i}`)
  }
  return faults
}

/** Branches that are longer than they need to be, by reading the bytes. */
function wasteful(buf: CodeBuffer): string[] {
  const bytes = buf.written()
  const out: string[] = []
  for (let at = 0; at < buf.codeSize; ) {
    const d = disassemble(bytes, at, at)
    const distance = d.target - (at + d.length)
    if (d.text[0] === 'j' && distance === 0) out.push(`${at}: ${d.text} does nothing`)
    // A backward branch reaches a little less far once it is short, since its end comes nearer to the target.
    const reach = distance < 0 ? distance + d.length - 2 : distance
    if (d.text[0] === 'j' && d.length > 2 && reach >= -128 && reach <= 127)
      out.push(`${at}: ${d.text} could be short`)
    at += d.length
  }
  return out
}

describe('random programs', () => {
  const seed = Number(process.env.GANTRY_SEED ?? Date.now() & 0xffffff)
  it(`mean the same before and after shortening (seed ${seed}; set GANTRY_SEED to repeat)`, () => {
    const r = new Random(seed)
    const buf = new CodeBuffer(x64Branches)
    for (let n = 0; n < 400; n++) {
      const withAlign = n % 2 === 1
      const { items, labels } = randomProgram(r, 6 + r.below(n), withAlign)
      const emitted = emit(buf, items, labels)
      const faults = [...check(emitted), ...checkRelocs(emitted), ...(withAlign ? [] : wasteful(buf))]
      expect(faults.slice(0, 5), `seed ${seed}, program ${n}`).toEqual([])
    }
  })
})

describe('branches', () => {
  const emitAll = (f: (e: X64Encoder, buf: CodeBuffer) => void): string[] => {
    const buf = new CodeBuffer(x64Branches)
    f(new X64Encoder(buf), buf)
    buf.finish()
    const out: string[] = []
    for (let at = 0; at < buf.codeSize; ) {
      const d = disassemble(buf.written(), at, at)
      out.push(d.text)
      at += d.length
    }
    return out
  }

  it('that go to the next instruction vanish, with those that vanish behind them', () => {
    const text = emitAll((e, buf) => {
      const [a, b] = [buf.newLabel(), buf.newLabel()]
      e.jmp(b)
      e.jcc(CC.E, a)
      buf.bind(a)
      e.jmp(b)
      buf.bind(b)
      e.none(X.ret)
    })
    expect(text).toEqual(['ret'])
  })

  it('over a jump are inverted', () => {
    const text = emitAll((e, buf) => {
      const [loop, out] = [buf.newLabel(), buf.newLabel()]
      buf.bind(loop)
      e.r(X.inc32_rm, 0)
      e.jcc(CC.G, out)
      e.jmp(loop)
      buf.bind(out)
      e.none(X.ret)
    })
    expect(text).toEqual(['inc eax', 'jle 0x0', 'ret'])
  })

  it('to a jump go to where it goes, in circles too', () => {
    const text = emitAll((e, buf) => {
      const [hop, end, circle] = [buf.newLabel(), buf.newLabel(), buf.newLabel()]
      e.jcc(CC.E, hop)
      e.jcc(CC.S, circle)
      e.none(X.ud2)
      buf.bind(hop)
      e.jmp(end)
      e.none(X.ud2)
      buf.bind(circle)
      e.jmp(circle)
      buf.bind(end)
      e.none(X.ret)
    })
    expect(text).toEqual(['je 0xc', 'js 0xa', 'ud2', 'jmp 0xc', 'ud2', 'jmp 0xa', 'ret'])
  })

  it('reach exactly 127 forward and 128 back in the short form', () => {
    const sizes = [127, 128].map(
      n =>
        emitAll((e, buf) => {
          const a = buf.newLabel()
          e.jmp(a)
          e.nops(n)
          buf.bind(a)
          e.none(X.ret)
        })[0],
    )
    expect(sizes).toEqual(['jmp 0x81', 'jmp 0x85'])
    const back = [126, 127].map(n => {
      const buf = new CodeBuffer(x64Branches)
      const e = new X64Encoder(buf)
      const a = buf.newLabel()
      buf.bind(a)
      e.nops(n)
      e.jcc(CC.E, a)
      buf.finish()
      return buf.codeSize - n
    })
    expect(back).toEqual([2, 6])
  })

  it('to a label that is never bound are a bug of the client', () => {
    const buf = new CodeBuffer(x64Branches)
    const e = new X64Encoder(buf)
    e.jmp(buf.newLabel())
    expect(() => buf.finish()).toThrow('bound')
    buf.reset()
    e.leaLabel(0, buf.newLabel())
    expect(() => buf.finish()).toThrow('bound')
  })
})

describe('data behind the code', () => {
  it('is shared, aligned and found', () => {
    const buf = new CodeBuffer(x64Branches)
    const e = new X64Encoder(buf)
    const eight = buf.constant8(1, 2)
    expect(buf.constant8(1, 2)).toBe(eight)
    expect([buf.constant4(1), buf.constant16(1, 2, 0, 0)]).not.toContain(eight)
    e.memConst(eight)
    e.rm(X.movsd_x_m, 3)
    e.none(X.ret)
    buf.finish()
    expect([buf.alignment, buf.codeSize, buf.size]).toEqual([16, 9, 16 + 16 + 8 + 4])
    const view = new DataView(buf.code.toBytes().buffer)
    expect([view.getUint32(16, true), view.getUint32(32, true), view.getUint32(40, true)]).toEqual([1, 1, 1])
    expect(disassemble(buf.written(), 0, 0).target).toBe(32)
  })

  it('keeps thousands of constants apart, and forgets them', () => {
    const buf = new CodeBuffer(x64Branches)
    for (let round = 0; round < 2; round++) {
      const ids = Array.from({ length: 5000 }, (_, i) => buf.constant8(Math.imul(i, 0x10001), i & 7))
      expect(ids).toEqual(Array.from({ length: 5000 }, (_, i) => i))
      expect(buf.constant8(Math.imul(4321, 0x10001), 4321 & 7)).toBe(4321)
      buf.reset()
    }
  })

  it('holds jump tables relative to their start', () => {
    const buf = new CodeBuffer(x64Branches)
    const e = new X64Encoder(buf)
    const first = buf.newLabels(3)
    const table = buf.jumpTable([first, first + 1, first + 2, first], 4)
    e.leaTable(2, table)
    e.memIndex(2, 1, 2, 0)
    e.rm(X.movsxd64_r_rm32, 0)
    e.rr(X.add64_rm_r, 2, 0)
    e.r(X.jmp64_rm, 0)
    for (let i = 0; i < 3; i++) {
      buf.bind(first + i)
      e.jcc(CC.E, first)
      e.none(X.ret)
    }
    buf.finish()
    const at = disassemble(buf.written(), 0, 0).target
    const view = new DataView(buf.code.toBytes().buffer)
    const entries = [0, 1, 2, 3].map(i => at + view.getInt32(at + i * 4, true))
    expect(entries).toEqual([0, 1, 2, 0].map(i => buf.offsetOf(first + i)))
  })
})

describe('a function of a megabyte', () => {
  const big = (bytes: number): { ms: number; size: number } => {
    const buf = new CodeBuffer(x64Branches)
    const e = new X64Encoder(buf)
    const r = new Random(1)
    const n = Math.floor(bytes / 14)
    buf.newLabels(n)
    const start = performance.now()
    for (let i = 0; i < n; i++) {
      buf.bind(i)
      e.rr(X.add64_r_rm, i & 15, 3)
      e.mem(5, -8 * (i & 31))
      e.rm(X.mov64_r_rm, i & 15)
      buf.mark()
      const near = Math.max(0, Math.min(n - 1, i - 20 + r.below(40)))
      e.jcc(i & 15, i % 10 === 0 ? r.below(n) : near)
    }
    buf.finish()
    return { ms: performance.now() - start, size: buf.codeSize }
  }

  it('takes linear time', () => {
    big(1 << 18)
    const small = big(1 << 18)
    const large = big(1 << 22)
    console.log(
      `${small.size} bytes in ${small.ms.toFixed(1)} ms, ${large.size} in ${large.ms.toFixed(1)} ms`,
    )
    // Sixteen times the work: quadratic would be 256 times the time.
    expect(large.ms).toBeLessThan(Math.max(small.ms, 5) * 80)
  })

  it('stays right when shortening one branch makes room for the next, all the way', () => {
    const buf = new CodeBuffer(x64Branches)
    const n = 300
    const items: Item[] = []
    // Branch k spans the next 21 steps of six bytes each with branches that are themselves waiting.
    for (let k = 0; k < n; k++) {
      items.push({ kind: Kind.Bind, a: 0, label: k })
      items.push({ kind: Kind.Branch, a: CC.E, label: Math.min(k + 17, n) })
      items.push({ kind: Kind.Step, a: 0, label: 0 })
    }
    items.push({ kind: Kind.Bind, a: 0, label: n })
    items.push({ kind: Kind.Step, a: 0, label: 0 })
    expect(check(emit(buf, items, n + 1)).slice(0, 5)).toEqual([])
  })
})
