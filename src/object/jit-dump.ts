// The records of perf's jitdump format, version 1 (Linux, tools/perf/Documentation/jitdump-specification.txt): a file
// that says what machine code lay where and since when, so that `perf inject --jit` can make an ELF file with symbols
// and line numbers of each function.
//
//   header   magic, version, size of the header, e_machine, 0, pid: u32 each; time, flags: u64
//   record   id, size of the record: u32; time: u64; and then by id:
//     2      lines: address of the code, number of entries: u64; entries: address u64, line u32, 0 u32, file name
//     0      code: pid, tid: u32; address, address, size, number of the record: u64; name; the bytes of the code
//
// The lines of a function precede its code. Times are nanoseconds of the monotonic clock, which perf must use, too.

import { ByteBuffer } from '../base/buffer.js'

const two32 = 2 ** 32

/** "JiTD", as a number in the byte order of the machine. */
const magic = 0x4a695444
const headerBytes = 40

const enum RecordId {
  Code = 0,
  Lines = 2,
}

const text = new TextEncoder()

/** A function in memory. */
export interface DumpedCode {
  readonly name: string
  readonly address: number
  readonly code: Uint8Array
  /** Unique in the file. */
  readonly number: number
}

/** From which address on code belongs to a line of a file. */
export interface DumpedLine {
  readonly address: number
  readonly file: string
  readonly line: number
}

function putU64(out: ByteBuffer, value: number): void {
  out.u64(value, Math.floor(value / two32))
}

/** Readers find what follows a string by its NUL. */
function putString(out: ByteBuffer, value: string): void {
  out.append(text.encode(value.replaceAll('\0', ' ')))
  out.u8(0)
}

/** The beginning of a file. `time` in nanoseconds. */
export function jitDumpHeader(machine: number, pid: number, time: number): Uint8Array {
  const out = new ByteBuffer(headerBytes)
  for (const word of [magic, 1, headerBytes, machine, 0, pid]) out.u32(word)
  putU64(out, time)
  putU64(out, 0)
  return out.toBytes()
}

/** Builds records of one process and thread. */
export class JitDumpRecords {
  readonly out = new ByteBuffer(1 << 16)

  constructor(
    private readonly pid: number,
    private readonly tid: number,
  ) {}

  private record(id: RecordId, time: number, body: () => void): void {
    const start = this.out.length
    this.out.u32(id)
    this.out.u32(0)
    putU64(this.out, time)
    body()
    this.out.patchU32(start + 4, this.out.length - start)
  }

  /** Code that is there from `time` on (nanoseconds), and which lines it comes from, by ascending address. */
  add(fn: DumpedCode, lines: readonly DumpedLine[], time: number): void {
    if (lines.length > 0) this.record(RecordId.Lines, time, () => this.putLines(fn.address, lines))
    this.record(RecordId.Code, time, () => this.putCode(fn))
  }

  private putLines(address: number, lines: readonly DumpedLine[]): void {
    const { out } = this
    putU64(out, address)
    putU64(out, lines.length)
    for (const { address, file, line } of lines) {
      putU64(out, address)
      out.u64(line, 0)
      putString(out, file)
    }
  }

  private putCode({ name, address, code, number }: DumpedCode): void {
    const { out } = this
    out.u64(this.pid, this.tid)
    putU64(out, address)
    putU64(out, address)
    putU64(out, code.length)
    putU64(out, number)
    putString(out, name)
    out.append(code)
  }
}
