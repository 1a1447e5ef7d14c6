// The jitdump file of this process, jit-PID.dump in the current directory (object/jit-dump.ts has the format).
//
// perf learns of the file from a mapping: an executable one of its first page, which is made here and never touched. The
// threads of a process share the file; each appends whole records in one write. A word of the process state counts the
// records; 0 means that there is no file yet, whatever an earlier process of the same number left behind.

import { closeSync, openSync, writeSync } from 'node:fs'
import { machines } from '../object/elf.js'
import { type DumpedLine, JitDumpRecords, jitDumpHeader } from '../object/jit-dump.js'
import { processState } from '../shim/layout.js'
import type { ProfiledImage } from './code-profile.js'
import type { Image, ImageFunction } from './image.js'
import type { ImageOwner } from './images.js'
import { type Native, native } from './native.js'
import { locked } from './process-lock.js'

/** Records are written when they are that many bytes together. */
const writeBytes = 1 << 20

const counter = processState.jitDumpRecords >> 2

const fileName = (): string => `jit-${process.pid}.dump`

function createFile(n: Native, machine: number): void {
  const fd = openSync(fileName(), 'w+')
  try {
    writeSync(fd, jitDumpHeader(machine, process.pid, n.monotonicTime()))
    n.mapMarker(fd)
  } finally {
    closeSync(fd)
  }
  n.state[counter] = 1
}

/** The place in the source that an instruction of the module comes from; without debug information its byte offset. */
function placeOf(owner: ImageOwner, offset: number): { file: string; line: number } {
  const [innermost] = owner.locate(offset)
  if (innermost !== undefined && innermost.line > 0) return innermost
  return { file: `${owner.moduleName ?? 'module'}.wasm`, line: offset }
}

/** Where the code of each function changes to another instruction of the module, by number of the function. */
function linesOf(image: Image, functions: readonly ImageFunction[], owner: ImageOwner): DumpedLine[][] {
  const lines = functions.map((): DumpedLine[] => [])
  image.visitInstructions((offset, fn, instruction) => {
    const { file, line } = placeOf(owner, instruction)
    lines[fn]?.push({ address: image.textAddress + offset, file, line })
  })
  return lines
}

/** Appends an image's functions to this process's file. */
export function writeJitDump({ image, owner, nameOf }: ProfiledImage): void {
  const n = native()
  locked(n, () => {
    if (n.state[counter] === 0) createFile(n, machines[image.artifact.info.target] as number)
  })
  const functions = image.functions()
  const first = Atomics.add(new Int32Array(n.state.buffer), counter, functions.length)
  const records = new JitDumpRecords(process.pid, n.threadId())
  const lines = linesOf(image, functions, owner)
  const fd = openSync(fileName(), 'a')
  try {
    const time = n.monotonicTime()
    functions.forEach((f, i) => {
      const address = image.textAddress + f.offset
      const fn = { name: nameOf(f.space, f.index), address, code: image.codeOf(f), number: first + i }
      records.add(fn, lines[i] as DumpedLine[], time)
      if (records.out.length < writeBytes && i + 1 < functions.length) return
      writeSync(fd, records.out.written())
      records.out.reset()
    })
  } finally {
    closeSync(fd)
  }
}
