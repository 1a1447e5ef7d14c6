// What profilers are told of code that is loaded: a row per kind of `profile` in the configuration.

import type { Settings } from '../config.js'
import type { Image } from './image.js'
import type { ImageOwner } from './images.js'
import { writeJitDump } from './jit-dump.js'
import { writePerfMap } from './perf-map.js'
import { startSampling } from './sampler.js'

/** An image with its names. */
export interface ProfiledImage {
  readonly image: Image
  readonly owner: ImageOwner
  /** Name of a symbol of the image. */
  nameOf(space: number, index: number): string
}

const announcers: Readonly<Record<Settings['profile'], (code: ProfiledImage) => void>> = {
  none: () => {},
  perfmap: writePerfMap,
  jitdump: writeJitDump,
  cpuprofile: startSampling,
}

/** Tells the profiler of that kind about code that is about to run. */
export function announceCode(kind: Settings['profile'], code: ProfiledImage): void {
  announcers[kind](code)
}
