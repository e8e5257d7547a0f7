import { describe, expect, it } from 'vitest';
import { createClock } from '../../../src/demo/controllers/clock.js';

describe('the demo clock', () => {
  it('lives through the past in the order of the moments, whatever order they were planned in', () => {
    const clock = createClock(1000);
    const seen: string[] = [];
    for (const ms of [50, 10, 30, 10, 40, 20]) clock.after(ms, () => seen.push(`${ms} at ${clock.now()}`));
    clock.liveTo(1035);
    expect(seen).toEqual(['10 at 1010', '10 at 1010', '20 at 1020', '30 at 1030']);
    expect(clock.now()).toBe(1035);
  });

  it('runs what was planned meanwhile and not what was cancelled', () => {
    const clock = createClock(0);
    const seen: number[] = [];
    clock.after(10, () => clock.after(10, () => seen.push(clock.now())));
    const cancel = clock.after(15, () => seen.push(-1));
    cancel();
    clock.liveTo(100);
    expect(seen).toEqual([20]);
  });

  it('goes on in real time with what was left over, faster where asked to', async () => {
    const clock = createClock(Date.now() - 5000, 1000);
    clock.liveTo(Date.now());
    clock.goLive();
    const started = Date.now();
    await new Promise<void>((resolve) => {
      // The clock alone doesn't keep a program alive.
      const alive = setTimeout(() => {}, 5000);
      clock.after(10_000, () => {
        clearTimeout(alive);
        resolve();
      });
    });
    expect(Date.now() - started).toBeLessThan(2000);
    clock.close();
  });
});
