import { type Slice, whyMissing } from '../../../src/state/freshness.js';
import type { Latency, LatencyService } from '../../../src/state/latency.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { type Line, line } from '../../../src/text/line.js';
import { seconds } from '../../../src/text/seconds.js';
import { fit } from '../../../src/text/width.js';
import { dimmed, freshnessNote } from '../../widgets/freshness-note.js';
import { objectiveOf, rateText, serviceSign, trendSpark } from '../latency/service-columns.js';
import { atMost, type PanelContent } from './panel-content.js';

/** How fast the services answer: p95 now and its last half hour, a row for each, those in trouble first. */
export function latencyPanel({ latency }: ClusterSnapshot, now: number, width: number, room: number): PanelContent {
  const right = freshnessNote(latency.freshness, now);
  const frame = { title: 'Latency p95, last 30 min', right };
  if (latency.value === null) return { frame, lines: [line(['dim', whyMissing(latency) ?? ''])] };
  const lines = latencyLines(latency.value, width);
  return { frame, lines: atMost(latency.freshness.status === 'stale' ? lines.map(dimmed) : lines, room, '5 shows all') };
}

/** Whether there is anything to show: a cluster whose services do not measure themselves has no panel for it. */
export function hasLatency({ value }: Slice<Latency>): boolean {
  return value !== null && value.services.length > 0;
}

/** `resnet50     ▁▁▂▂▁▂▃▃▂▁▂▅▇█▆▅   38 ms   212 req/s` */
export function latencyLines({ services }: Latency, width: number): readonly Line[] {
  const sorted = [...services].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  const names = Math.min(22, Math.floor(width * 0.34), Math.max(0, ...sorted.map(({ name }) => shortName(name).length)));
  const withRate = width >= 46;
  const trend = Math.max(6, width - names - 2 - 10 - (withRate ? 14 : 0) - 1);
  return sorted.map((service) => {
    const head = line(serviceSign(service), ' ', fit(shortName(service.name), names), ' ');
    if (service.why !== null) return line(head, ['warn', service.why]);
    const { p95, mean, measure, requestsPerSecond } = service;
    const value = measure === 'mean' ? mean : p95;
    const tone = objectiveOf(service) === 'broken' ? 'bad' : 'accent';
    const shown = value === null ? '–' : `${measure === 'mean' ? 'mean ' : ''}${seconds(value)}`;
    return line(
      head,
      [tone, trendSpark(service.trend.values, trend)],
      [tone === 'bad' ? 'bad' : 'strong', fit(shown, 9, 'left')],
      withRate ? ['dim', fit(requestsPerSecond === null ? '' : `${rateText(requestsPerSecond)} req/s`, 14, 'left')] : '',
    );
  });
}

function rank(service: LatencyService): number {
  if (objectiveOf(service) === 'broken') return 0;
  return service.why === null ? 2 : 1;
}

/** What every inference service is called anyway says nothing. */
function shortName(name: string): string {
  const short = name.replace(/-inference$/, '');
  return short === '' ? name : short;
}
