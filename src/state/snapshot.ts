import type { Alertmanager, Alerts } from './alerts.js';
import type { CertificateRequest } from './certificate-requests.js';
import type { ApiService, Webhook } from './cluster-services.js';
import type { Connection, Readyz } from './connection.js';
import type { Diagnosis } from './diagnoses.js';
import type { DiskGrowth, NodeDisks } from './disks.js';
import type { ClusterEvent } from './events.js';
import type { Slice } from './freshness.js';
import type { MachineGpus } from './gpu-devices.js';
import type { GpuLedger } from './gpus.js';
import type { HostState, Question } from './hosts.js';
import type { JournalView } from './journal.js';
import type { Latency } from './latency.js';
import type { Lease } from './leases.js';
import type { Load } from './load.js';
import type { Grafana, Prometheus, Target } from './monitoring.js';
import type { NodeStats } from './node-stats.js';
import type { Node } from './nodes.js';
import type { OperationRun } from './operations.js';
import type { DeadPods, Pod } from './pods.js';
import type { Probe } from './probes.js';
import type { Recovery } from './recovery.js';
import type { CheckReport } from './report.js';
import type { RuntimeClass } from './runtime-classes.js';
import type { SetupSlice } from './setup.js';
import type { PersistentVolumeClaim, StorageClass } from './storage.js';
import type { VisitChanges } from './visit.js';
import type { Workload } from './workloads.js';

/** Keyed by name, or by `namespace/name` for namespaced objects. */
export type Collection<T> = ReadonlyMap<string, T>;

/**
 * Everything the app knows of one cluster at one moment. Each slice is owned and written by its feed; a slice that did not
 * change keeps its identity from one snapshot to the next, so identity is what selections are cached by.
 */
export interface ClusterSnapshot extends Slices {
  /** ms since the epoch when this snapshot was published. */
  readonly at: number;
  readonly connection: Connection;
}

export interface Slices {
  readonly readyz: Slice<Readyz>;
  readonly nodes: Slice<Collection<Node>>;
  /** Pods that have not ended. */
  readonly pods: Slice<Collection<Pod>>;
  readonly deadPods: Slice<DeadPods>;
  readonly deployments: Slice<Collection<Workload>>;
  readonly daemonSets: Slice<Collection<Workload>>;
  readonly statefulSets: Slice<Collection<Workload>>;
  readonly persistentVolumeClaims: Slice<Collection<PersistentVolumeClaim>>;
  readonly storageClasses: Slice<Collection<StorageClass>>;
  readonly runtimeClasses: Slice<Collection<RuntimeClass>>;
  readonly leases: Slice<Collection<Lease>>;
  /** Those that a service in the cluster serves. */
  readonly apiServices: Slice<Collection<ApiService>>;
  /** By `kind/configuration/name`. */
  readonly webhooks: Slice<Collection<Webhook>>;
  /** Pending serving certificates of kubelets. */
  readonly certificateRequests: Slice<Collection<CertificateRequest>>;
  /** By node: what its kubelet says of its disks. */
  readonly nodeStats: Slice<Collection<NodeStats>>;
  /** By node: what could be won back on its disks, measured while somebody looks. */
  readonly disks: Slice<Collection<NodeDisks>>;
  /** By `node mount`. */
  readonly diskGrowth: Slice<Collection<DiskGrowth>>;
  readonly events: Slice<Collection<ClusterEvent>>;
  /** Worked out from nodes and pods. */
  readonly gpus: Slice<GpuLedger>;
  /** By node or host name: what nvidia-smi says there. */
  readonly machineGpus: Slice<Collection<MachineGpus>>;
  /** By node or host name. */
  readonly hosts: Slice<Collection<HostState>>;
  /** What waits for an answer of the person, oldest first. */
  readonly questions: Slice<readonly Question[]>;
  readonly prometheus: Slice<Prometheus>;
  readonly targets: Slice<readonly Target[]>;
  readonly grafana: Slice<Grafana>;
  readonly alerts: Slice<Alerts>;
  readonly alertmanager: Slice<Alertmanager>;
  readonly probes: Slice<readonly Probe[]>;
  readonly latency: Slice<Latency>;
  readonly load: Slice<Load>;
  /** Known failure signatures met in logs, events and kernel lines. */
  readonly diagnoses: Slice<readonly Diagnosis[]>;
  readonly recovery: Slice<Recovery>;
  readonly visit: Slice<VisitChanges>;
  /** What is being changed from here, newest first; what ended stays for this visit. */
  readonly operations: Slice<readonly OperationRun[]>;
  readonly journal: Slice<JournalView>;
  /** The setup that is open. */
  readonly setup: SetupSlice;
  /** Worked out from all of the above. */
  readonly report: Slice<CheckReport>;
}
