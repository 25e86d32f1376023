import { defineConfig } from 'vitest/config'

// The tests against real servers (test/live/install.sh installs them). One file at a time: each starts servers of its own.
export default defineConfig({
  test: {
    // The CI run counts tests from a JSON report.
    reporters: process.env.VITEST_JSON ? ['default', ['json', { outputFile: process.env.VITEST_JSON }]] : ['default'],
    include: ['test/live/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    // These packages import JSON without an attribute: Node refuses that, vite does not.
    server: { deps: { inline: [/@actions\//] } },
  },
})
