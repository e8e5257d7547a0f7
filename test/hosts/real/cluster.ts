import { readFileSync } from 'node:fs';
import type { KubeClient, KubeRequest, KubeResponse } from '../../../src/kube/client.js';
import { KubeError } from '../../../src/kube/kube-error.js';
import type { Node } from '../../../src/state/nodes.js';
import type { Pod } from '../../../src/state/pods.js';
import type { Store } from '../../../src/state/store.js';
import { aNode, aPod, collection } from '../../builders/snapshot.js';
import { aWorld, ok } from '../../operations/a-world.js';
import type { Machines } from './machines.js';

/** A cluster whose nodes are real machines and whose API server is played here. */
export interface PlayedCluster {
  readonly client: KubeClient;
  /** `METHOD path` of each change that was asked for. */
  readonly changes: readonly string[];
  close(): void;
}

/**
 * Keeps the slices nodes and pods as the watches would: cordons and evictions show, and a machine that booted anew is told by its kubelet, which is Ready
 * again as soon as the machine itself has told its new boot id. Nodes begin with the boot id that their machine has.
 */
export function playCluster(store: Store, machines: Machines, names: readonly string[], pods: readonly Pod[] = []): PlayedCluster {
  const nodes = new Map<string, Node>(names.map((name) => [name, asNode(machines, name)]));
  let living = pods;
  const changes: string[] = [];
  const show = () => {
    store.write('nodes', collection(...nodes.values()));
    store.write('pods', collection(...living));
  };

  const request = async (path: string, { method = 'GET', body }: KubeRequest): Promise<KubeResponse> => {
    if (path.endsWith('/selfsubjectaccessreviews')) return { ...ok, body: { status: { allowed: true } } };
    if (method !== 'GET') changes.push(`${method} ${path}`);
    const name = /^\/api\/v1\/nodes\/([^/]+)$/.exec(path)?.[1];
    const node = name === undefined ? undefined : nodes.get(name);
    if (node !== undefined) {
      if (method === 'PATCH') nodes.set(node.name, { ...node, unschedulable: JSON.stringify(body).includes('"unschedulable":true') });
      show();
      return { ...ok, body: { metadata: { name, uid: node.uid }, spec: { unschedulable: nodes.get(node.name)?.unschedulable } } };
    }
    if (path === '/api/v1/pods') return { ...ok, body: { items: living.map(asObject) } };
    if (path.startsWith('/apis/policy/v1/')) return { ...ok, body: { items: [] } };
    const evicted = /\/pods\/([^/]+)\/eviction$/.exec(path)?.[1];
    if (evicted !== undefined) {
      living = living.filter((pod) => pod.name !== evicted);
      show();
      return ok;
    }
    throw new KubeError('not-found', `${path} is not there`, { status: 404 });
  };

  const unsubscribe = store.subscribe(() => {
    for (const [name, state] of store.snapshot().hosts.value ?? []) {
      const node = nodes.get(name);
      const bootId = state.facts?.bootId;
      if (node === undefined || bootId?.known !== true || bootId.value === node.info.bootId) continue;
      nodes.set(name, { ...node, info: { ...node.info, bootId: bootId.value } });
      show();
    }
  });
  store.writeConnection({
    status: 'connected',
    context: 'lab',
    server: 'https://10.0.0.10:6443',
    version: 'v1.36.2',
    since: Date.now(),
    roundTripMs: 2,
    certificateEndsAt: null,
  });
  show();
  store.flush();
  return { client: aWorld({ request }).client, changes, close: unsubscribe };
}

/** A pod that may go elsewhere. */
export function aTenant(node: string, name: string): Pod {
  return aPod({ name, uid: `uid-${name}`, nodeName: node });
}

function asNode(machines: Machines, name: string): Node {
  const machine = machines.of(name);
  const { info } = aNode();
  const bootId = machine.run('cat', '/proc/sys/kernel/random/boot_id');
  const machineId = readFileSync(`${machine.root}/etc/machine-id`, 'utf8').trim();
  return aNode({ name, addresses: [{ type: 'InternalIP', address: machine.address }], info: { ...info, bootId, machineId } });
}

function asObject({ namespace, name, uid, nodeName }: Pod) {
  const ownerReferences = [{ kind: 'ReplicaSet', name: 'whisper-5d9', controller: true }];
  return { metadata: { namespace, name, uid, ownerReferences }, spec: { nodeName }, status: { phase: 'Running' } };
}
