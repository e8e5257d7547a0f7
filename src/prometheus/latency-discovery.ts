import type { ClusterSnapshot } from '../state/snapshot.js';
import { listed } from '../text/wording.js';
import { matchersOf, type PodOwners, serviceOf, withService, workloadByName } from './latency-labels.js';
import { groupedBy, sampleNames, shapeExpr } from './latency-queries.js';
import type { LatencyStack } from './latency-stacks.js';
import type { Queries } from './queries.js';
import { numberIn } from './query-answers.js';
import { select } from './serving-stacks.js';

/** A service that measures itself, or one model of it where it serves several. */
export interface Measured {
  readonly id: string;
  readonly namespace: string;
  /** Of the workload, else what it calls itself. */
  readonly name: string;
  readonly stack: LatencyStack;
  /** As in the answers to the stack's questions: the values of the labels they are grouped by. */
  readonly key: string;
  readonly measure: 'quantiles' | 'mean';
  /** Whether its histogram is a native one. */
  readonly native: boolean;
  /** Label matchers for questions about it alone. */
  readonly matchers: string;
  readonly pods: ReadonlySet<string>;
  readonly jobs: ReadonlySet<string>;
  /** What is wrong with its histogram; null when nothing is. `unusable` when no quantile can be had from it. */
  readonly flaw: { readonly text: string; readonly unusable: boolean } | null;
}

export interface Discovery {
  readonly services: readonly Measured[];
  readonly owners: PodOwners;
  /** Ids of the stacks that have native histograms. */
  readonly native: ReadonlySet<string>;
}

/** Looks for services that have measured themselves within the last hours before `now` (Prometheus' clock). Rejects with MonitoringError. */
export async function discoverLatency(
  queries: Queries,
  {
    stacks,
    snapshot,
    now,
    signal,
  }: { readonly stacks: readonly LatencyStack[]; readonly snapshot: ClusterSnapshot; readonly now: number; readonly signal: AbortSignal },
): Promise<Discovery> {
  const selectors = stacks.flatMap((stack) => sampleNames(stack).map((name) => selectorFor(stack, name)));
  const { value: series } = await queries.series(selectors, { startAt: now - lookedBackMs, endAt: now, signal, timeoutMs: 15_000 });
  const owners = ownersOf(series, snapshot);
  const found = new Map<string, Found>();
  for (const labels of series) note(found, labels, stacks, owners);
  const services = named([...found.values()].sort((a, b) => stacks.indexOf(a.stack) - stacks.indexOf(b.stack)));
  const flaws = await flawsIn(queries, [...new Set(services.map(({ stack }) => stack))], owners, signal);
  const native = new Set(services.flatMap((service) => (service.native ? [service.stack.id] : [])));
  return {
    owners,
    native,
    services: services.map((service) => ({ ...service, flaw: flaws.get(`${service.stack.id} ${service.namespace}/${service.name}`) ?? null })),
  };
}

/** The values of the labels that answers are grouped by, as one text. */
export function keyOf(labels: ReadonlyMap<string, string>, stack: LatencyStack): string {
  return JSON.stringify(groupedBy(stack).map((label) => labels.get(label) ?? ''));
}

type Found = Omit<Measured, 'id' | 'flaw' | 'pods' | 'jobs'> & { readonly model: string; readonly pods: Set<string>; readonly jobs: Set<string> };

function note(found: Map<string, Found>, labels: ReadonlyMap<string, string>, stacks: readonly LatencyStack[], owners: PodOwners): void {
  const series = labels.get('__name__') ?? '';
  const service = serviceOf(labels, owners);
  const { namespace, name, pod } = service;
  if (name === '') return;
  for (const stack of stacks) {
    if (!sampleNames(stack).includes(series) || !fits(stack.matchers, labels)) continue;
    const models = stack.labels.map((label) => labels.get(label) ?? '');
    const key = JSON.stringify([namespace, name, ...models]);
    const measure = series === stack.mean?.time ? 'mean' : 'quantiles';
    const known = found.get(`${stack.id} ${key}`);
    const one = known ?? {
      namespace,
      name,
      stack,
      key,
      measure,
      native: series === stack.histogram?.name,
      matchers: matchersOf(labels, service),
      model: models.filter((model) => model !== '').join('/'),
      pods: new Set(),
      jobs: new Set(),
    };
    if (pod !== null) one.pods.add(pod);
    one.jobs.add(labels.get('job') ?? '');
    // Replicas that are scraped in different ways have no matchers in common.
    const matchers = one.matchers === matchersOf(labels, service) ? one.matchers : '';
    found.set(`${stack.id} ${key}`, {
      ...one,
      matchers,
      native: one.native || series === stack.histogram?.name,
      measure: one.measure === 'mean' ? measure : one.measure,
    });
  }
}

