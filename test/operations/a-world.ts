import type { Host, HostCommand, HostResult } from '../../src/hosts/host.js';
import type { KubeClient, KubeRequest, KubeResponse } from '../../src/kube/client.js';
import type { PlannedOperation, Step, World } from '../../src/operations/operation.js';
import type { Plan } from '../../src/state/operations.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aPlan } from '../builders/operations.js';
import { aSnapshot } from '../builders/snapshot.js';

/** A world where each request and command is answered by the test. */
export function aWorld({
  snapshot = aSnapshot(),
  request = async () => ok,
  run = async () => ended(0),
}: {
  readonly snapshot?: ClusterSnapshot;
  readonly request?: (path: string, options: KubeRequest) => Promise<KubeResponse>;
  readonly run?: (command: HostCommand) => Promise<HostResult>;
} = {}): World {
  const client: KubeClient = {
    context: 'lab',
    server: 'https://10.0.0.10:6443',
    namespace: null,
    request: (path, options = {}) => request(path, options),
    open: () => Promise.reject(new Error('nothing to read')),
    road: () => Promise.reject(new Error('no road')),
    certificateEndsAt: () => null,
    close: () => undefined,
  };
  const host = (name: string): Host => ({ name, road: `ssh ${name}`, run, close: () => undefined });
  return {
    snapshot: () => snapshot,
    until: async (condition) => condition(snapshot),
    context: 'lab',
    client,
    host: async (name) => host(name),
    access: async () => 'yes',
  };
}

export const ok: KubeResponse = { status: 200, headers: {}, body: {}, roundTripMs: 1 };

export function ended(exitCode: number | null, { stdout = '', stderr = '' } = {}): HostResult {
  return { exitCode, signal: exitCode === null ? 'SIGKILL' : null, stdout, stderr, tookMs: 1 };
}

/** A step that deletes a pod. */
export function aDeletion(name: string): Step {
  const path = `/api/v1/namespaces/ai/pods/${name}`;
  return {
    item: { id: name, object: `pod/ai/${name}`, text: `Delete pod ai/${name}`, exact: `DELETE ${path}` },
    action: { do: 'request', path, request: { method: 'DELETE' } },
  };
}

/** A step that restarts a unit on a machine. */
export function aRestart(host: string, unit: string): Step {
  return {
    item: { id: `${host} ${unit}`, object: `host/${host}`, text: `Restart ${unit}`, exact: `${host}# systemctl restart ${unit}` },
    action: { do: 'command', host, argv: ['systemctl', 'restart', unit], sudo: true },
  };
}

export function aPlannedOperation(steps: readonly Step[], overrides: Partial<PlannedOperation> = {}, plan: Partial<Plan> = {}): PlannedOperation {
  return {
    plan: aPlan({ risk: 'safe', items: steps.map(({ item }) => item), ...plan }),
    steps,
    concurrency: 1,
    verify: async () => ({ seen: true, text: 'all of it is there' }),
    ...overrides,
  };
}
