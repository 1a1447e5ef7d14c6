// Every module of the specification's suite: valid ones are accepted, malformed and invalid ones refused with the
// expected words, through our own text parser where the suite has text.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { allFeatures, Feature, type FeatureSet, withoutFeature } from '../../src/wasm/features.js'
import { type Command, parseScript, type ScriptModule } from '../../src/wasm/text/script.js'
import { judge, sharedFolder } from './check.js'

const suite = sharedFolder('suites', 'spec')

/** Modules that the suite itself judges differently in another of its files, with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'proposals/threads/memory.wast:83':
    'a fork of an older text format: sizes beyond 32 bits are invalid now, not malformed',
  'proposals/threads/memory.wast:87': 'the same',
  'proposals/threads/memory.wast:91': 'the same',
}

/** The features that the authors of a file assumed. */
function featuresFor(file: string, expected: string): FeatureSet {
  const standard = withoutFeature(allFeatures, Feature.CustomPageSizes)
  if (file.includes('custom-page-sizes')) return allFeatures
  if (expected === 'multiple memories') return withoutFeature(standard, Feature.MultiMemory)
  if (expected === 'multiple tables') return withoutFeature(standard, Feature.ReferenceTypes)
  return standard
}

const refusals = ['assert_malformed', 'assert_invalid']

/** What is wrong with our judgement of a module, or undefined. */
function complaint(
  module: ScriptModule,
  expected: string | undefined,
  features: FeatureSet,
): string | undefined {
  let bytes: Uint8Array
  try {
    bytes = module.encode()
  } catch (error) {
    // The text parser refused it; whether in the right words is for its own tests.
    return expected === undefined ? `text: ${(error as Error).message}` : undefined
  }
  const got = judge(bytes, { features })
  const fine = expected === undefined ? got === 'valid' : got !== 'valid' && got.startsWith(expected)
  return fine ? undefined : `expected ${expected ?? 'valid'}, got ${got}`
}

function checkCommand(file: string, command: Command): string | undefined {
  if (!('module' in command) || typeof command.module !== 'object') return undefined
  if (command.type.endsWith('_custom')) return undefined
  const expected = refusals.includes(command.type) && 'text' in command ? command.text : undefined
  return complaint(command.module, expected, featuresFor(file, expected ?? ''))
}

describe.skipIf(suite === undefined)('modules of the specification’s suite (needs the shared data)', () => {
  const folder = suite ?? ''
  const files = suite === undefined ? [] : (readdirSync(folder, { recursive: true }) as string[])
  for (const file of files.filter(f => f.endsWith('.wast')).sort()) {
    test(file, () => {
      const complaints: string[] = []
      for (const command of parseScript(readFileSync(join(folder, file)))) {
        const place = `${file}:${command.line}`
        const text = checkCommand(file, command)
        if (text !== undefined && exceptions[place] === undefined) complaints.push(`${place}: ${text}`)
        if (text === undefined && exceptions[place] !== undefined) complaints.push(`${place}: passes now`)
      }
      expect(complaints).toEqual([])
    })
  }
})
