// Reads an artifact in place: finds its sections, refuses what is damaged or foreign before anything of it is used.

import { GantryError } from '../base/errors.js'
import { checksum } from '../base/hash.js'
import { elfIdent, headerBytes, machines, sectionHeaderBytes } from './elf.js'
import { type ArtifactInfo, artifactVersion, sectionNames } from './sections.js'

/** The artifact does not fit: damaged, made by another version, for another target, or with other options. */
export class ArtifactError extends GantryError {
  override readonly name = 'ArtifactError'
}

/** Where a section lies in the file. */
export interface SectionRange {
  readonly offset: number
  readonly size: number
}

/** A validated artifact: the bytes and where things are in them. */
export interface Artifact {
  readonly bytes: Uint8Array
  readonly info: ArtifactInfo
  readonly sections: Readonly<Record<keyof typeof sectionNames, SectionRange>>
}

function damaged(what: string): never {
  throw new ArtifactError(`not a usable artifact: ${what}`)
}

/** Bytes of a section, as a view. */
export function sectionBytes(artifact: Artifact, name: keyof typeof sectionNames): Uint8Array {
  const { offset, size } = artifact.sections[name]
  return artifact.bytes.subarray(offset, offset + size)
}

/** Is this the beginning of an ELF file of the kind that artifacts are? */
export function looksLikeArtifact(bytes: Uint8Array): boolean {
  return elfIdent.every((b, i) => bytes[i] === b)
}

function readWord(view: DataView, at: number, what: string): number {
  const high = view.getUint32(at + 4, true)
  if (high !== 0) damaged(`${what} is out of range`)
  return view.getUint32(at, true)
}

function readString(bytes: Uint8Array, from: number): string {
  const end = bytes.indexOf(0, from)
  return new TextDecoder().decode(bytes.subarray(from, end < 0 ? from : end))
}

function readSectionHeaders(bytes: Uint8Array, view: DataView): Map<string, SectionRange> {
  const tableAt = readWord(view, 40, 'the section table')
  const count = view.getUint16(60, true)
  const namesIndex = view.getUint16(62, true)
  if (tableAt + count * sectionHeaderBytes > bytes.length || namesIndex >= count) damaged('it is cut short')
  const range = (n: number): SectionRange => {
    const at = tableAt + n * sectionHeaderBytes
    const offset = readWord(view, at + 24, 'a section')
    const size = readWord(view, at + 32, 'a section')
    if (offset + size > bytes.length) damaged('it is cut short')
    return { offset, size }
  }
  const names = range(namesIndex)
  const found = new Map<string, SectionRange>()
  for (let n = 1; n < count; n++) {
    const name = view.getUint32(tableAt + n * sectionHeaderBytes, true)
    if (name < names.size) found.set(readString(bytes, names.offset + name), range(n))
  }
  return found
}

function checkSum(bytes: Uint8Array, at: SectionRange): void {
  if (at.size !== 16) damaged('it has no checksum')
  // Not `slice`, which is no copy if the bytes are a Buffer.
  const copy = new Uint8Array(bytes)
  const stored = copy.slice(at.offset, at.offset + 16)
  copy.fill(0, at.offset, at.offset + 16)
  const sum = checksum(copy)
  if (!new Uint8Array(sum.buffer).every((b, i) => b === stored[i]))
    damaged('its checksum does not match its contents')
}

function parseInfo(bytes: Uint8Array, at: SectionRange): ArtifactInfo {
  return JSON.parse(new TextDecoder().decode(bytes.subarray(at.offset, at.offset + at.size))) as ArtifactInfo
}

function checkMachine(view: DataView, info: ArtifactInfo): void {
  if (info.artifact !== artifactVersion) {
    throw new ArtifactError(
      `the artifact has format ${info.artifact} (gantry ${info.gantry}); this gantry reads format ${artifactVersion}: compile it again`,
    )
  }
  if (machines[info.target] !== view.getUint16(18, true)) damaged('machine and target disagree')
}

/** Finds and checks the parts. Whether it fits an engine is the engine's to say. Throws ArtifactError. */
export function readArtifact(bytes: Uint8Array): Artifact {
  if (bytes.length < headerBytes || !looksLikeArtifact(bytes))
    damaged('it is not a 64-bit little-endian ELF file')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = readSectionHeaders(bytes, view)
  const sections: Partial<Record<keyof typeof sectionNames, SectionRange>> = {}
  for (const key of Object.keys(sectionNames) as (keyof typeof sectionNames)[]) {
    const range = found.get(sectionNames[key])
    if (range === undefined) damaged(`it has no section ${sectionNames[key]}`)
    sections[key] = range
  }
  const complete = sections as Record<keyof typeof sectionNames, SectionRange>
  checkSum(bytes, complete.checksum)
  const info = parseInfo(bytes, complete.info)
  checkMachine(view, info)
  return { bytes, info, sections: complete }
}
