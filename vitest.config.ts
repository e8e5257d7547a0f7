import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Machines that run this are often small and shared: a test may be slow, but it may not hang.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
