import { describe, expect, it } from 'vitest';
import { absent, live, loading } from '../../src/state/freshness.js';
import type { GpuDevice } from '../../src/state/gpu-devices.js';
import { deviceKey, emptyHistory, type GpuHistory, recordGpus, trend, wideTrend } from '../../views/gpu-history.js';
import { aGpu, aLostGpu, aMachine } from '../builders/machine-gpus.js';
import { now } from '../builders/snapshot.js';

const second = 1000;

describe('the history of a GPU', () => {
  it('takes each sample once, however often it is published', () => {
    const sample = seen([aGpu({ load: 40 })], now);
    const once = recordGpus(emptyHistory, sample);
    expect(recordGpus(once, sample)).toBe(once);
    expect(loads(recordGpus(once, seen([aGpu({ load: 60 })], now + 5 * second)))).toEqual([40, 60]);
  });

  it('keeps what was seen while machines cannot be looked at, and forgets it with the cluster', () => {
    const known = recordGpus(emptyHistory, seen([aGpu()], now));
    expect(recordGpus(known, absent('SSH is off'))).toBe(known);
    expect(recordGpus(known, loading(now)).size).toBe(0);
  });

  it('holds no more than a chart can show', () => {
    const many = run(Array.from({ length: 900 }, (_, index) => index % 100));
    expect(loads(many)).toHaveLength(400);
  });

  it('goes by the board in its machine, or its place where it tells no UUID', () => {
    expect(deviceKey('gpu-1', { uuid: 'GPU-5d6f', index: 3 })).toBe('gpu-1/GPU-5d6f');
    expect(deviceKey('gpu-1', { uuid: null, index: 3 })).toBe('gpu-1/3');
  });

  it('says nothing of a GPU that is lost', () => {
    expect(recordGpus(emptyHistory, seen([aLostGpu(0)], now)).size).toBe(0);
  });
});

describe('a trend', () => {
  it('stands at the right, newest last', () => {
    expect(drawn(run([10, 20, 30]), 5, now + 10 * second)).toEqual([null, null, 10, 20, 30]);
  });

  it('has gaps where samples are missing, never a line over them', () => {
    expect(drawn(run([10, 20, null, null, 50, 60]), 6, now + 25 * second)).toEqual([10, 20, null, null, 50, 60]);
  });

  it('moves on without a value once the newest sample is overdue', () => {
    const history = run([10, 20, 30]);
    expect(drawn(history, 4, now + 13 * second)).toEqual([null, 10, 20, 30]);
    expect(drawn(history, 4, now + 22 * second)).toEqual([20, 30, null, null]);
    expect(drawn(history, 4, now + 10 * 60 * second)).toEqual([null, null, null, null]);
  });

  it('has no hole where a look came a second late', () => {
    const history = [0, 5, 11.4, 16.4].reduce<GpuHistory>(
      (known, at, index) => recordGpus(known, seen([aGpu({ load: index * 10 })], now + at * second)),
      emptyHistory,
    );
    expect(drawn(history, 4, now + 17 * second)).not.toContain(null);
  });

  it('shows nothing that came after the moment a picture was held', () => {
    expect(drawn(run([10, 20, 30]), 3, now + 6 * second)).toEqual([null, 10, 20]);
  });
});

function seen(devices: readonly GpuDevice[], at: number) {
  return live(new Map([['gpu-1', aMachine('gpu-1', devices, { at })]]), at);
}

/** One load every five seconds; null for a look that failed. */
function run(values: readonly (number | null)[]): GpuHistory {
  return values.reduce<GpuHistory>(
    (known, load, index) => (load === null ? known : recordGpus(known, seen([aGpu({ load })], now + index * 5 * second))),
    emptyHistory,
  );
}

function samples(history: GpuHistory) {
  return [...history.values()][0] ?? [];
}

function loads(history: GpuHistory) {
  return samples(history).map(({ gpuPercent }) => gpuPercent);
}

function drawn(history: GpuHistory, columns: number, at: number) {
  return trend(samples(history), columns, at, ({ gpuPercent }) => gpuPercent).values;
}

describe('a chart that has just begun', () => {
  const samples = [0, 1, 2].map((step) => ({ at: now - (2 - step) * 15_000, gpuPercent: 10 * (step + 1), memory: null, temperatureC: null, powerW: null }));

  it('gives each sample several columns, the newest at the right, and says how far back it goes', () => {
    const { values, spanMs } = wideTrend(samples, 64, now, ({ gpuPercent }) => gpuPercent);
    expect(values).toHaveLength(64);
    expect(values.slice(-12)).toEqual([10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30]);
    expect(values.slice(0, -12).every((value) => value === null)).toBe(true);
    expect(spanMs).toBe(16 * 15_000);
  });
});
