import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // The CI run counts tests from a JSON report.
    reporters: process.env.VITEST_JSON ? ['default', ['json', { outputFile: process.env.VITEST_JSON }]] : ['default'],
    include: ['test/**/*.test.ts'],
    exclude: ['test/live/**'],
    testTimeout: 60_000,
    server: { deps: { inline: [/@actions\//] } },
  },
})
