import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Each file in a process of its own: generated code that crashes fails its file, not the run.
    pool: 'forks',
    poolOptions: { forks: { maxForks: 2 } },
    testTimeout: 600_000,
    setupFiles: ['test/support/yield.ts'],
  },
})
