import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Machines that run this are often small and shared: a test may be slow, but it may not hang.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Terminals, SSH servers and whole machines on a shared machine: one more try there, so that a stall of the machine is no verdict on a change.
    retry: process.env['CI'] ? 1 : 0,
  },
});
