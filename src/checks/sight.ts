import type { Expectations } from '../config/expectations.js';
import { whyMissing } from '../state/freshness.js';
import type { Fix } from '../state/report.js';
import type { ClusterSnapshot, Slices } from '../state/snapshot.js';
import { duration } from '../text/age.js';
import type { CheckInput } from './check.js';
import { kubectl } from './kubectl.js';

/** The snapshot as a check looks at it: only what is true now counts as seen. */
export interface Sight {
  readonly snapshot: ClusterSnapshot;
  readonly expectations: Expectations;
  readonly now: number;
  /** The value of a live slice. Throws NotSeen while it is loading, denied, absent or stale: an old value never passes for the present one. */
  see<Name extends keyof Slices>(name: Name): NonNullable<Slices[Name]['value']>;
  /** Like `see`, for what only adds detail: null instead of a throw. */
  peek<Name extends keyof Slices>(name: Name): NonNullable<Slices[Name]['value']> | null;
  /** A kubectl command for this cluster's context, each word quoted where a shell would need it. */
  kubectl(...words: readonly string[]): string;
}

/** A slice that a check needs cannot be seen; the message says which and why. */
export class NotSeen extends Error {
  readonly fix: Fix | null;
  /** The server has no such thing. */
  readonly isAbsent: boolean;

  constructor(message: string, fix: Fix | null, isAbsent = false) {
    super(message);
    this.fix = fix;
    this.isAbsent = isAbsent;
  }
}

/** One sight for all checks of a report, so that what one of them worked out can serve the next. */
export function sightOf(input: CheckInput): Sight {
  const known = sights.get(input);
  if (known !== undefined) return known;
  const sight = newSight(input);
  sights.set(input, sight);
  return sight;
}

const sights = new WeakMap<CheckInput, Sight>();

function newSight({ snapshot, expectations, now }: CheckInput): Sight {
  const { connection } = snapshot;
  const context = connection.status === 'unconfigured' || connection.status === 'unusable' ? '' : connection.context;
  const peek: Sight['peek'] = (name) => {
    const slice = snapshot[name];
    return slice.freshness.status === 'live' ? slice.value : null;
  };
  return {
    snapshot,
    expectations,
    now,
    peek,
    see(name) {
      const value = peek(name);
      if (value === null) throw notSeen(snapshot, name, now, context);
      return value;
    },
    kubectl: (...words) => kubectl(context, words),
  };
}

function notSeen(snapshot: ClusterSnapshot, name: keyof Slices, now: number, context: string): NotSeen {
  const slice = snapshot[name];
  const { freshness } = slice;
  if (freshness.status === 'stale') return new NotSeen(`${words[name]} last seen ${duration(now - freshness.since)} ago: ${freshness.why}`, null);
  if (freshness.status === 'denied') {
    const [resource = '', subresource] = freshness.resource.split('/');
    const words = ['auth', 'can-i', freshness.verb, resource, ...(subresource === undefined ? [] : [`--subresource=${subresource}`]), '--all-namespaces'];
    const command = kubectl(context, words);
    return new NotSeen(`not allowed to ${freshness.verb} ${freshness.resource}`, { summary: 'Look with a user that may, or ask for that right', command });
  }
  if (freshness.status === 'loading') return new NotSeen(freshness.why === null ? `${words[name]} still loading` : `${words[name]}: ${freshness.why}`, null);
  return new NotSeen(whyMissing(slice) ?? `${words[name]} not seen`, null, freshness.status === 'absent');
}

const words: Readonly<Record<keyof Slices, string>> = {
  readyz: "the API server's own checks",
  nodes: 'nodes',
  pods: 'pods',
  deadPods: 'ended pods',
  deployments: 'Deployments',
  daemonSets: 'DaemonSets',
  statefulSets: 'StatefulSets',
  persistentVolumeClaims: 'volume claims',
  storageClasses: 'storage classes',
  runtimeClasses: 'runtime classes',
  leases: 'kubelet leases',
  apiServices: 'API services',
  webhooks: 'admission webhooks',
  certificateRequests: 'certificate requests',
  nodeStats: "the kubelets' disks",
  disks: 'what could be won back on the disks',
  diskGrowth: 'how the disks fill',
  events: 'events',
  gpus: 'GPU counts',
  machineGpus: "the machines' GPUs",
  hosts: 'the machines',
  questions: 'questions',
  prometheus: 'Prometheus',
  targets: 'scrape targets',
  grafana: 'Grafana',
  alerts: 'alerts',
  alertmanager: 'Alertmanager',
  probes: 'round trips',
  latency: 'latency',
  load: 'load',
  diagnoses: 'known failures',
  recovery: 'recovery',
  visit: 'the last visit',
  operations: 'operations',
  journal: 'the journal',
  setup: 'the setup',
  report: 'report',
};
