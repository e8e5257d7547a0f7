import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Machines that run this are often small and shared: a test may be slow, but it may not hang.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Real clocks, machines and terminals on two shared cores: what fails once is tried again before a landing hangs on it, and vitest says so. At a desk nothing is.
    retry: process.env['CI'] === undefined ? 0 : 2,
    // Much of what is tested waits: for a probe, a scrape, a machine that boots. On two cores the usual one worker would leave both idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
