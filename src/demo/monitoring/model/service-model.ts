import type { ClusterModel } from './cluster-model.js';
import { unit } from './hash.js';
import { noise } from './noise.js';
import type { PodRecord } from './pod-record.js';
import { flow, mapSteps, type Steps, stepAt, totalOf } from './steps.js';

/**
 * How an inference service behaves in a load experiment: each replica brings load generators of its own, and all of them share the CPUs, the memory and the bus of
 * their machine. So demand grows with the replicas, but less than they do (the generators wait for their answers), each replica gets busier, and answers take longer.
 */
interface Profile {
  /** Median answer of an idle replica, seconds. */
  readonly median: number;
  /** Requests per second that one replica attracts. */
  readonly demand: number;
  /** How busy one replica is that serves them alone, 0 to 1. */
  readonly load: number;
  /** GPU memory of a replica, MiB. */
  readonly gpuMemory: number;
  readonly cores: number;
}

const profiles: readonly (readonly [RegExp, Profile])[] = [
  [/resnet/, { median: 0.006, demand: 212, load: 0.55, gpuMemory: 5_420, cores: 4.2 }],
  [/distilbert|bert/, { median: 0.0013, demand: 640, load: 0.7, gpuMemory: 3_180, cores: 5 }],
  [/embed/, { median: 0.0042, demand: 95, load: 0.55, gpuMemory: 6_180, cores: 1 }],
  [/chat/, { median: 0.9, demand: 0.6, load: 0.66, gpuMemory: 31_420, cores: 2 }],
  [/whisper/, { median: 0.5, demand: 0.9, load: 0.72, gpuMemory: 10_960, cores: 3 }],
];

/** Requests come in three kinds, each with its own ups and downs, so that the quantiles live. */
const kinds = [
  { name: 'short', share: 0.52, stretch: 0.82, spread: 0.22, swing: 0.45 },
  { name: 'usual', share: 0.37, stretch: 1.2, spread: 0.26, swing: 0.6 },
  { name: 'long', share: 0.11, stretch: 2.2, spread: 0.35, swing: 0.92 },
] as const;

/** Which service a pod belongs to; null when it is no inference server (no GPU service annotated to be scraped). */
export function appOfServer(pod: PodRecord): string | null {
  const app = pod.labels['app'] ?? pod.labels['app.kubernetes.io/name'] ?? pod.owner?.name ?? pod.name;
  return /inference|resnet|bert|whisper/.test(app) || (pod.gpuCount > 0 && pod.annotations['prometheus.io/scrape'] === 'true') ? app : null;
}

export interface Service {
  readonly app: string;
  readonly profile: Profile;
  /** Ready replicas over time. */
  readonly replicas: Steps<number>;
}

/** The inference services by app; derived anew when the cluster has changed. */
export function servicesOf(model: ClusterModel): ReadonlyMap<string, Service> {
  const cached = derived.get(model);
  if (cached?.version === model.version) return cached.services;
  const pods = new Map<string, PodRecord[]>();
  for (const pod of model.podsEver()) {
    const app = appOfServer(pod);
    if (app !== null) pods.set(app, [...(pods.get(app) ?? []), pod]);
  }
  const services = new Map([...pods].map(([app, members]) => [app, serviceOf(app, members)] as const));
  derived.set(model, { version: model.version, services });
  return services;
}

const derived = new WeakMap<ClusterModel, { version: number; services: ReadonlyMap<string, Service> }>();

function serviceOf(app: string, members: readonly PodRecord[]): Service {
  const profile = profiles.find(([pattern]) => pattern.test(app))?.[1] ?? {
    median: 0.02 + 0.1 * unit(app),
    demand: 20 + 60 * unit(`${app}/demand`),
    load: 0.7,
    gpuMemory: 8_192,
    cores: 2,
  };
  return { app, profile, replicas: totalOf(members.map(({ ready }) => ({ spans: ready, weight: 1 }))) };
}

/** How busy each replica is, 0 to 1, when so many share the work. */
export function loadOf({ profile }: Service, replicas: number): number {
  return replicas <= 0 ? 0 : Math.min(0.97, profile.load * replicas ** 0.18);
}

/** How busy a replica is at a moment, 0 to 1, with its ups and downs. */
export function loadAt(service: Service, pod: PodRecord, time: number): number {
  const replicas = stepAt(service.replicas, time) ?? 0;
  return Math.min(1, loadOf(service, replicas) * noiseOf(`${service.app}/${pod.name}/load`, 0.18).at(time));
}

/** Requests waiting at a replica at a moment. */
export function queueAt(service: Service, pod: PodRecord, time: number): number {
  const load = Math.min(0.97, loadAt(service, pod, time));
  return Math.round((load * load) / (1 - load));
}

/** The streams of requests that a replica answers: how many so far, and how long they took. */
export function requestStreams(service: Service, pod: PodRecord): RequestStream[] {
  const from = pod.ready[0]?.from ?? Number.POSITIVE_INFINITY;
  return kinds.map(({ name, share, stretch, spread, swing }) => {
    const source = noiseOf(`${service.app}/${name}`, swing);
    const perReplica = (replicas: number): number => (replicas <= 0 ? 0 : share * service.profile.demand * replicas ** -0.4);
    const median = (replicas: number): number => service.profile.median * stretch * slowdown(loadOf(service, replicas));
    const weighted = (weight: (replicas: number) => number) =>
      flow(
        mapSteps(service.replicas, (replicas) => perReplica(replicas) * weight(replicas)),
        source,
        from,
      );
    return {
      count: weighted(() => 1),
      within: (seconds) => weighted((replicas) => normal(Math.log(seconds / median(replicas)) / spread)),
      // The mean of a lognormal distribution.
      sum: weighted((replicas) => median(replicas) * Math.exp((spread * spread) / 2)),
    };
  });
}

export interface RequestStream {
  /** Requests answered up to a moment. */
  readonly count: (time: number) => number;
  /** Those answered within so many seconds. */
  readonly within: (seconds: number) => (time: number) => number;
  /** Seconds they took in all. */
  readonly sum: (time: number) => number;
}

/** Waiting time as in a queue with one server: mild at half load, steep near the end. */
function slowdown(load: number): number {
  return 1 + (1.4 * load * load) / (1 - load);
}

/** The normal distribution's cumulative function (Abramowitz and Stegun 26.2.17). */
function normal(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail = 0.3989422804 * Math.exp((-x * x) / 2) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return Math.max(0, x >= 0 ? 1 - tail : tail);
}

const noises = new Map<string, ReturnType<typeof noise>>();

function noiseOf(name: string, amplitude: number): ReturnType<typeof noise> {
  const key = `${name}\0${amplitude}`;
  let found = noises.get(key);
  if (found === undefined) {
    if (noises.size > 5000) noises.clear();
    found = noise(name, amplitude);
    noises.set(key, found);
  }
  return found;
}
