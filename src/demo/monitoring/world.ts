import type { ObjectStore } from '../api/object-store.js';
import type { Machine } from '../controllers/machines.js';
import type { ClusterModel } from './model/cluster-model.js';

/** What the demo's monitoring is computed from: the cluster's objects, the moment it started (ms since 1970) and what the scenario has broken. */
export interface DemoWorld {
  readonly store: ObjectStore;
  readonly startedAt: number;
  readonly faults: DemoFaults;
  /** The cluster's clock in ms since 1970; without it the machine's. */
  readonly now?: () => number;
  /** When the computer behind a node was booted, ms since 1970; without it, shortly before its kubelet became ready. */
  readonly bootedAt?: (node: string) => number | null;
  /** The computer behind a node; without it, GPUs are as the node's labels tell, all of them whole and well. */
  readonly machineOf?: (node: string) => Machine | null;
}

/** What is broken right now; the scenario's timeline changes the fields in place. */
export interface DemoFaults {
  prometheusDown: boolean;
  grafanaDown: boolean;
  alertmanagerDown: boolean;
  /** Scrapes that fail: `job/instance` to the error that Prometheus reports for it. */
  targetsDown: ReadonlyMap<string, string>;
}

/** The running monitoring; everything listens on 127.0.0.1. */
export interface DemoMonitoring {
  /** What the metrics are computed from; who holds which GPU. */
  readonly model: ClusterModel;
  readonly prometheusUrl: string;
  readonly grafanaUrl: string;
  readonly alertmanagerUrl: string;
  /** Scrape URLs of the exporters, for a real Prometheus. */
  readonly exporters: readonly { readonly job: string; readonly instance: string; readonly url: string }[];
  close(): Promise<void>;
}
