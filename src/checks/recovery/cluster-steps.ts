import { type Node, readiness } from '../../state/nodes.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { clause } from '../../text/wording.js';
import { nodeFinder } from '../monitoring.js';
import { waitsForNetwork } from '../node-ready.js';
import type { NodeSight } from './node-sight.js';
import type { Step, StepSeen } from './step.js';

/** What the API server and Prometheus say of the node itself. */
export const apiServer: Step = {
  id: 'api-server',
  needs: ['kubelet'],
  checks: ['apiserver-ready', 'etcd-health', 'static-pods', 'certs'],
  patienceMs: 90_000,
  look: lookAtApiServer,
};
export const nodeReady: Step = {
  id: 'node-ready',
  needs: ['kubelet', 'api-server'],
  checks: ['node-ready', 'node-conditions', 'kubelet-heartbeat', 'csr-pending'],
  patienceMs: 60_000,
  look: lookAtNode,
};
export const gpusRegistered: Step = {
  id: 'gpus',
  needs: ['node-ready', 'device-plugin'],
  checks: ['gpu-count', 'gpu-xid'],
  patienceMs: 30_000,
  look: lookAtGpus,
};
export const targetsUp: Step = {
  id: 'targets',
  needs: ['node-ready', 'pod-network', 'exporters'],
  checks: ['prometheus-targets'],
  patienceMs: 90_000,
  look: lookAtTargets,
};

/** Only where the node runs the API server, or where that was silent too. */
function lookAtApiServer({ name: node, snapshot, answered, apiWasSilent, bootedAt, pods, ...sight }: NodeSight): StepSeen | null {
  const name = 'API server';
  const own = pods.find((pod) => pod.mirror && pod.name === `kube-apiserver-${node}`);
  const here = own !== undefined || isControlPlane(sight.node) || serves(snapshot, sight.remembered?.address ?? null);
  // One that runs elsewhere waits for nothing of this node.
  const place = here ? {} : { needs: [], elsewhere: true };
  if (!here && !apiWasSilent && answered) return null;
  if (!answered) return { name, state: 'open', fact: apiWords(snapshot), ...place };
  const readyz = snapshot.readyz.freshness.status === 'live' ? snapshot.readyz.value : null;
  if (readyz !== null && !readyz.ready) {
    const failing = readyz.checks.find(({ ok }) => !ok);
    return { name, state: 'open', fact: failing === undefined ? 'not ready' : `not ready: ${failing.name}`, ...place };
  }
  const since = own?.ready?.status === 'True' ? own.ready.since : null;
  return { name, state: 'done', fact: readyz === null ? '' : `${Math.round(readyz.roundTripMs)} ms`, doneAt: afterBoot(since, bootedAt), ...place };
}

function lookAtNode({ node, answered, reporting, bootId, bootedAt }: NodeSight): StepSeen {
  const name = 'node Ready';
  if (!answered) return { name, state: 'unknown', fact: '' };
  if (node === null) return { name, state: 'open', fact: 'not registered' };
  if (bootId !== null && node.info.bootId !== null && node.info.bootId !== bootId) return { name, state: 'open', fact: 'has not reported since the boot' };
  const condition = node.conditions.find(({ type }) => type === 'Ready');
  if (readiness(node) === 'ready' && reporting) return { name, state: 'done', fact: '', doneAt: afterBoot(condition?.lastTransitionAt ?? null, bootedAt) };
  const fact = clause(condition?.message || condition?.reason || 'not yet reported');
  return waitsForNetwork(node)
    ? { name, state: 'open', fact: 'waits for the pod network', needs: ['kubelet', 'api-server', 'pod-network'] }
    : { name, state: 'open', fact };
}

function lookAtGpus({ gpus, reporting, answered }: NodeSight): StepSeen | null {
  if (gpus.expected === 0) return null;
  const name = 'GPUs registered';
  if (!answered) return { name, state: 'unknown', fact: '' };
  if (!reporting) return { name, state: 'open', fact: '' };
  const fact = `${gpus.allocatable} of ${gpus.expected}`;
  return { name, state: gpus.allocatable >= gpus.expected ? 'done' : 'open', fact, broken: gpus.allocatable > 0 && gpus.allocatable < gpus.expected };
}

function lookAtTargets({ name: node, sight, snapshot, bootedAt, reporting, answered }: NodeSight): StepSeen | null {
  const name = 'targets';
  if (snapshot.targets.freshness.status === 'absent' || snapshot.prometheus.freshness.status === 'absent') return null;
  const targets = sight.peek('targets');
  if (!answered || targets === null) return { name, state: 'unknown', fact: answered ? 'Prometheus does not answer' : '' };
  const nodeOf = nodeFinder(sight);
  const own = targets.filter((target) => nodeOf(target) === node);
  if (own.length === 0) return reporting ? null : { name, state: 'open', fact: '' };
  const up = own.filter(({ health, lastScrapeAt }) => health === 'up' && (bootedAt === null || lastScrapeAt === null || lastScrapeAt >= bootedAt));
  return { name, state: up.length === own.length && reporting ? 'done' : 'open', fact: `${up.length} of ${own.length} up` };
}

/** How the silence of the API server is told: `refused`, `silent`, `rejects us`. */
export function apiWords({ connection }: ClusterSnapshot): string {
  if (connection.status !== 'lost') return connection.status === 'connecting' ? 'connecting' : '';
  if (/refus|ECONNREFUSED/i.test(connection.why)) return 'refused';
  return connection.kind === 'unreachable' ? 'silent' : connection.kind === 'tls' ? 'TLS does not match' : 'rejects us';
}

/** The moment, if it belongs to this boot: the clocks of machines differ by a little. */
export function afterBoot(at: number | null, bootedAt: number | null): number | null {
  return at !== null && bootedAt !== null && at >= bootedAt - clockSlack ? at : null;
}

const clockSlack = 2_000;

function isControlPlane(node: Node | null): boolean {
  return node !== null && (node.roles.includes('control-plane') || node.roles.includes('master'));
}

/** Whether the kubeconfig's server is this machine. */
function serves({ connection }: ClusterSnapshot, address: string | null): boolean {
  if (address === null || connection.status === 'unconfigured' || connection.status === 'unusable') return false;
  const host = /^https?:\/\/(?:\[([^\]]+)\]|([^:/]+))/.exec(connection.server);
  return (host?.[1] ?? host?.[2]) === address;
}
