import { defineConfig } from 'vitest/config';

/** Real parts share the machine's ports and namespaces, so their files run one after another. */
const serial = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    // The core is pure, so every branch of it can be reached, and is; files of types alone have nothing to reach.
    coverage: {
      provider: 'v8',
      include: ['src/core/**'],
      exclude: ['src/core/{clock,effect,event,index,probe,report}.ts'],
      thresholds: { 'src/core/**': { 100: true } },
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/integration/**',
            'test/lab/**',
            'test/simulation/**',
            'test/**/*.property.test.ts',
          ],
        },
      },
      { test: { name: 'property', include: ['test/**/*.property.test.ts'], testTimeout: 120_000 } },
      {
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          testTimeout: 300_000,
        },
      },
      { test: { name: 'integration', include: ['test/integration/**/*.test.ts'], ...serial } },
      {
        test: { name: 'lab', include: ['test/lab/**/*.test.ts'], ...serial, testTimeout: 180_000 },
      },
    ],
  },
});
