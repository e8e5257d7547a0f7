import type { Lease } from '../state/leases.js';
import type { Slices } from '../state/snapshot.js';
import type { Store } from '../state/store.js';
import { pause } from './backoff.js';
import type { KubeClient } from './client.js';
import { createConnectionMonitor } from './connection.js';
import { startDeadPods } from './dead-pods.js';
import { at, text } from './json.js';
import { newestEvents } from './newest-events.js';
import { createNodeStatsReader, nodeStatsEveryMs } from './node-stats.js';
import { startPolled } from './polled.js';
import { projectCertificateRequest } from './projections/certificate-request.js';
import { projectApiService } from './projections/cluster-services.js';
import { projectEvent } from './projections/event.js';
import { projectLease } from './projections/lease.js';
import { projectNode } from './projections/node.js';
import { projectPod } from './projections/pod.js';
import { projectRuntimeClass } from './projections/runtime-class.js';
import { projectPersistentVolumeClaim, projectStorageClass } from './projections/storage.js';
import { projectDaemonSet, projectDeployment, projectStatefulSet } from './projections/workload.js';
import { startReadyz } from './readyz.js';
import { type ReflectorOptions, startReflector } from './reflector.js';
import { resources } from './resources.js';
import { readWebhooks } from './webhooks.js';

/** Everything that is read from the API server, running until it is closed. */
export interface KubeFeeds {
  /** Looks at everything anew, at once. */
  refresh(): void;
  /** Asks again, at once, for what is only asked for now and then; what is watched tells by itself. */
  askAgain(): void;
  close(): void;
}

/** Configurations hardly ever change; the pods behind them come and go. */
const webhooksEveryMs = 60_000;

interface Feed {
  readonly settled: Promise<void>;
  /** Only asked for now and then. */
  readonly isPolled?: boolean;
  refresh(): void;
  close(): void;
}

/**
 * Starts all feeds of one cluster, writing to their slices and to the connection. First what the verdict needs; storage and runtime classes when that is there; then what
 * may be large and is rarely looked at, and at last what the verdict does not wait for. Trouble becomes freshness, nothing throws.
 */
export function startKubeFeeds(options: {
  readonly client: KubeClient;
  readonly store: Store;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly pageSize?: number;
  readonly idleMs?: number;
}): KubeFeeds {
  const { client, store, now = Date.now, random = Math.random, pageSize, idleMs } = options;
  const connection = createConnectionMonitor({ client, write: (state) => store.writeConnection(state), now, random });
  const nodeStats = createNodeStatsReader(client, now);
  const running: Feed[] = [];
  const closing = new AbortController();

  const common = { client, connection, now, random, ...(pageSize === undefined ? {} : { pageSize }), ...(idleMs === undefined ? {} : { idleMs }) };
  const collection =
    <T>(feed: Pick<ReflectorOptions<T>, 'resource' | 'project' | 'write' | 'keyOf' | 'trim'>) =>
    () =>
      startReflector<T>({ ...common, ...feed });
  const write =
    <Name extends keyof Slices>(name: Name) =>
    (slice: Slices[Name]) =>
      store.write(name, slice);

  const stages: readonly (readonly (() => Feed)[])[] = [
    [
      collection({ resource: resources.nodes, project: projectNode, write: write('nodes') }),
      collection({ resource: resources.pods, project: projectPod, write: write('pods') }),
      () => startReadyz({ client, connection, write: write('readyz'), now }),
      collection({
        resource: resources.leases,
        project: (object, previous: Lease | undefined) => projectLease(object, previous, now()),
        keyOf: (object) => text(at(object, 'metadata', 'name')),
        write: write('leases'),
      }),
      collection({ resource: resources.daemonSets, project: projectDaemonSet, write: write('daemonSets') }),
      collection({ resource: resources.deployments, project: projectDeployment, write: write('deployments') }),
      collection({ resource: resources.statefulSets, project: projectStatefulSet, write: write('statefulSets') }),
    ],
    [
      collection({ resource: resources.persistentVolumeClaims, project: projectPersistentVolumeClaim, write: write('persistentVolumeClaims') }),
      collection({ resource: resources.storageClasses, project: projectStorageClass, write: write('storageClasses') }),
      collection({ resource: resources.runtimeClasses, project: projectRuntimeClass, write: write('runtimeClasses') }),
    ],
    [
      collection({ resource: resources.events, project: projectEvent, trim: newestEvents, write: write('events') }),
      () => startDeadPods({ client, connection, write: write('deadPods'), now, random }),
    ],
    [
      collection({ resource: resources.apiServices, project: projectApiService, write: write('apiServices') }),
      collection({ resource: resources.certificateRequests, project: projectCertificateRequest, write: write('certificateRequests') }),
      polled(() =>
        startPolled({
          connection,
          everyMs: () => webhooksEveryMs,
          look: (signal) => readWebhooks(client, signal),
          verb: 'list',
          resource: 'validatingwebhookconfigurations.admissionregistration.k8s.io',
          write: write('webhooks'),
          now,
        }),
      ),
      polled(() =>
        startPolled({
          connection,
          everyMs: () => nodeStatsEveryMs(store.snapshot().nodes.value?.size ?? 0),
          look: (signal) => nodeStats.read(store.snapshot().nodes.value ?? new Map(), signal),
          verb: 'get',
          resource: 'nodes/proxy',
          write: write('nodeStats'),
          now,
        }),
      ),
    ],
  ];

  const start = async () => {
    for (const stage of stages) {
      if (closing.signal.aborted) return;
      const feeds = stage.map((begin) => begin());
      running.push(...feeds);
      // One slow resource must not hold up the others for ever.
      await Promise.race([Promise.all(feeds.map(({ settled }) => settled)), pause(5000, closing.signal)]);
    }
  };
  void start();

  return {
    refresh() {
      connection.refresh();
      for (const feed of running) feed.refresh();
    },
    askAgain() {
      for (const feed of running) if (feed.isPolled === true) feed.refresh();
    },
    close() {
      closing.abort();
      for (const feed of running) feed.close();
      connection.close();
    },
  };
}

function polled(start: () => Feed): () => Feed {
  return () => ({ ...start(), isPolled: true });
}
