import { defineConfig } from 'vitest/config';

/** Real parts take their time to start and to notice. */
const patient = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    // The core is pure, so every branch of it can be reached, and is; files of types alone have nothing to reach.
    coverage: {
      provider: 'v8',
      include: ['src/core/**'],
      exclude: ['src/core/{clock,effect,event,fleet,index,probe,report}.ts'],
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
            'test/containers/**',
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
      {
        // They wait most of the time, and each has ports and namespaces of its own.
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          ...patient,
          maxWorkers: 2,
        },
      },
      {
        // A lab hardly works the machine, and its bounds have room for a neighbor.
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          ...patient,
          maxWorkers: 2,
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'containers',
          include: ['test/containers/**/*.test.ts'],
          globalSetup: ['test/containers/setup.ts'],
          ...patient,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
