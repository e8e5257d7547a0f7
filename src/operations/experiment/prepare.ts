import type { PrometheusClient } from '../../prometheus/client.js';
import { MonitoringError } from '../../prometheus/monitoring-error.js';
import type { ExperimentPlan, ExperimentSpec, ExperimentState, WorkloadBefore } from '../../state/experiments.js';
import type { ScaleForecast } from '../../state/scaling.js';
import { bytes } from '../../text/amount.js';
import { clean } from '../../text/clean.js';
import { counted, listed } from '../../text/wording.js';
import { forbidden, workloadPlace } from '../cluster-reading.js';
import type { World } from '../operation.js';
import { forecastScaling } from '../scale/forecast.js';
import { readScaleBasis, type ScaleBasis } from '../scale/scale-basis.js';
import { scalePatch } from '../scale/scale-patch.js';
import { workloadWords } from './bench.js';
import { heldBy, lockHolder } from './lock.js';
import { measuresLatency, scrapeInterval } from './measures.js';
import type { ExperimentFiles } from './state-file.js';

export interface PrepareOptions {
  readonly world: World;
  /** A Prometheus that answers, or why there is none. */
  readonly prometheus: PrometheusClient | string;
  readonly files: ExperimentFiles;
  readonly readOnly: boolean;
  /** Bytes free where the results go; rejects with a sentence where nothing can be written. */
  readonly roomFor: (folder: string) => Promise<number>;
  readonly file: string | null;
}

/** What an experiment would do from the start, with all that stands in its way. Reads only. Rejects with a sentence where a workload is not there or cannot be read. */
export async function prepareExperiment(
  spec: ExperimentSpec,
  options: PrepareOptions,
): Promise<{ readonly plan: ExperimentPlan; readonly workloads: readonly WorkloadBefore[] }> {
  const { world, prometheus, files, readOnly, roomFor, file } = options;
  const basis = await readScaleBasis(world, spec.workloads);
  const phases = timed(spec).map((phase) => ({ ...phase, forecast: forecastOf(basis, phase.replicas) }));
  const dataBytes = spec.phases.reduce((sum, { dwellMs }) => sum + Math.ceil(dwellMs / spec.stepMs) * (60 + 12 * (6 + 4 * spec.workloads.length)), 4_096);
  const [rights, refusal, measuring, room, others] = await Promise.all([
    forbidden(world, ...spec.workloads.map((workload) => scaleRight(workload))),
    rehearsed(world, basis, spec),
    measurable(prometheus, spec),
    roomIn(spec.folder, roomFor, dataBytes),
    otherExperiments(files, world.context, spec),
  ]);
  const plan: ExperimentPlan = {
    spec,
    context: world.context,
    file,
    before: basis.workloads.map(({ replicas }) => replicas),
    phases,
    totalMs: (phases.at(-1)?.to ?? 0) + spec.coolDownMs,
    dataBytes,
    warnings: [...measuring.warnings, ...(spec.allowFewer ? shortages(phases) : []), ...unforeseen(basis, spec)],
    blockers: [
      ...(readOnly ? ['this session is read-only: nothing is changed from here'] : []),
      ...rights,
      ...others,
      ...autoscaled(basis),
      ...(spec.allowFewer ? [] : shortages(phases)),
      ...refusal,
      ...measuring.blockers,
      ...room,
    ],
    resumesIn: null,
  };
  return { plan, workloads: spec.workloads.map((workload, index) => ({ ...workload, uid: uidIn(basis, index), replicas: plan.before[index] ?? 0 })) };
}

/** The plan of going on with what broke off: the phases that are left. */
export function resumedPlan(state: ExperimentState, context: string): ExperimentPlan {
  const { spec, file, workloads, phase } = state;
  const phases = timed(spec).map((each) => ({ ...each, forecast: null }));
  const before = workloads.map(({ replicas }) => replicas);
  const [first] = phases.slice(phase);
  const totalMs = (phases.at(-1)?.to ?? 0) + spec.coolDownMs - (first?.from ?? 0);
  return { spec, context, file, before, phases, totalMs, dataBytes: 0, warnings: [], blockers: [], resumesIn: phase };
}

function timed({ phases, warmUpMs, pauseMs }: ExperimentSpec) {
  let at = 0;
  return phases.map((phase, index) => {
    const from = at + (index === 0 ? 0 : pauseMs) + warmUpMs;
    at = from + phase.dwellMs;
    return { ...phase, from, to: at };
  });
}

function uidIn({ workloads }: ScaleBasis, index: number): string {
  return workloads[index]?.uid ?? '';
}

function scaleRight({ kind, namespace, name }: ExperimentSpec['workloads'][number]) {
  return { verb: 'patch', resource: `${workloadPlace(kind, namespace, name).resource}/scale`, namespace };
}

function forecastOf(basis: ScaleBasis, replicas: number): ExperimentPlan['phases'][number]['forecast'] {
  const forecasts = forecastScaling(
    basis,
    basis.workloads.map(() => replicas),
  );
  if (forecasts.some(({ ready }) => ready === null)) return null;
  const ready = forecasts.reduce((sum, forecast) => sum + (forecast.ready ?? 0), 0);
  const why = forecasts.flatMap(shortageIn);
  return { ready, wanted: replicas * basis.workloads.length, why: why.length === 0 ? null : why.join('; ') };
}

