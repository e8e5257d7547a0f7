import type { Node } from '../state/nodes.js';
import { type Check, defineCheck, type Observation } from './check.js';
import type { Sight } from './sight.js';
import { listed } from './wording.js';

export const nodeSchedulable: Check = defineCheck({
  id: 'node-schedulable',
  title: 'nodes take pods',
  severity: 'warning',
  dependsOn: ['coming-back', 'node-ready', 'node-conditions', 'cni-pods'],
  look(sight) {
    const nodes = sight.see('nodes');
    if (nodes.size === 0) return [{ object: 'cluster', status: 'skipped', message: 'no nodes' }];
    return [...nodes.values()].map((node) => schedulable(node, sight));
  },
});

function schedulable(node: Node, sight: Sight): Observation {
  const object = `node/${node.name}`;
  // Other taints (the control plane's, a GPU pool's) are somebody's choice; these keys are the cluster's own signs of trouble.
  const taints = node.taints.map((taint) => taint.key).filter((key) => trouble.test(key) && key !== cordonTaint);
  if (node.unschedulable) {
    return {
      object,
      status: 'warn',
      message: `${node.name} is cordoned: it takes no new pods${taints.length > 0 ? ` (and is tainted ${listed([...new Set(taints)])})` : ''}`,
      fix: {
        summary: 'Let it take pods again once its maintenance is done',
        command: sight.kubectl('uncordon', node.name),
        operation: { id: 'uncordon', input: { node: node.name } },
      },
      explains: ['cordon'],
      explainedBy: [[`cordon/${node.name}`]],
    };
  }
  if (taints.length === 0) return { object, status: 'pass', message: 'takes pods' };
  const keys = [...new Set(taints)];
  return {
    object,
    status: 'warn',
    message: `${node.name} takes no new pods: tainted ${listed(keys)}`,
    fix: { summary: 'The taint goes when its reason goes; see the conditions of the node', command: sight.kubectl('describe', 'node', node.name) },
    explains: keys.map((key) => `taint/${key}`),
    explainedBy: [[`taints/${node.name}`, `pressure/${node.name}`, `network/${node.name}`]],
  };
}

const cordonTaint = 'node.kubernetes.io/unschedulable';
const trouble = /^node\.(?:cloudprovider\.)?kubernetes\.io\//;
