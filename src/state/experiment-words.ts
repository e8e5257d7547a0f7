import { duration } from '../text/age.js';
import type { ExperimentState, PhaseRecord, ServiceMeasures } from './experiments.js';

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

/** `, 12m left` of the stage; nothing where that is not known. */
export function leftText({ stage, stageAt, phase, phases, spec }: ExperimentState, now: number): string {
  const { from = null, dwellMs = 0 } = phases[phase] ?? {};
  const end = {
    'warming-up': stageAt + spec.warmUpMs,
    measuring: (from ?? stageAt) + dwellMs,
    pausing: stageAt + spec.pauseMs,
    'cooling-down': stageAt + spec.coolDownMs,
  };
  const at = stage === 'warming-up' || stage === 'measuring' || stage === 'pausing' || stage === 'cooling-down' ? end[stage] : null;
  return at === null ? '' : `, ${duration(at - now)} left`;
}

/** What an experiment does, in the middle of a sentence. */
export const stageWords: Readonly<Record<ExperimentState['stage'], string>> = {
  scaling: 'waiting for replicas',
  'warming-up': 'warming up',
  measuring: 'measuring',
  pausing: 'pausing',
  'cooling-down': 'cooling down',
  'scaling-back': 'putting the replicas back',
  exporting: 'writing the data',
  ended: 'ended',
};
