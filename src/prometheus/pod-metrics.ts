import type { KubeClient } from '../kube/client.js';
import { eachAtOnce } from '../kube/each-at-once.js';
import { KubeError } from '../kube/kube-error.js';
import type { LatencyService } from '../state/latency.js';
import type { Pod } from '../state/pods.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { parseExposition, type Sample } from '../text/exposition.js';
import { counted } from '../text/wording.js';
import type { LatencyLook } from './latency-prometheus.js';
import { type LatencySlos, latencyRow } from './latency-rows.js';
import type { LatencyStack } from './latency-stacks.js';
import { createPodFinder, mostPods, type PodTarget } from './pod-metrics-pods.js';
import { flawOf, groupsIn, readingOf } from './pod-metrics-reading.js';
import { createPodSamples, type PodSamples } from './pod-metrics-samples.js';
import { createPodTrend, type PodTrend } from './pod-metrics-trend.js';

/** Latency as the pods' own pages of metrics tell it, read through the API server's pod proxy. */
export interface LatencyFromPods {
  /** Reads each page once. Rates take two readings. Rejects with KubeError where no pod may be looked at. */
  read(snapshot: ClusterSnapshot, options: PodReadOptions): Promise<PodLook>;
  /** What was read of a service in this visit; null for one that is not read this way. */
  trendOf(id: string): PodTrend | null;
  /** Forgets which pods could not be read. */
  refresh(): void;
}

export interface PodReadOptions {
  /** Workloads (`namespace/name`) that Prometheus reads. */
  readonly covered: ReadonlySet<string>;
  /** There is no Prometheus. */
  readonly alone: boolean;
  /** Until the next reading, ms: what is older than two and a half of these says nothing of now. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

export interface PodLook extends LatencyLook {
  /** How many pods were read. */
  readonly pods: number;
  /** Whether everything that answers was read twice, so that there are rates. */
  readonly settled: boolean;
}

const longestPauseMs = 600_000;

