// A number for what shim and JavaScript must agree on, so that a shim that was built from other sources is refused.

import { checksum } from '../base/hash.js'
import { controlBlock, controlBlockBytes, stackAlign, stackGuardBytes, storeContext } from '../vm-layout.js'
import {
  codeBlockShift,
  codeSpaceBytes,
  environmentArea,
  handlerGenerations,
  imageRecord,
  imports,
  ownedRange,
  processState,
} from './layout.js'

const shared = [
  ...[imports, processState, environmentArea, imageRecord, ownedRange, controlBlock, storeContext],
  ...[handlerGenerations, codeSpaceBytes, codeBlockShift, controlBlockBytes, stackAlign, stackGuardBytes],
]

/** u32 checksum of names and places in the memory that both use. */
export const layoutStamp: number = checksum(new TextEncoder().encode(JSON.stringify(shared)))[0] as number
