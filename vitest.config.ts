import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Machines that run this are often small and shared: a test may be slow, but it may not hang.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Much of what is tested waits: for a probe, a scrape, a machine that boots. On two cores the usual one worker would leave both idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