export function latencyFromPods(client: KubeClient, stacks: readonly LatencyStack[], slos: LatencySlos, now: () => number = Date.now): LatencyFromPods {
  const finder = createPodFinder(client);
  const wanted = metricNames(stacks);
  const kept = new Map<string, KeptPod>();
  const trends = new Map<string, PodTrend>();

  async function scrape({ pod, workload, path }: PodTarget, signal: AbortSignal): Promise<void> {
    const known = kept.get(pod.uid) ?? {
      workload: `${pod.namespace}/${workload}`,
      name: workload,
      namespace: pod.namespace,
      pod: pod.name,
      samples: createPodSamples(),
      failures: 0,
      retryAt: 0,
      why: null,
    };
    kept.set(pod.uid, known);
    // Further off than any pause: the clock was set back.
    if (known.retryAt > now() && known.retryAt - now() <= longestPauseMs) return;
    try {
      const at = now();
      const { body } = await client.request(path, { accept: 'text/plain;version=0.0.4,text/plain;q=0.5', timeoutMs: 4_000, signal });
      const samples = typeof body === 'string' ? parseExposition(body) : [];
      const own = samples.filter(({ name }) => wanted.has(name)).map((sample) => placed(sample, pod));
      if (own.length > 0 || known.samples.readAt(at) !== null) known.samples.add(at, own);
      // A pod that measures something else (a notebook, a training) is asked again once in a while.
      const retryAt = own.length > 0 ? 0 : at + 60_000;
      Object.assign(known, { failures: 0, retryAt, why: null });
    } catch (caught) {
      const error = KubeError.from(caught);
      // A refusal in the API server's form is its own, and holds for all pods; any other is the pod's.
      if (error.kind === 'aborted' || (error.kind === 'forbidden' && error.answer === null)) throw error;
      const failures = known.failures + 1;
      const pauseMs = error.kind === 'unauthorized' ? longestPauseMs : failures < 3 ? 0 : 60_000;
      Object.assign(known, { failures, retryAt: now() + pauseMs, why: error.message });
    }
  }

  return {
    trendOf: (id) => trends.get(id) ?? null,
    refresh() {
      for (const pod of kept.values()) Object.assign(pod, { failures: 0, retryAt: 0 });
    },
    async read(snapshot, { covered, alone, everyMs, signal }) {
      const targets = await finder.find(snapshot, { covered, alone }, signal);
      await eachAtOnce(targets, 5, (target) => scrape(target, signal));
      const at = now();
      const staleMs = Math.max(10_000, everyMs * 2.5);
      forgetOld(kept, at);
      const services = [
        ...Map.groupBy(
          [...kept.values()].filter(({ workload }) => !covered.has(workload)),
          ({ workload }) => workload,
        ),
      ].flatMap(([id, pods]) => {
        const [first] = pods;
        if (first === undefined) return [];
        const groups = groupsIn(
          pods.map(({ samples }) => samples),
          stacks,
        );
        return groups.map((group): LatencyService & { readonly flawText: string | null } => {
          const named = groups.length > 1 && group.model !== '' ? `${id}:${group.model}` : id;
          const trend = trends.get(named) ?? createPodTrend();
          trends.set(named, trend);
          trend.extend(group, at, staleMs);
          const reading = readingOf(group, at, staleMs);
          const flaw = flawOf(group, at, staleMs);
          const service = { id: named, namespace: first.namespace, name: first.name, measure: group.measure, flaw };
          const sampledAt = reading.sampledAt === null ? null : reading.sampledAt * 1000;
          const facts = {
            service,
            stack: group.stack.id,
            source: 'pod-metrics',
            reading,
            trend: trend.lately(group.measure),
            sampledAt,
            now: at,
            skewMs: 0,
            staleMs,
          } as const;
          return { ...latencyRow(facts, snapshot, slos), flawText: flaw?.text ?? null };
        });
      });
      const measuring = new Set(services.map(({ id }) => id.replace(/:.*$/, '')));
      // Where Prometheus reads the others, a pod without a page is none that measures itself.
      const silent = [...kept.values()].filter(
        ({ why, workload, samples }) => why !== null && !covered.has(workload) && (alone || samples.readAt(at) !== null),
      );
      return {
        services: services.map(({ flawText, ...row }) => row),
        covered: measuring,
        pods: targets.length,
        settled: [...kept.values()].every(({ samples, workload }) => !measuring.has(workload) || samples.readings() !== 1),
        notes: [
          ...services.flatMap(({ id, flawText }) => (flawText === null ? [] : [`${id}: ${flawText}`])),
          ...silent.slice(0, 3).map(({ namespace, pod, why }) => `/metrics of ${namespace}/${pod} cannot be read: ${why}`),
          ...(silent.length > 3 ? [`/metrics of ${counted(silent.length - 3, 'more pod')} cannot be read`] : []),
          ...(targets.length >= mostPods ? [`only ${mostPods} pods are read at a time`] : []),
        ],
      };
    },
  };
}

interface KeptPod {
  readonly workload: string;
  readonly name: string;
  readonly namespace: string;
  readonly pod: string;
  readonly samples: PodSamples;
  failures: number;
  retryAt: number;
  why: string | null;
}

/** Every name that some stack asks for. */
function metricNames(stacks: readonly LatencyStack[]): ReadonlySet<string> {
  return new Set(
    stacks.flatMap(({ histogram, mean, summary, requests, errors, queue }) =>
      [
        ...(histogram === null ? [] : ['_bucket', '_sum', '_count'].map((suffix) => `${histogram.name}${suffix}`)),
        ...(mean === null ? [] : [mean.time, mean.requests]),
        summary?.name,
        requests,
        errors,
        queue,
      ].flatMap((name) => (name === undefined || name === null ? [] : [name.replace(/\{.*$/s, '')])),
    ),
  );
}

/** With the labels that a scrape would have added: selectors ask for them. */
function placed(sample: Sample, { namespace, name, app }: Pod): Sample {
  const labels = new Map([['namespace', namespace], ['pod', name], ...(app === null ? [] : [['app', app] as const]), ...sample.labels]);
  return { ...sample, labels };
}

/** What a pod that has gone served within the last minutes still counts for them, as it does in Prometheus. */
function forgetOld(kept: Map<string, KeptPod>, at: number): void {
  for (const [uid, { samples }] of kept) {
    const readAt = samples.readAt(at);
    if (readAt !== null && at - readAt > forgottenMs) kept.delete(uid);
  }
}

const forgottenMs = 30 * 60_000;
