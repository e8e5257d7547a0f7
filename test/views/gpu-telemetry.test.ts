import { describe, expect, it } from 'vitest';
import { live } from '../../src/state/freshness.js';
import { telemetry } from '../../views/screens/gpus/telemetry.js';
import { aLab, aTarget } from '../builders/lab.js';
import { aGpu } from '../builders/machine-gpus.js';
import { now } from '../builders/snapshot.js';

function said(node: string, device = aGpu(), snapshot = aLab()): string {
  return telemetry(node, device, snapshot, now)
    .lines(200)
    .map((row) => row.map(({ text }) => text).join(''))
    .join('\n');
}

describe('what Prometheus knows of a GPU', () => {
  it('is as old as the last scrape of its exporter', () => {
    expect(said('gpu-1')).toContain('✓ DCGM exporter 10.0.0.11:9400, scraped 7s ago, every 30 s');
  });

  it('ends where its exporter went down, with the reason', () => {
    expect(said('gpu-2')).toContain('✗ its DCGM exporter 10.0.0.12:9400 cannot be scraped: Get "http://10.0.0.12:9400/metrics"');
  });

  it('is nothing where no exporter is scraped, which is no zero', () => {
    const targets = live([aTarget()], now);
    expect(said('gpu-1', aGpu(), aLab({ targets }))).toContain('panels of its GPUs have no data, which is not the same as no load');
  });

  it('lacks the counters that a card of its kind does not have', () => {
    expect(said('gpu-1', aGpu({ name: 'NVIDIA GeForce RTX 4090' }))).toContain("DCGM's profiling needs a data-center GPU of Volta or later");
    expect(said('gpu-1', aGpu({ virtualization: 'VGPU' }))).toContain('not to be had in a virtual GPU');
    expect(said('gpu-1', aGpu({ name: 'NVIDIA A100-SXM4-80GB' }))).not.toContain('profiling needs');
  });
});
