import type { ClusterEvent } from '../../src/state/events.js';
import type { Pod } from '../../src/state/pods.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { someFacts } from './host.js';
import { aContainer, aPod, aWorkload, now } from './snapshot.js';

const minute = 60_000;

export function lostConnection(): ClusterSnapshot['connection'] {
  const server = 'https://10.0.0.10:6443';
  return { status: 'lost', context: 'lab', server, since: now, kind: 'unreachable', why: 'connection refused', fix: null, nextTryAt: now };
}

export function wellFacts() {
  return someFacts({
    failedUnits: { known: true, value: [] },
    services: {
      known: true,
      value: [
        { name: 'containerd', enabled: 'enabled', active: 'active' },
        { name: 'kubelet', enabled: 'enabled', active: 'active' },
        { name: 'docker', enabled: 'disabled', active: 'inactive' },
        { name: 'nvidia-cdi-refresh', enabled: 'enabled', active: 'inactive', sub: 'dead', result: 'success' },
      ],
    },
  });
}

export function pluginSet() {
  return aWorkload({ kind: 'DaemonSet', namespace: 'kube-system', name: 'nvidia-device-plugin', app: 'nvidia-device-plugin' });
}

export function devicePlugin(overrides: Partial<Pod> = {}): Pod {
  return aPod({
    namespace: 'kube-system',
    name: 'plugin',
    owner: { kind: 'DaemonSet', name: 'nvidia-device-plugin' },
    containers: [aContainer({ name: 'ctr' })],
    ...overrides,
  });
}

export function crashing(overrides: Partial<Pod> = {}): Pod {
  const containers = [aContainer({ ready: false, state: 'waiting', reason: 'CrashLoopBackOff', restarts: 3 })];
  return aPod({ ready: notReady(), owner: null, containers, ...overrides });
}

export function notReady(): Pod['ready'] {
  return { status: 'False', since: now - 3 * minute, reason: 'ContainersNotReady' };
}

export function event(pod: string, reason: string, message: string): ClusterEvent & { readonly name: string } {
  return {
    name: `${pod}.${reason}`,
    uid: `event-${pod}-${reason}`,
    namespace: 'ai',
    type: 'Warning',
    reason,
    message,
    object: { kind: 'Pod', namespace: 'ai', name: pod },
    source: 'kubelet',
    count: 1,
    firstAt: now - minute,
    lastAt: now - minute,
  };
}
