// Reads a jitdump file as perf does, from the format's description: nothing here knows how ours is written.

/** A function in the file, with the lines that were announced for it. */
export interface DumpFunction {
  readonly pid: number
  readonly tid: number
  readonly time: bigint
  readonly address: bigint
  readonly number: bigint
  readonly name: string
  readonly code: Uint8Array
  readonly lines: readonly { readonly address: bigint; readonly line: number; readonly file: string }[]
}

/** A whole file. */
export interface Dump {
  readonly machine: number
  readonly pid: number
  readonly time: bigint
  readonly functions: readonly DumpFunction[]
}

/** Walks over little-endian fields. */
class Fields {
  at = 0
  private readonly view: DataView

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  u32(): number {
    this.at += 4
    return this.view.getUint32(this.at - 4, true)
  }

  u64(): bigint {
    this.at += 8
    return this.view.getBigUint64(this.at - 8, true)
  }

  string(): string {
    const end = this.bytes.indexOf(0, this.at)
    const text = new TextDecoder().decode(this.bytes.subarray(this.at, end))
    this.at = end + 1
    return text
  }

  take(length: number): Uint8Array {
    this.at += length
    return this.bytes.slice(this.at - length, this.at)
  }
}

function readLines(f: Fields): [address: bigint, lines: DumpFunction['lines']] {
  const address = f.u64()
  const lines = Array.from({ length: Number(f.u64()) }, () => {
    const at = f.u64()
    const line = f.u32()
    f.u32()
    return { address: at, line, file: f.string() }
  })
  return [address, lines]
}

function readCode(f: Fields, time: bigint, lines: ReadonlyMap<bigint, DumpFunction['lines']>): DumpFunction {
  const [pid, tid] = [f.u32(), f.u32()]
  const address = f.u64()
  if (f.u64() !== address) throw new Error('code lies elsewhere than it runs')
  const [size, number] = [f.u64(), f.u64()]
  const name = f.string()
  return {
    pid,
    tid,
    time,
    address,
    number,
    name,
    code: f.take(Number(size)),
    lines: lines.get(address) ?? [],
  }
}

/** Throws where the file is not as described. */
export function readJitDump(bytes: Uint8Array): Dump {
  const f = new Fields(bytes)
  if (new TextDecoder().decode(bytes.subarray(0, 4)) !== 'DTiJ') throw new Error('not a jitdump file')
  f.at = 4
  const [version, headerSize, machine] = [f.u32(), f.u32(), f.u32()]
  if (version !== 1 || headerSize !== 40) throw new Error(`version ${version}, header of ${headerSize} bytes`)
  f.u32()
  const pid = f.u32()
  const time = f.u64()
  const functions: DumpFunction[] = []
  const lines = new Map<bigint, DumpFunction['lines']>()
  for (f.at = headerSize; f.at < bytes.length; ) {
    const start = f.at
    const [id, size, stamp] = [f.u32(), f.u32(), f.u64()]
    if (id === 2) lines.set(...readLines(f))
    else if (id === 0) functions.push(readCode(f, stamp, lines))
    else throw new Error(`unknown record ${id}`)
    if (f.at !== start + size)
      throw new Error(`record at ${start}: ${size} bytes announced, ${f.at - start} used`)
  }
  return { machine, pid, time, functions }
}
