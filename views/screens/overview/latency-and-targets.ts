import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { fitLine, type Line, line } from '../../../src/text/line.js';
import { dimmed } from '../../widgets/freshness-note.js';
import { latencyLines } from './latency.js';
import { monitoringLines } from './monitoring.js';
import { atMost, type PanelContent } from './panel-content.js';

/** Latency at the left and what the monitoring says at the right, in one panel, where there is no room for two. */
export function latencyAndTargets(snapshot: ClusterSnapshot, now: number, width: number, room: number): PanelContent {
  const { latency } = snapshot;
  const right = Math.min(32, Math.floor(width * 0.42));
  const left = width - right - 3;
  const services = latency.value === null ? [] : latencyLines(latency.value, left);
  const shown = atMost(latency.freshness.status === 'stale' ? services.map(dimmed) : services, room, '5');
  const watched = atMost(monitoringLines(snapshot, now), room, '4');
  const rows = Math.max(shown.length, watched.length);
  return {
    frame: { title: 'Latency p95 · targets' },
    lines: Array.from({ length: rows }, (_, index): Line => line(fitLine(shown[index] ?? [], left), '   ', watched[index] ?? [])),
  };
}