/** Of the ways in which a service measures itself the first; with the model in its name where it has several. */
function named(found: readonly Found[]): readonly Omit<Measured, 'flaw'>[] {
  const first = new Map<string, LatencyStack>();
  for (const { namespace, name, stack } of found) if (!first.has(`${namespace}/${name}`)) first.set(`${namespace}/${name}`, stack);
  const counted = found.filter(({ namespace, name, stack }) => first.get(`${namespace}/${name}`) === stack);
  return counted
    .map(({ model, ...one }) => {
      const isAlone = counted.filter(({ namespace, name }) => namespace === one.namespace && name === one.name).length === 1;
      const id = `${one.namespace === '' ? '' : `${one.namespace}/`}${one.name}`;
      return { ...one, id: isAlone || model === '' ? id : `${id}:${model}` };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function selectorFor({ histogram, matchers }: LatencyStack, name: string): string {
  // The bare name of a histogram has series of its own only where it is a native one.
  return select(name, [matchers, name === histogram?.name ? 'quantile=""' : '']);
}

/** Whether a series has the labels that some matchers (without braces) want: several stacks may use one name. */
export function fits(matchers: string, labels: ReadonlyMap<string, string>): boolean {
  return [...matchers.matchAll(matcherForm)].every(([, label = '', operator = '', quoted = '']) => {
    const value = labels.get(label) ?? '';
    const wanted = quoted.replace(/\\(.)/g, (_, mark: string) => (mark === 'n' ? '\n' : mark));
    if (operator === '=') return value === wanted;
    if (operator === '!=') return value !== wanted;
    return matches(value, wanted) === (operator === '=~');
  });
}

const matcherForm = /([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g;

function matches(value: string, pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 's').test(value);
  } catch {
    // Prometheus has understood it: what came back is what it meant.
    return true;
  }
}

/** What the cluster knows better than the shape of a pod's name. */
function ownersOf(series: readonly ReadonlyMap<string, string>[], { pods }: ClusterSnapshot): PodOwners {
  const owners = new Map<string, Set<string>>();
  for (const labels of series) {
    const { namespace, pod } = serviceOf(labels, new Map());
    const owner = pod === null ? null : (pods.value?.get(`${namespace}/${pod}`)?.owner ?? null);
    if (pod === null || owner === null) continue;
    const workload = owner.kind === 'ReplicaSet' ? owner.name.replace(/-[a-z0-9]+$/, '') : owner.name;
    if (workload !== workloadByName(pod)) owners.set(workload, (owners.get(workload) ?? new Set()).add(pod));
  }
  return new Map([...owners].slice(0, mostOwners).map(([workload, own]) => [workload, [...own].sort()]));
}

async function flawsIn(
  queries: Queries,
  stacks: readonly LatencyStack[],
  owners: PodOwners,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, NonNullable<Measured['flaw']>>> {
  const flaws = new Map<string, NonNullable<Measured['flaw']>>();
  await Promise.all(
    stacks.map(async (stack) => {
      const expr = shapeExpr(stack, withService(owners));
      if (expr === null) return;
      const { value } = await queries.query(expr, { signal });
      const shapes = new Map<string, Map<number, number>>();
      for (const { labels, value: count } of value) {
        const id = `${stack.id} ${labels.get('svc_ns') ?? ''}/${labels.get('svc_name') ?? ''}`;
        const shape = shapes.get(id) ?? new Map<number, number>();
        const bound = boundIn(labels.get('le'));
        if (bound !== null) shapes.set(id, shape.set(bound, (shape.get(bound) ?? 0) + (count ?? 0)));
      }
      for (const [id, shape] of shapes) {
        const flaw = flawIn(shape);
        if (flaw !== null) flaws.set(id, flaw);
      }
    }),
  );
  return flaws;
}

/** What is wrong with a histogram whose buckets are there so many times each; null when nothing is. */
export function flawIn(shape: ReadonlyMap<number, number>): Measured['flaw'] {
  const most = Math.max(...shape.values());
  if (!shape.has(Number.POSITIVE_INFINITY)) return { unusable: true, text: 'its histogram has no bucket le="+Inf": no quantile can be told from it' };
  const partial = [...shape].filter(([, count]) => count < most).map(([bound]) => bound);
  if (partial.length === 0) return null;
  const bounds = listed(partial.sort((a, b) => a - b).map((bound) => String(bound)));
  return {
    unusable: false,
    text: `its replicas have different buckets (not all have ${bounds}): quantiles are only as good as Prometheus makes them by evening out the sums`,
  };
}

export function boundIn(le: string | undefined): number | null {
  if (le === '+Inf' || le === 'Inf') return Number.POSITIVE_INFINITY;
  return numberIn(le);
}

/** A service whose last replica went in the night is still worth a row in the morning. */
const lookedBackMs = 6 * 3_600_000;
/** Beyond this the question would grow too long. */
const mostOwners = 40;
