import type { Quantities } from './quantities.js';

/** A node as the app needs it: a slim projection of v1.Node. Times are ms since the epoch; null means the API did not say. */
export interface Node {
  readonly name: string;
  readonly uid: string;
  readonly createdAt: number | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  /** Values of the `node-role.kubernetes.io/<role>` labels, sorted; empty for a plain worker. */
  readonly roles: readonly string[];
  readonly unschedulable: boolean;
  readonly taints: readonly Taint[];
  readonly conditions: readonly NodeCondition[];
  readonly addresses: readonly NodeAddress[];
  /** Every resource of status.capacity and status.allocatable, in base units (cores, bytes, pieces). */
  readonly capacity: Quantities;
  readonly allocatable: Quantities;
  readonly info: NodeInfo;
  /** Names in status.runtimeHandlers; null where the kubelet does not report them (before 1.30). */
  readonly runtimeHandlers: readonly string[] | null;
  readonly images: readonly NodeImage[];
  readonly podCidrs: readonly string[];
}

/** status.nodeInfo; '' never stands for unknown: a field the kubelet left out is null. */
export interface NodeInfo {
  readonly bootId: string | null;
  readonly machineId: string | null;
  readonly kernelVersion: string | null;
  readonly osImage: string | null;
  readonly architecture: string | null;
  readonly containerRuntimeVersion: string | null;
  readonly kubeletVersion: string | null;
}

export interface NodeCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastHeartbeatAt: number | null;
  readonly lastTransitionAt: number | null;
}

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

export interface NodeAddress {
  readonly type: string;
  readonly address: string;
}

export interface NodeImage {
  /** The friendliest of the image's names (a tag before a digest). */
  readonly name: string;
  readonly sizeBytes: number;
}

/** Whether the node is Ready: `unknown` when the controller marked it Unknown or it has no Ready condition at all. */
export function readiness(node: Node): 'ready' | 'not-ready' | 'unknown' {
  const ready = node.conditions.find((condition) => condition.type === 'Ready');
  if (ready === undefined || ready.status === 'Unknown') return 'unknown';
  return ready.status === 'True' ? 'ready' : 'not-ready';
}

/** Where a machine of the network reaches the node: its internal IP address where it has one, else a name or an address from outside, else its own name. */
export function nodeAddress({ name, addresses }: Node): string {
  for (const type of ['InternalIP', 'Hostname', 'InternalDNS', 'ExternalIP', 'ExternalDNS']) {
    const found = addresses.find((address) => address.type === type && address.address !== '');
    if (found !== undefined) return found.address;
  }
  return name;
}
