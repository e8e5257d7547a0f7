import { expect, test } from 'vitest';
import { makeReport } from '../../src/checks/report.js';
import { checkJson } from '../../src/cli/check-json.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { now } from '../builders/snapshot.js';
import { aLargeCluster } from './large-cluster.js';

const rounds = 60;

test('check --output json on 100 nodes and 10,000 pods takes less than 100 ms from the snapshot to the text', () => {
  const cluster = aLargeCluster();
  const anew = Array.from({ length: rounds }, () => took(changed(cluster)));
  const again = Array.from({ length: rounds }, () => took(cluster));
  const text = report(cluster);
  process.stdout.write(
    `${JSON.parse(text).checks.length} findings, ${(text.length / 1024).toFixed(0)} KiB; first ${ms(anew[0])}, median ${ms(median(anew))} with all pods changed, ${ms(median(again))} with none\n`,
  );
  expect(anew[0]).toBeLessThan(100);
  expect(median(anew)).toBeLessThan(100);
});

function took(snapshot: ClusterSnapshot): number {
  const started = performance.now();
  report(snapshot);
  return performance.now() - started;
}

function report(snapshot: ClusterSnapshot): string {
  return JSON.stringify(checkJson(snapshot, makeReport(snapshot, {}, now), null), null, 2);
}

/** New slices with other objects in them, so that nothing worked out before can be used again. */
function changed(snapshot: ClusterSnapshot): ClusterSnapshot {
  const { pods } = snapshot;
  if (pods.value === null) throw new Error('no pods');
  return { ...snapshot, pods: { ...pods, value: new Map([...pods.value].map(([key, pod]) => [key, { ...pod }])) } };
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function ms(value: number | undefined): string {
  return `${(value ?? Number.NaN).toFixed(1)} ms`;
}
