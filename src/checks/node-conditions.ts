import type { Node, NodeCondition } from '../state/nodes.js';
import type { Fix } from '../state/report.js';
import { duration } from '../text/age.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { hasRoom } from './disk-vs-eviction.js';
import { machineOf } from './node-fix.js';
import { networkPodOn } from './pod-network.js';
import type { Sight } from './sight.js';
import { clause, listed } from './wording.js';

export const nodeConditions: Check = defineCheck({
  id: 'node-conditions',
  title: 'nodes have memory, disk, processes and network',
  severity: 'critical',
  dependsOn: ['coming-back', 'node-ready', 'kubelet-heartbeat', 'cni-pods', 'disk-vs-eviction'],
  look(sight) {
    const nodes = sight.see('nodes');
    if (nodes.size === 0) return [{ object: 'cluster', status: 'skipped', message: 'no nodes' }];
    return [...nodes.values()].map((node) => conditionsOf(node, sight));
  },
});

function conditionsOf(node: Node, sight: Sight): Observation {
  const object = `node/${node.name}`;
  const others = node.conditions.filter((condition) => condition.type !== 'Ready');
  const bad = others.filter((condition) => condition.status === 'True');
  const serious = bad.filter((condition) => effects.has(condition.type));
  const first = serious[0] ?? bad[0];
  if (first !== undefined) {
    const tags = serious.flatMap((condition) => effects.get(condition.type) ?? []);
    return {
      object,
      status: serious.length > 0 ? 'fail' : 'warn',
      severity: serious.length > 0 ? 'critical' : 'warning',
      message: `${node.name} has ${listed(bad.map((condition) => condition.type))}${since(first, sight.now)}${told(first)}`,
      fix: fixOf(first, node, sight),
      explains: [`pressure/${node.name}`, ...tags],
      explainedBy: serious.flatMap(({ type }) => reasons(type, node.name)),
    };
  }
  const silent = others.filter((condition) => condition.status === 'Unknown' && effects.has(condition.type));
  if (silent.length > 0) {
    return {
      object,
      status: 'unknown',
      message: `${node.name} no longer reports ${listed(silent.map((condition) => condition.type))}`,
      explainedBy: [[object]],
    };
  }
  return { object, status: 'pass', message: 'no pressure' };
}

/** The conditions that stop work on a node, with the taint each of them brings. Others (from node-problem-detector) are warnings. */
const effects: ReadonlyMap<string, readonly string[]> = new Map([
  ['MemoryPressure', ['taint/node.kubernetes.io/memory-pressure']],
  ['DiskPressure', ['taint/node.kubernetes.io/disk-pressure', 'disk-pressure']],
  ['PIDPressure', ['taint/node.kubernetes.io/pid-pressure']],
  ['NetworkUnavailable', ['taint/node.kubernetes.io/network-unavailable']],
]);

function reasons(type: string, node: string): readonly (readonly string[])[] {
  if (type === 'NetworkUnavailable') return [[`network/${node}`]];
  return type === 'DiskPressure' ? [[`disk/${node}`]] : [[]];
}

function since(condition: NodeCondition, now: number): string {
  return condition.lastTransitionAt === null ? '' : ` for ${duration(now - condition.lastTransitionAt)}`;
}

function told(condition: NodeCondition): string {
  return condition.message === '' ? '' : `: ${clause(condition.message)}`;
}

function fixOf(condition: NodeCondition, node: Node, sight: Sight): Fix {
  switch (condition.type) {
    case 'DiskPressure':
      if (hasRoom(node.name, sight))
        return {
          summary: 'Nothing: there is room again, and the kubelet waits five minutes before it says so (evictionPressureTransitionPeriod)',
          command: null,
        };
      return {
        summary: 'Free disk space: unused images, then logs; the condition clears five minutes after there is room',
        command: `ssh ${node.name} sudo crictl rmi --prune`,
        operation: { id: 'free-disk', input: { host: machineOf(node.name, sight.snapshot) } },
      };
    case 'MemoryPressure':
      return { summary: 'See which pods take the memory and give them limits', command: sight.kubectl('top', 'pods', '-A', '--sort-by=memory') };
    case 'PIDPressure':
      return { summary: 'See which pods start too many processes', command: `ssh ${node.name} 'ps -eo user,comm | sort | uniq -c | sort -rn | head'` };
    case 'NetworkUnavailable':
      return networkFix(node, sight);
    default:
      return { summary: 'Read what the node reports', command: sight.kubectl('describe', 'node', node.name) };
  }
}

function networkFix(node: Node, sight: Sight): Fix {
  const summary = "Restart the pod network's pod of this node";
  const pod = networkPodOn(node.name, sight);
  if (pod === null) return { summary, command: sight.kubectl('get', 'pods', '-A', `--field-selector=spec.nodeName=${node.name}`) };
  const { namespace, name } = pod;
  return { summary, command: sight.kubectl('-n', namespace, 'delete', 'pod', name), operation: { id: 'delete-pod', input: { namespace, name } } };
}
