import { dirname, resolve } from 'node:path';
import { dump, load, YAMLException } from 'js-yaml';
import { isObject } from '../../kube/json.js';
import type { ExperimentSpec, ExperimentWorkload, PhaseSpec } from '../../state/experiments.js';
import { parseDuration } from '../../text/age.js';
import { clean } from '../../text/clean.js';
import { closest } from '../../text/closest.js';

/** The guides' procedure. */
export const standardPhases: readonly PhaseSpec[] = [
  { name: 'Baseline', replicas: 1, dwellMs: 3_600_000 },
  { name: 'Modest', replicas: 3, dwellMs: 3_600_000 },
  { name: 'High', replicas: 8, dwellMs: 3_600_000 },
];

const standards = { warmUpMs: 300_000, pauseMs: 0, coolDownMs: 60_000, readyMs: 600_000, allowFewer: false, stepMs: 15_000, phases: standardPhases } as const;

/** An experiment of one workload as the guides do it; results go into a folder `results` of `baseDir`. */
export function standardExperiment(workload: ExperimentWorkload, baseDir: string): ExperimentSpec {
  return { ...standards, name: `${workload.name}-replicas`, workloads: [workload], folder: resolve(baseDir, 'results') };
}

/** Reads an experiment's file (see assets/experiments/replicas.yaml). Throws an Error of one sentence that names the file, the place in it and what is wrong. */
export function parseExperiment(file: string, text: string): ExperimentSpec {
  const fields = new Fields(documentOf(file, text), '', clean(file));
  const [name, workloads] = [fields.text('name'), fields.list('workloads')];
  if (name === null) throw fields.error('"name" is missing: words in lower case with hyphens between them');
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
    throw fields.error('"name" should be words in lower case with hyphens between them, at most 63 letters');
  if (workloads === null || workloads.length === 0) throw fields.error('"workloads" is missing: a list such as [deployment/ai/resnet50-inference]');
  const phases = fields.list('phases')?.map((phase, index) => phaseOf(new Fields(phase, `phases[${index}]`, fields.file), index)) ?? standardPhases;
  if (phases.length === 0) throw fields.error('"phases" is empty: leave it out for 1, 3 and 8 replicas with an hour each');
  const data = new Fields(fields.value('data') ?? {}, 'data', fields.file);
  const spec: ExperimentSpec = {
    name,
    workloads: workloads.map((entry, index) => workloadOf(entry, `workloads[${index}]`, fields)),
    phases,
    warmUpMs: fields.span('warmUp', 0) ?? standards.warmUpMs,
    pauseMs: fields.span('pause', 0) ?? standards.pauseMs,
    coolDownMs: fields.span('coolDown', 0) ?? standards.coolDownMs,
    readyMs: fields.span('ready', 1000) ?? standards.readyMs,
    allowFewer: fields.flag('allowFewer') ?? standards.allowFewer,
    stepMs: data.span('step', 1000) ?? standards.stepMs,
    folder: resolve(dirname(resolve(file)), data.text('folder') ?? 'results'),
  };
  const names = spec.workloads.map((workload) => JSON.stringify(workload));
  if (new Set(names).size < names.length) throw fields.error('"workloads" names the same workload twice');
  data.refuseOthers();
  fields.refuseOthers();
  return spec;
}

/** The file that says so; `parseExperiment` reads the same from it. */
export function experimentText({ name, workloads, phases, warmUpMs, pauseMs, coolDownMs, readyMs, allowFewer, stepMs, folder }: ExperimentSpec): string {
  return dump({
    name,
    workloads: workloads.map((workload) => `${workload.kind.toLowerCase()}/${workload.namespace}/${workload.name}`),
    phases: phases.map((phase) => ({ name: phase.name, replicas: phase.replicas, dwell: `${phase.dwellMs}ms` })),
    warmUp: `${warmUpMs}ms`,
    pause: `${pauseMs}ms`,
    coolDown: `${coolDownMs}ms`,
    ready: `${readyMs}ms`,
    allowFewer,
    data: { step: `${stepMs}ms`, folder },
  });
}

