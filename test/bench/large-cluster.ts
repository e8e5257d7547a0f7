import { live } from '../../src/state/freshness.js';
import type { HostState } from '../../src/state/hosts.js';
import type { Target } from '../../src/state/monitoring.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aHost, known, someFacts } from '../builders/host.js';
import { aContainer, aNode, aPod, aWorkload, collection, now } from '../builders/snapshot.js';
import { aLab, aLease, aTarget, ledger, nodeStats, pending } from '../checks/lab.js';

const day = 24 * 60 * 60_000;
const places = Array.from({ length: 100 }, (_, index) => `gpu-${index}`);

/** A hundred nodes with eight GPUs each, every machine looked at, 10,000 pods of which some wait or crash, and the targets of their exporters. */
export function aLargeCluster(): ClusterSnapshot {
  const labels = new Map([['nvidia.com/gpu.present', 'true']]);
  const agents = [
    { namespace: 'kube-system', name: 'calico-node' },
    { namespace: 'kube-system', name: 'kube-proxy' },
    { namespace: 'kube-system', name: 'nvidia-device-plugin-daemonset' },
    { namespace: 'monitoring', name: 'dcgm-exporter' },
    { namespace: 'monitoring', name: 'node-exporter' },
  ];
  const ofAgents = agents.flatMap(({ namespace, name }) =>
    places.map((nodeName) => aPod({ namespace, name: `${name}-${nodeName}`, nodeName, app: name, owner: { kind: 'DaemonSet', name } })),
  );
  const works = Array.from({ length: 10_000 - ofAgents.length }, (_, index) => workPod(index));
  return aLab({
    nodes: collection(
      ...places.map((name, index) =>
        aNode({ name, gpus: 8, labels, roles: index < 3 ? ['control-plane'] : [], addresses: [{ type: 'InternalIP', address: `10.0.0.${index}` }] }),
      ),
    ),
    pods: collection(...ofAgents, ...works),
    deployments: collection(
      ...Array.from({ length: 200 }, (_, index) =>
        aWorkload({ namespace: `team-${index % 40}`, name: `serve-${index}`, desired: 40, ready: index % 20 === 0 ? 38 : 40 }),
      ),
    ),
    daemonSets: collection(...agents.map((agent) => aWorkload({ kind: 'DaemonSet', desired: 100, ...agent }))),
    leases: collection(...places.map((name) => aLease(name))),
    gpus: ledger(Object.fromEntries(places.map((name) => [name, [8, 8] as const]))),
    nodeStats: live(new Map(places.map((name) => [name, nodeStats(name)])), now),
    hosts: live(new Map(places.map((name) => [name, machine(name)])), now),
    targets: live(
      places.flatMap((name, index) => agents.slice(3).map(({ name: job }) => target(job, name, index))),
      now,
    ),
  });
}

/** One in ten waits for a GPU, one in a hundred crashes again and again. */
function workPod(index: number) {
  const app = `serve-${index % 200}`;
  const common = {
    namespace: `team-${index % 40}`,
    name: `${app}-7d9c5b8f4-${index}`,
    nodeName: `gpu-${index % 100}`,
    app,
    owner: { kind: 'ReplicaSet', name: `${app}-7d9c5b8f4` },
    gpus: 1,
  };
  if (index % 10 === 0)
    return aPod({
      ...common,
      ...pending('0/100 nodes are available: 100 Insufficient nvidia.com/gpu. preemption: 0/100 nodes are available: 100 No preemption victims found.'),
    });
  if (index % 100 === 1)
    return aPod({
      ...common,
      ready: { status: 'False', since: now - 600_000, reason: 'ContainersNotReady' },
      containers: [aContainer({ ready: false, state: 'waiting', reason: 'CrashLoopBackOff', restarts: 7, exitCode: 1 })],
    });
  return aPod(common);
}

function target(job: string, node: string, index: number): Target {
  const instance = `10.0.0.${index}:${job === 'dcgm-exporter' ? 9400 : 9100}`;
  return aTarget({
    job,
    instance,
    ...(index % 25 === 0 ? { health: 'down', lastError: `dial tcp ${instance}: connect: connection refused` } : {}),
    labels: new Map([['node', node]]),
  });
}

/** In order, with as many facts as a real one gives. */
function machine(name: string): HostState {
  return aHost({
    name,
    facts: someFacts({
      hostname: known(name),
      failedUnits: known([]),
      services: known([
        { name: 'containerd', enabled: 'enabled', active: 'active' },
        { name: 'kubelet', enabled: 'enabled', active: 'active' },
      ]),
      certificates: known([{ path: '/var/lib/kubelet/pki/kubelet-client-current.pem', endsAt: now + 300 * day }]),
      xids: known([]),
    }),
  });
}
