import type { KubeObject } from '../api/object-store.js';
import { nodeOf } from './pod-state.js';

/** What keeps a container from working. */
export interface PodFault {
  readonly namespace: string;
  /** Value of the pod's `app.kubernetes.io/name`, `k8s-app`, `app` or `name` label. */
  readonly app: string;
  /** Only on this node; anywhere when left out. */
  readonly node?: string;
  /** crash: starts and ends again and again; unready: runs, but its readiness probe fails. */
  readonly state: 'crash' | 'unready';
  readonly exitCode?: number;
  /** The probe's or the kubelet's complaint, for the event. */
  readonly message?: string;
  /** What the container has to say; the last lines of `kubectl logs`. */
  readonly log?: readonly string[];
  /** Only pods that were created before that moment (ms since the epoch) have it: one that takes their place does not. */
  readonly before?: number;
}

export interface PodFaults {
  of(pod: KubeObject): PodFault | null;
  set(fault: PodFault): void;
  clear(namespace: string, app: string): void;
  /** What was wrong on one machine alone is over with its reboot. */
  rebooted(node: string): void;
  /** Called after each change. */
  subscribe(listener: () => void): void;
}

export function createPodFaults(): PodFaults {
  let faults: readonly PodFault[] = [];
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };
  return {
    of(pod) {
      const app = appOf(pod);
      return (
        faults.find(
          (fault) =>
            fault.namespace === pod.metadata.namespace &&
            fault.app === app &&
            (fault.node ?? nodeOf(pod)) === nodeOf(pod) &&
            (fault.before === undefined || Date.parse(pod.metadata.creationTimestamp ?? '') < fault.before),
        ) ?? null
      );
    },
    set(fault) {
      faults = [...faults, fault];
      changed();
    },
    clear(namespace, app) {
      faults = faults.filter((fault) => fault.namespace !== namespace || fault.app !== app);
      changed();
    },
    rebooted(node) {
      const kept = faults.filter((fault) => fault.node !== node);
      if (kept.length === faults.length) return;
      faults = kept;
      changed();
    },
    subscribe: (listener) => listeners.push(listener),
  };
}

/** The name of what runs in a pod, from the first label that tells; '' without one. */
export function appOf(pod: KubeObject): string {
  const labels = pod.metadata.labels ?? {};
  return labels['app.kubernetes.io/name'] ?? labels['k8s-app'] ?? labels['app'] ?? labels['name'] ?? labels['component'] ?? '';
}