function documentOf(file: string, text: string): unknown {
  try {
    const document = load(text);
    if (isObject(document)) return document;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const place = error.mark === undefined ? '' : ` line ${error.mark.line + 1}, column ${error.mark.column + 1}:`;
    throw new Error(`${clean(file)}:${place} ${clean(error.reason ?? error.message, 200)}`);
  }
  throw new Error(`${clean(file)} describes no experiment: it should hold fields such as name, workloads and phases`);
}

function phaseOf(fields: Fields, index: number): PhaseSpec {
  const replicas = fields.value('replicas');
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0 || replicas > mostReplicas)
    throw fields.error(`"replicas" should be a whole number from 0 to ${mostReplicas}`);
  const standard = standardPhases[index];
  const phase = {
    name: fields.text('name') ?? (standard?.replicas === replicas ? standard.name : `Phase ${index + 1}`),
    replicas,
    dwellMs: fields.span('dwell', 1000) ?? 3_600_000,
  };
  fields.refuseOthers();
  return phase;
}

/** `deployment/ai/resnet50-inference`, or its three parts as fields. */
function workloadOf(entry: unknown, place: string, { file }: Fields): ExperimentWorkload {
  const fields = isObject(entry) ? new Fields(entry, place, file) : null;
  const parts = fields === null ? (typeof entry === 'string' ? entry.split('/') : []) : ['kind', 'namespace', 'name'].map((field) => fields.text(field) ?? '');
  fields?.refuseOthers();
  const [word = '', namespace = '', name = ''] = parts;
  const kind = kinds.get(word.toLowerCase());
  if (kind === undefined || parts.length !== 3 || !dnsName.test(namespace) || !dnsName.test(name))
    throw new Error(`${file}: ${place} should be a deployment or statefulset, as in deployment/ai/resnet50-inference`);
  return { kind, namespace, name };
}

const kinds: ReadonlyMap<string, ExperimentWorkload['kind']> = new Map([
  ['deployment', 'Deployment'],
  ['deploy', 'Deployment'],
  ['deployments', 'Deployment'],
  ['statefulset', 'StatefulSet'],
  ['sts', 'StatefulSet'],
  ['statefulsets', 'StatefulSet'],
]);
const dnsName = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const mostReplicas = 1000;

/** The fields of one mapping; what nobody asked for is a typing mistake. */
class Fields {
  readonly file: string;
  readonly #place: string;
  readonly #entry: Readonly<Record<string, unknown>>;
  readonly #known = new Set<string>();

  constructor(entry: unknown, place: string, file: string) {
    this.file = file;
    this.#place = place;
    if (!isObject(entry)) throw this.error('should hold fields');
    this.#entry = entry;
  }

  value(name: string): unknown {
    this.#known.add(name);
    return this.#entry[name] ?? undefined;
  }

  text(name: string): string | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (typeof value !== 'string' || value.trim() === '') throw this.error(`"${name}" should be a text`);
    return clean(value.trim(), 200);
  }

  list(name: string): readonly unknown[] | null {
    const value = this.value(name);
    if (value !== undefined && !Array.isArray(value)) throw this.error(`"${name}" should be a list`);
    return value ?? null;
  }

  flag(name: string): boolean | null {
    const value = this.value(name);
    if (value !== undefined && typeof value !== 'boolean') throw this.error(`"${name}" should be true or false`);
    return value ?? null;
  }

  /** ms */
  span(name: string, least: number): number | null {
    const value = this.value(name);
    if (value === undefined) return null;
    const ms = value === 0 ? 0 : typeof value === 'string' ? parseDuration(value) : null;
    if (ms === null || ms < least || ms > mostMs)
      throw this.error(`"${name}" should be a duration such as 90s, 5m or 1h${least > 0 ? `, ${least / 1000}s or more` : ''}`);
    return ms;
  }

  refuseOthers(): void {
    const stranger = Object.keys(this.#entry).find((name) => !this.#known.has(name));
    if (stranger === undefined) return;
    const meant = closest(stranger, [...this.#known]);
    throw this.error(`there is no field "${clean(stranger, 60)}"${meant === null ? `: there are ${[...this.#known].join(', ')}` : `, did you mean ${meant}?`}`);
  }

  error(what: string): Error {
    return new Error(`${this.file}: ${this.#place === '' ? '' : `${this.#place}: `}${what}`);
  }
}

/** Node's timers end at 24 days; nobody watches an experiment for a month. */
const mostMs = 20 * 86_400_000;
