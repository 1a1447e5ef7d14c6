import { expect, test } from 'vitest'
import {
  allFeatures,
  defaultFeatures,
  Feature,
  featureByName,
  featureRows,
  hasFeature,
  withFeature,
  withoutFeature,
} from '../../src/wasm/features.js'
import { judge } from './check.js'
import { featureProbes } from './v8.js'

test('rows are in the order of the ids, names are unique', () => {
  featureRows.forEach((row, i) => {
    expect(row.feature).toBe(i)
  })
  expect(new Set(featureRows.map(r => r.name)).size).toBe(featureRows.length)
  expect(featureByName('multi-memory')?.feature).toBe(Feature.MultiMemory)
  expect(featureByName('nonsense')).toBeUndefined()
})

test('sets', () => {
  expect(hasFeature(defaultFeatures, Feature.Simd)).toBe(true)
  expect(hasFeature(defaultFeatures, Feature.Gc)).toBe(false)
  expect(withFeature(withoutFeature(allFeatures, Feature.Gc), Feature.Gc)).toBe(allFeatures)
  expect(hasFeature(withoutFeature(allFeatures, Feature.Mvp), Feature.Mvp)).toBe(true)
})

/** Switches whose names may come up for another: an operand of the probe needs the other one too. */
for (const [feature, probe] of featureProbes) {
  const row = featureRows[feature]
  test(`${row?.name} can be switched`, () => {
    expect(judge(probe(), { features: allFeatures })).toBe('valid')
    const off = judge(probe(), { features: withoutFeature(allFeatures, feature) })
    expect(off).toContain(`this needs the feature ${row?.name}, which is not enabled`)
    expect(judge(probe(), { features: withFeature(defaultFeatures, feature) })).toBe('valid')
  })
}

test('every feature but the first has a probe', () => {
  expect(featureProbes.map(([f]) => f).sort((a, b) => a - b)).toEqual(
    featureRows.slice(1).map(r => r.feature),
  )
})
