import type { PhaseRecord, ServiceMeasures } from '../../state/experiments.js';

/** What a phase came to, in a few words: `p95 38 ms, 212 req/s, load Modest`; null where it was not measured. */
export function figuresOf(phase: PhaseRecord | undefined): string | null {
  const measured = phase?.measured ?? null;
  if (measured === null) return null;
  const [service] = measured.services;
  const parts = [
    ...(service === undefined ? [] : [latencyWords(service), rateText(service.requestsPerSecond)]),
    ...(measured.load === null ? [] : [`load ${measured.load}`]),
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'nothing was measured' : parts.join(', ');
}

function latencyWords({ p95, mean }: ServiceMeasures): string | null {
  if (p95 !== null) return `p95 ${secondsText(p95)}`;
  return mean === null ? null : `mean ${secondsText(mean)}`;
}

/** `38 ms`, `1.25 s` */
export function secondsText(seconds: number): string {
  if (seconds >= 0.9995) return `${Number(seconds.toPrecision(3))} s`;
  return `${Number((seconds * 1000).toPrecision(3))} ms`;
}

function rateText(perSecond: number | null): string | null {
  return perSecond === null ? null : `${Number(perSecond.toPrecision(3))} req/s`;
}
