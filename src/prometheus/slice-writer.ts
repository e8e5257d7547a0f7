import { KubeError } from '../kube/kube-error.js';
import { absent, denied, lost } from '../state/freshness.js';
import type { Slices } from '../state/snapshot.js';
import type { Store } from '../state/store.js';
import { MonitoringError } from './monitoring-error.js';

export type MonitoringSlice = 'prometheus' | 'targets' | 'grafana' | 'alerts' | 'alertmanager';

/** Writes the slices of monitoring until the feed is closed; what comes later is dropped. */
export interface SliceWriter {
  write<Name extends MonitoringSlice>(name: Name, slice: Slices[Name]): void;
  /** Nothing there, or not to be had from this one. */
  absent(names: readonly MonitoringSlice[], why: string): void;
  /** The user may not use the service proxy. */
  denied(names: readonly MonitoringSlice[]): void;
  /** What was seen stays, marked with the time it was last true and why there is nothing newer. */
  fade(names: readonly MonitoringSlice[], error: unknown): void;
}

export function createSliceWriter(store: Store, signal: AbortSignal): SliceWriter {
  function write<Name extends MonitoringSlice>(name: Name, slice: Slices[Name]): void {
    if (!signal.aborted) store.write(name, slice);
  }
  return {
    write,
    absent(names, why) {
      for (const name of names) write(name, absent(why));
    },
    denied(names) {
      for (const name of names) write(name, denied('get', 'services/proxy'));
    },
    fade(names, error) {
      const { prometheus, targets, grafana, alerts, alertmanager } = store.snapshot();
      const why = words(error);
      const now = Date.now();
      if (names.includes('prometheus')) write('prometheus', lost(prometheus, now, why));
      if (names.includes('targets')) write('targets', lost(targets, now, why));
      if (names.includes('grafana')) write('grafana', lost(grafana, now, why));
      if (names.includes('alerts')) write('alerts', lost(alerts, now, why));
      if (names.includes('alertmanager')) write('alertmanager', lost(alertmanager, now, why));
    },
  };
}

function words(error: unknown): string {
  if (error instanceof MonitoringError || error instanceof KubeError) return error.message;
  return error instanceof Error ? error.name : 'unknown trouble';
}
