import { type Node, type NodeCondition, readiness } from '../state/nodes.js';
import { duration } from '../text/age.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { nodeReasons } from './machine-reasons.js';
import { restartKubelet } from './node-fix.js';
import type { Sight } from './sight.js';
import { clause } from './wording.js';

export const nodeReady: Check = defineCheck({
  id: 'node-ready',
  title: 'nodes are Ready',
  severity: 'critical',
  dependsOn: [...nodeReasons, 'coming-back', 'cni-pods'],
  look(sight) {
    const nodes = sight.see('nodes');
    const missing = (sight.expectations.nodes ?? []).filter((name) => !nodes.has(name)).map(unregistered);
    if (nodes.size === 0 && missing.length === 0) return [{ object: 'cluster', status: 'fail', message: 'No node is registered with the API server' }];
    return [
      ...missing,
      ...[...nodes.values()].map((node) =>
        readiness(node) === 'ready' ? { object: `node/${node.name}`, status: 'pass' as const, message: 'Ready' } : notReady(node, sight),
      ),
    ];
  },
});

/** Whether the kubelet runs and only waits for the pod network. */
export function waitsForNetwork(node: Node): boolean {
  if (readiness(node) === 'ready') return false;
  const ready = node.conditions.find((condition) => condition.type === 'Ready');
  const unavailable = node.conditions.some((condition) => condition.type === 'NetworkUnavailable' && condition.status === 'True');
  return ready?.status === 'False' && (unavailable || /network (?:plugin )?(?:is )?not ready|cni (?:plugin|config)/i.test(ready.message));
}

function notReady(node: Node, sight: Sight): Observation {
  const condition = node.conditions.find((candidate) => candidate.type === 'Ready');
  const byNetwork = waitsForNetwork(node);
  return {
    object: `node/${node.name}`,
    status: 'fail',
    message: sentence(node.name, condition, sight.now),
    fix: byNetwork
      ? { summary: 'Bring the pod network of the node up', command: sight.kubectl('describe', 'node', node.name) }
      : restartKubelet(node.name, `On ${node.name}: see why the kubelet is down (journalctl -u kubelet -b), then start it`, sight.snapshot),
    // A kubelet that only waits for the network still runs pods: it explains the taint, but not what happens on the node.
    explains: byNetwork ? [`taints/${node.name}`, ...downTaints] : [`node/${node.name}`, `taints/${node.name}`, ...downTaints],
    // What its machine says comes first: swap, a stopped service, a runtime whose program is gone.
    explainedBy: [[`node/${node.name}`, ...(byNetwork ? [`network/${node.name}`] : [])]],
  };
}

function sentence(name: string, condition: NodeCondition | undefined, now: number): string {
  if (condition === undefined) return `${name} never reported whether it is Ready: its kubelet has not started`;
  const since = condition.lastTransitionAt === null ? '' : ` for ${duration(now - condition.lastTransitionAt)}`;
  const why = clause(condition.message === '' ? condition.reason : condition.message);
  return condition.status === 'Unknown'
    ? `${name} has not reported${since}: ${why || 'its kubelet is silent'}`
    : `${name} is not Ready${since}: ${why || 'no reason given'}`;
}

function unregistered(name: string): Observation {
  return {
    object: `node/${name}`,
    status: 'fail',
    message: `${name} is expected but not registered with the API server`,
    fix: { summary: `On ${name}: see whether the kubelet runs and which name it registers`, command: `ssh ${name} sudo journalctl -u kubelet -b` },
    explains: [`node/${name}`, `taints/${name}`],
  };
}

const downTaints = ['taint/node.kubernetes.io/not-ready', 'taint/node.kubernetes.io/unreachable'];
