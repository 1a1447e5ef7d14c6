// Options: defaults, and errors that show the value whatever it is.

import { describe, expect, it } from 'vitest'
import { artifactConfig, type Config, ConfigError, settingsOf } from '../src/config.js'

describe('settingsOf', () => {
  it('fills in defaults, which artifacts record', () => {
    const settings = settingsOf({ optLevel: 'none' })
    expect(settings.maxFrames).toBe(20)
    expect(artifactConfig(settings)).toMatchObject({ optLevel: 'none', signalsBasedTraps: true })
    expect(artifactConfig(settings)).not.toHaveProperty('maxFrames')
  })

  it('interrupts by signals where there are any, else by checks', () => {
    expect(settingsOf({}).interruption).toBe('signals')
    expect(settingsOf({ signalsBasedTraps: false }).interruption).toBe('checks')
    expect(settingsOf({ signalsBasedTraps: false, interruption: 'none' }).interruption).toBe('none')
  })

  it.each([
    [{ optLevel: 'fast' }, 'optLevel = "fast": '],
    [{ maxWasmStack: 65536n }, 'maxWasmStack = 65536: '],
    [{ maxFrames: Number.NaN }, 'maxFrames = NaN: '],
    [{ features: { simd: 1n } }, 'features = {"simd":"1"}: '],
    [{ compileThread: 1 }, 'there is no option compileThread'],
    [{ signalsBasedTraps: false, trapStyle: 'illegal' }, 'trapStyle = "illegal": '],
    [{ signalsBasedTraps: false, interruption: 'signals' }, 'interruption = "signals": '],
    [{ interruption: 'checks', profile: 'cpuprofile' }, 'profile = "cpuprofile": '],
  ])('names option and value: %#', (config, message) => {
    const settle = (): unknown => settingsOf(config as unknown as Config)
    expect(settle).toThrow(ConfigError)
    expect(settle).toThrow(message)
  })
})
