import type { KubeObject, ObjectStore } from '../api/object-store.js';
import { numberAt, textAt } from '../fields.js';
import type { Clock } from './clock.js';
import { microStamp, stamp } from './objects.js';

/** Who reports: the component and, for a kubelet, its host. */
export interface EventSource {
  readonly component: string;
  readonly host?: string;
}

export interface EventRecorder {
  /** Writes a v1 Event, or counts one more on the same event of the last hour. */
  record(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, source: EventSource): void;
  /** Removes events that nobody repeated for an hour, as the API server's --event-ttl does. */
  expire(): void;
}

/**
 * @param since events from before that moment (ms since the epoch) are gone already and are not written at all.
 * @param controlPlane the node that the cluster's own components run on.
 */
export function createEventRecorder(store: ObjectStore, clock: Clock, since: number, controlPlane: string): EventRecorder {
  const series = new Map<string, string>();
  let written = 0;
  const hosted = (source: EventSource): EventSource => (modern.has(source.component) ? { ...source, host: controlPlane } : source);
  return {
    record(about, type, reason, message, source) {
      const now = clock.now();
      if (now < since) return;
      const namespace = about.metadata.namespace ?? 'default';
      const key = [about.kind, namespace, about.metadata.name, about.metadata.uid, reason, message, source.component].join('\n');
      const name = series.get(key);
      const known = name === undefined ? null : store.get('events', name, namespace);
      if (known !== null) {
        store.update('events', repeated(known, now));
        return;
      }
      const fresh = `${about.metadata.name}.${(BigInt(Math.trunc(now)) * 1_000_000n + BigInt(written++ % 1_000_000)).toString(16)}`;
      series.set(key, fresh);
      store.create('events', newEvent(fresh, namespace, about, type, reason, message, hosted(source), now));
    },
    expire() {
      const oldest = clock.now() - hour;
      for (const event of store.list('events')) {
        const seen =
          textAt(event, 'series', 'lastObservedTime') ?? textAt(event, 'lastTimestamp') ?? textAt(event, 'eventTime') ?? event.metadata.creationTimestamp ?? '';
        if (Date.parse(seen) < oldest) store.remove('events', event.metadata.name, event.metadata.namespace);
      }
      for (const [key, name] of series) if (store.get('events', name, key.split('\n')[1]) === null) series.delete(key);
    },
  };
}

const hour = 3_600_000;
/** The components that moved to events.k8s.io: their events have an eventTime and a series in place of first and last timestamp. */
const modern = new Set(['default-scheduler']);

function newEvent(
  name: string,
  namespace: string,
  about: KubeObject,
  type: string,
  reason: string,
  message: string,
  source: EventSource,
  now: number,
): KubeObject {
  const { metadata } = about;
  const newStyle = modern.has(source.component);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace, creationTimestamp: stamp(now) },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      // The kubelet names its node by its name where others give the uid, hence the two sets of events of a node in `kubectl describe`.
      uid: about.kind === 'Node' && source.component === 'kubelet' ? metadata.name : metadata.uid,
      ...(about.kind === 'Node' ? {} : { resourceVersion: metadata.resourceVersion }),
    },
    reason,
    message,
    type,
    source: newStyle ? {} : source,
    firstTimestamp: newStyle ? null : stamp(now),
    lastTimestamp: newStyle ? null : stamp(now),
    ...(newStyle ? {} : { count: 1 }),
    eventTime: newStyle ? microStamp(now) : null,
    ...(newStyle ? { action: 'Scheduling' } : {}),
    reportingComponent: source.component,
    reportingInstance: newStyle ? `${source.component}-${source.host ?? ''}` : (source.host ?? ''),
  };
}

function repeated(event: KubeObject, now: number): KubeObject {
  if (typeof event['eventTime'] === 'string') {
    return { ...event, series: { count: (numberAt(event, 'series', 'count') ?? 1) + 1, lastObservedTime: microStamp(now) } };
  }
  return { ...event, count: (numberAt(event, 'count') ?? 1) + 1, lastTimestamp: stamp(now) };
}