function shortageIn({ pending, pendingWhy, notCreated, notCreatedWhy, failing, failingWhy }: ScaleForecast): readonly string[] {
  return [
    ...(pending > 0 ? [`${pending} stay Pending: ${pendingWhy ?? 'no node takes them'}`] : []),
    ...(notCreated > 0 ? [`${notCreated} would not be created: ${notCreatedWhy ?? 'a quota'}`] : []),
    ...(failing > 0 ? [`${failing} do not become ready: ${failingWhy ?? 'unknown why'}`] : []),
  ];
}

function shortages(phases: ExperimentPlan['phases']): readonly string[] {
  return phases.flatMap(({ replicas, forecast }, index) =>
    forecast === null || forecast.ready >= forecast.wanted
      ? []
      : [`phase ${index + 1} (${counted(replicas, 'replica')}): only ${forecast.ready} of ${forecast.wanted} would run; ${forecast.why ?? ''}`],
  );
}

function unforeseen(basis: ScaleBasis, spec: ExperimentSpec): readonly string[] {
  const [first] = forecastScaling(
    basis,
    basis.workloads.map(() => Math.max(...spec.phases.map(({ replicas }) => replicas))),
  );
  return first?.unknown == null ? [] : [`whether all replicas find a place cannot be foretold: ${first.unknown}`];
}

function autoscaled({ workloads }: ScaleBasis): readonly string[] {
  return workloads.flatMap(({ place, autoscalers }) =>
    autoscalers.map(
      ({ kind, namespace, name, least, most }) =>
        `${kind} ${namespace}/${name} keeps ${place.words} at ${least} to ${most}: it would undo each phase; remove it, or pause it, first`,
    ),
  );
}

/** What the server would say to the largest phase, webhooks included. */
async function rehearsed(world: World, { workloads }: ScaleBasis, { phases }: ExperimentSpec): Promise<readonly string[]> {
  const most = Math.max(...phases.map(({ replicas }) => replicas));
  const said = await Promise.all(workloads.map((workload) => scalePatch(world, workload, most).rehearse().catch(sentence)));
  return said.flatMap((why, index) => (why === null ? [] : [`${workloads[index]?.place.words} cannot be scaled to ${most}: ${why}`]));
}

async function measurable(
  prometheus: PrometheusClient | string,
  spec: ExperimentSpec,
): Promise<{ readonly warnings: readonly string[]; readonly blockers: readonly string[] }> {
  if (typeof prometheus === 'string') return { warnings: [], blockers: [`nothing would measure it: ${prometheus}`] };
  try {
    const [now, interval] = await Promise.all([prometheus.now(), scrapeInterval(prometheus)]);
    const measured = await measuresLatency(prometheus, spec.workloads, { from: now - 15 * 60_000, to: now });
    const silent = spec.workloads.filter((workload) => !measured.has(`${workload.namespace}/${workload.name}`)).map(workloadWords);
    const shortest = Math.min(...spec.phases.map(({ dwellMs }) => dwellMs));
    return {
      blockers: [],
      warnings: [
        ...(silent.length === 0 ? [] : [`${listed(silent)} has not told Prometheus of any latency in the last 15 min: there may be none in the data`]),
        ...(shortest < 4 * interval
          ? [
              `Prometheus looks every ${interval / 1000} s: a phase of ${shortest / 1000} s is told by ${Math.floor(shortest / interval)} or ${Math.ceil(shortest / interval)} looks`,
            ]
          : []),
        ...(spec.warmUpMs < interval
          ? [`the warm-up is shorter than the ${interval / 1000} s between two looks of Prometheus: the first figures of a phase still tell of its scaling`]
          : []),
      ],
    };
  } catch (error) {
    if (!(error instanceof MonitoringError)) throw error;
    return { warnings: [], blockers: [`nothing would measure it: ${error.message}`] };
  }
}

async function roomIn(folder: string, roomFor: PrepareOptions['roomFor'], needed: number): Promise<readonly string[]> {
  try {
    const free = await roomFor(folder);
    return free < 4 * needed + leastFreeBytes
      ? [`the data takes about ${bytes(needed)} and ${bytes(free)} are free where ${clean(folder, 200)} lies: choose another folder`]
      : [];
  } catch (error) {
    return [`the data cannot be written: ${sentence(error)}`];
  }
}

async function otherExperiments(files: ExperimentFiles, context: string, { name, workloads }: ExperimentSpec): Promise<readonly string[]> {
  const holder = await lockHolder(files.folder, context);
  if (holder !== null) return [heldBy(holder, context)];
  const left = (await files.readAll()).filter((state) => state.status === 'running' && state.context === context && state.spec.name !== name);
  const shared = left.filter((state) => state.workloads.some((one) => workloads.some((other) => workloadWords(one) === workloadWords(other))));
  return shared.map(
    ({ spec }) => `experiment ${spec.name} broke off with the same workload: run it again or stop it first (gpuk8s-tui experiment stop ${spec.name})`,
  );
}

function sentence(error: unknown): string {
  return clean(error instanceof Error ? error.message : String(error), 300);
}

/** So that writing the data never fills a disk up. */
const leastFreeBytes = 16 * 2 ** 20;
