import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { absent, live } from '../../src/state/freshness.js';
import { createStore, type Derivation } from '../../src/state/store.js';
import { aNode, collection } from '../builders/snapshot.js';

describe('the store', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('publishes the first change after a quiet time at once, and a storm as one snapshot per flush', () => {
    const store = createStore({ flushMs: 150, settleMs: 8 });
    const told = vi.fn();
    store.write('report', absent('nothing to judge'));
    vi.advanceTimersByTime(1000);
    store.subscribe(told);
    store.write('nodes', collection(aNode()));
    vi.advanceTimersByTime(8);
    expect(told).toHaveBeenCalledTimes(1);
    for (let i = 0; i < 100; i += 1) {
      store.write('nodes', collection(aNode({ name: `gpu-${i}` })));
      vi.advanceTimersByTime(1);
    }
    expect(told).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(150);
    expect(told).toHaveBeenCalledTimes(2);
    expect(store.snapshot().nodes.value?.has('gpu-99')).toBe(true);
    store.close();
  });

  it('lets what is only sampled anew wait for up to a second once everything has come in, but nothing that changes its status', () => {
    const store = createStore({ flushMs: 150, settleMs: 8 });
    const told = vi.fn();
    store.write('report', absent('nothing to judge'));
    store.write('targets', live([], 0));
    vi.advanceTimersByTime(200);
    store.subscribe(told);
    store.write('targets', live([], 1));
    vi.advanceTimersByTime(200);
    expect(told).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(20_000);
    store.write('nodes', collection(aNode()));
    vi.advanceTimersByTime(8);
    expect(told).toHaveBeenCalledTimes(2);
    store.write('targets', live([], 2));
    vi.advanceTimersByTime(900);
    expect(told).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(100);
    expect(told).toHaveBeenCalledTimes(3);
    store.write('targets', absent('no Prometheus'));
    vi.advanceTimersByTime(150);
    expect(told).toHaveBeenCalledTimes(4);
    store.close();
  });

  it('goes on publishing when the clock is set back or forward by hours', () => {
    const compute = vi.fn(() => absent<never>(String(Date.now())));
    const store = createStore({ derivations: [{ slice: 'report', from: ['nodes'], everyMs: 1000, compute }] });
    store.write('nodes', collection(aNode()));
    vi.advanceTimersByTime(2000);
    for (const hours of [-3, 5]) {
      vi.setSystemTime(Date.now() + hours * 3_600_000);
      store.write('nodes', collection(aNode({ name: `after ${hours}` })));
      vi.advanceTimersByTime(200);
      expect(store.snapshot().nodes.value?.has(`after ${hours}`)).toBe(true);
      expect(store.snapshot().at).toBeCloseTo(Date.now(), -3);
      const times = compute.mock.calls.length;
      vi.advanceTimersByTime(3000);
      expect(compute.mock.calls.length - times).toBe(3);
    }
    store.close();
  });

  it('keeps the identity of slices that did not change', () => {
    const store = createStore();
    const { pods } = store.snapshot();
    store.write('nodes', collection(aNode()));
    store.flush();
    expect(store.snapshot().pods).toBe(pods);
    store.close();
  });

  it('works out a derived slice when its inputs change, and only then', () => {
    const compute = vi.fn(() => absent<never>('worked out'));
    const derivation: Derivation<'gpus'> = { slice: 'gpus', from: ['nodes'], compute };
    const store = createStore({ derivations: [derivation] });
    store.write('nodes', collection(aNode()));
    store.flush();
    expect(store.snapshot().gpus.freshness).toEqual({ status: 'absent', why: 'worked out' });
    const times = compute.mock.calls.length;
    store.write('grafana', absent('none'));
    store.flush();
    expect(compute).toHaveBeenCalledTimes(times);
    store.close();
  });

  it('works out a slice that ages once a second, and tells nobody while it stays the same', () => {
    const same = absent<never>('as ever');
    const compute = vi.fn(() => same);
    const store = createStore({ derivations: [{ slice: 'report', from: ['nodes'], everyMs: 1000, compute }] });
    store.write('nodes', collection(aNode()));
    store.flush();
    const told = vi.fn();
    store.subscribe(told);
    const times = compute.mock.calls.length;
    vi.advanceTimersByTime(3100);
    expect(compute.mock.calls.length - times).toBe(3);
    expect(told).not.toHaveBeenCalled();
    store.close();
  });

  it('does not wake the screen for a renewed lease, but has it in the next snapshot', () => {
    const lease = { name: 'gpu-1', holder: 'gpu-1', renewedAt: 1, durationSeconds: 40, seenAt: 1 };
    const store = createStore();
    store.write('leases', collection(lease));
    store.flush();
    const told = vi.fn();
    store.subscribe(told);
    store.write('leases', live(new Map([['gpu-1', { ...lease, seenAt: 2 }]]), 2));
    vi.advanceTimersByTime(5000);
    expect(told).not.toHaveBeenCalled();
    store.write('grafana', absent('none'));
    store.flush();
    expect(told).toHaveBeenCalledTimes(1);
    expect(store.snapshot().leases.value?.get('gpu-1')?.seenAt).toBe(2);
    store.close();
  });

  it('forgets everything when another cluster comes', () => {
    const store = createStore();
    store.write('nodes', collection(aNode()));
    store.flush();
    store.reset({ status: 'connecting', context: 'other', server: '', since: 1 });
    store.flush();
    expect(store.snapshot().nodes.value).toBeNull();
    expect(store.snapshot().connection).toMatchObject({ context: 'other' });
    store.close();
  });
});
