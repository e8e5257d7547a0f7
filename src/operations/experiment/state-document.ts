import { at, isObject, list, number, text } from '../../kube/json.js';
import { loadLevels } from '../../prometheus/load-level.js';
import type {
  ExperimentMark,
  ExperimentSpec,
  ExperimentStage,
  ExperimentState,
  PhaseMeasures,
  PhaseRecord,
  PhaseSpec,
  WorkloadBefore,
} from '../../state/experiments.js';

/** An experiment's state as it is kept: JSON with a schemaVersion. */
export function stateDocument(state: ExperimentState): string {
  return `${JSON.stringify({ schemaVersion: version, ...state }, null, 1)}\n`;
}

/** Reads what was kept. The file is foreign: anybody may have written in it. A text says what is wrong. */
export function parseState(document: string): ExperimentState | string {
  let json: unknown;
  try {
    json = JSON.parse(document);
  } catch {
    return 'it is no JSON, or cut off';
  }
  if (at(json, 'schemaVersion') !== version) return 'it was written by another version';
  const spec = specOf(at(json, 'spec'));
  const phases = list(at(json, 'phases')).flatMap((phase) => recordOf(phase) ?? []);
  const workloads = list(at(json, 'workloads')).flatMap((workload) => beforeOf(workload) ?? []);
  const [status, outcome, stage] = [at(json, 'status'), at(json, 'outcome'), at(json, 'stage')];
  const [phase, stageAt, startedAt, seenAt] = ['phase', 'stageAt', 'startedAt', 'seenAt'].map((name) => number(at(json, name)));
  if (spec === null || phases.length !== spec.phases.length || workloads.length !== spec.workloads.length) return 'its experiment is not whole';
  if (
    !isStatus(status) ||
    !isStatus(outcome) ||
    outcome === 'running' ||
    !isStage(stage) ||
    phase == null ||
    stageAt == null ||
    startedAt == null ||
    seenAt == null
  )
    return 'fields are missing';
  return {
    spec,
    file: text(at(json, 'file')),
    context: text(at(json, 'context')) ?? '',
    status,
    outcome,
    stage,
    phase,
    stageAt,
    startedAt,
    endedAt: number(at(json, 'endedAt')),
    seenAt,
    workloads,
    phases,
    marks: list(at(json, 'marks')).flatMap((mark) => markOf(mark) ?? []),
    notes: list(at(json, 'notes')).flatMap((note) => {
      const when = number(at(note, 'at'));
      return when === null ? [] : [{ at: when, text: text(at(note, 'text')) ?? '' }];
    }),
    process: {
      host: text(at(json, 'process', 'host')) ?? '',
      pid: number(at(json, 'process', 'pid')) ?? 0,
      started: text(at(json, 'process', 'started')),
    },
    results: text(at(json, 'results')) ?? '',
    scaledBack: at(json, 'scaledBack') === true,
    why: text(at(json, 'why')),
  };
}

/** Raised when a field changes its meaning. */
const version = 1;

function specOf(json: unknown): ExperimentSpec | null {
  const [name, folder] = [text(at(json, 'name')), text(at(json, 'folder'))];
  const spans = ['warmUpMs', 'pauseMs', 'coolDownMs', 'readyMs', 'stepMs'].map((field) => number(at(json, field)));
  const [warmUpMs, pauseMs, coolDownMs, readyMs, stepMs] = spans;
  const phases = list(at(json, 'phases')).flatMap((phase) => phaseOf(phase) ?? []);
  const workloads = list(at(json, 'workloads')).flatMap((workload) => workloadOf(workload) ?? []);
  if (name === null || folder === null || phases.length === 0 || workloads.length === 0) return null;
  if (warmUpMs == null || pauseMs == null || coolDownMs == null || readyMs == null || stepMs == null) return null;
  return { name, workloads, phases, warmUpMs, pauseMs, coolDownMs, readyMs, allowFewer: at(json, 'allowFewer') === true, stepMs, folder };
}

function phaseOf(json: unknown): PhaseSpec | null {
  const [name, replicas, dwellMs] = [text(at(json, 'name')), number(at(json, 'replicas')), number(at(json, 'dwellMs'))];
  return name === null || replicas === null || dwellMs === null ? null : { name, replicas, dwellMs };
}

function workloadOf(json: unknown): ExperimentSpec['workloads'][number] | null {
  const [kind, namespace, name] = [at(json, 'kind'), text(at(json, 'namespace')), text(at(json, 'name'))];
  return (kind !== 'Deployment' && kind !== 'StatefulSet') || namespace === null || name === null ? null : { kind, namespace, name };
}

function beforeOf(json: unknown): WorkloadBefore | null {
  const workload = workloadOf(json);
  const [uid, replicas] = [text(at(json, 'uid')), number(at(json, 'replicas'))];
  return workload === null || uid === null || replicas === null ? null : { ...workload, uid, replicas };
}

function recordOf(json: unknown): PhaseRecord | null {
  const phase = phaseOf(json);
  if (phase === null) return null;
  return {
    ...phase,
    begunAt: number(at(json, 'begunAt')),
    readyAt: number(at(json, 'readyAt')),
    from: number(at(json, 'from')),
    to: number(at(json, 'to')),
    generations: list(at(json, 'generations')).flatMap((generation) => number(generation) ?? []),
    leastReady: number(at(json, 'leastReady')),
    gaps: list(at(json, 'gaps')).flatMap((gap) => {
      const [from, to] = [number(at(gap, 'from')), number(at(gap, 'to'))];
      return from === null || to === null ? [] : [{ from, to, why: text(at(gap, 'why')) ?? '' }];
    }),
    measured: isObject(at(json, 'measured')) ? measuresOf(at(json, 'measured')) : null,
  };
}

function measuresOf(json: unknown): PhaseMeasures {
  const figure = (name: string) => number(at(json, name));
  return {
    services: list(at(json, 'services')).flatMap((service) => {
      const id = text(at(service, 'id'));
      const own = (name: string) => number(at(service, name));
      return id === null ? [] : [{ id, p50: own('p50'), p95: own('p95'), p99: own('p99'), mean: own('mean'), requestsPerSecond: own('requestsPerSecond') }];
    }),
    load: loadLevels.find((level) => level === at(json, 'load')) ?? null,
    cpuPercent: figure('cpuPercent'),
    gpuPercent: figure('gpuPercent'),
    cpuPressurePercent: figure('cpuPressurePercent'),
    ioPressurePercent: figure('ioPressurePercent'),
    memoryPressurePercent: figure('memoryPressurePercent'),
  };
}

function markOf(json: unknown): ExperimentMark | null {
  const [when, what, phase, replicas] = [number(at(json, 'at')), at(json, 'what'), number(at(json, 'phase')), number(at(json, 'replicas'))];
  if (when === null || (what !== 'begin' && what !== 'end') || phase === null || replicas === null) return null;
  return {
    at: when,
    what,
    phase,
    replicas,
    text: text(at(json, 'text')) ?? '',
    services: list(at(json, 'services')).flatMap((service) => text(service) ?? []),
  };
}

function isStatus(value: unknown): value is ExperimentState['status'] {
  return value === 'running' || value === 'done' || value === 'failed' || value === 'stopped';
}

const stages: readonly ExperimentStage[] = ['scaling', 'warming-up', 'measuring', 'pausing', 'cooling-down', 'scaling-back', 'exporting', 'ended'];

function isStage(value: unknown): value is ExperimentStage {
  return stages.some((stage) => stage === value);
}
