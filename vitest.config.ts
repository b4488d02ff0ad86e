import { defineConfig } from 'vitest/config';

/** All phases in one run, so that its summary ends the output. */
export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.{ts,tsx}',
      'tools/**/*.test.{ts,mjs}',
      'bench/**/*.test.ts',
      'examples/*/src/**/*.test.ts',
    ],
    globalSetup: ['packages/server/src/testing/global-setup.ts'],
    // Only a test that hangs ever takes so long: pages are looked at in six ways each, and other tests want the same cores.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // What a browser or another process does later may take long while all tests share the cores.
    expect: { poll: { timeout: 15_000 } },
    maxWorkers: 2,
  },
});
