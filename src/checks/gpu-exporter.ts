import type { Workload } from '../state/workloads.js';
import { type Check, defineCheck } from './check.js';
import { daemonSetObservation, daemonSetState, nodesOf } from './daemon-set.js';
import { gpuNodes } from './gpu-nodes.js';
import { gpuReasons } from './machine-reasons.js';
import { listed } from './wording.js';

export const gpuLabel: Check = defineCheck({
  id: 'gpu-label',
  title: 'GPU nodes carry the label that selects them',
  severity: 'warning',
  look(sight) {
    const nodes = gpuNodes(sight).filter((gpuNode) => gpuNode.vendor === 'nvidia');
    if (nodes.length === 0) return [{ object: 'cluster', status: 'skipped', message: 'no NVIDIA GPUs here' }];
    const unlabelled = nodes.filter(({ node }) => node.labels.get(label) !== 'true').map(({ node }) => node.name);
    const selectors = [...(sight.peek('daemonSets')?.values() ?? [])].filter((daemonSet) => daemonSet.nodeSelector.has(label));
    if (unlabelled.length === nodes.length && selectors.length === 0)
      return [{ object: 'cluster', status: 'skipped', message: `nothing here selects nodes by ${label}` }];
    if (unlabelled.length === 0) return [{ object: 'cluster', status: 'pass', message: `${label}=true on all ${nodes.length}` }];
    const users = selectors.length === 0 ? '' : `, which ${listed(selectors.map(({ name }) => name))} ${selectors.length === 1 ? 'selects' : 'select'} by`;
    return unlabelled.map((name) => ({
      object: `node/${name}`,
      status: 'warn' as const,
      message: `${name} has GPUs but lacks the label ${label}=true${users}`,
      fix: {
        summary: `Label ${name} with ${label}=true`,
        command: sight.kubectl('label', 'node', name, `${label}=true`),
        operation: { id: 'label-node', input: { node: name, key: label, value: 'true' } },
      },
      explains: [`gpu-label/${name}`],
    }));
  },
});

export const dcgmExporter: Check = defineCheck({
  id: 'dcgm-exporter',
  title: 'GPU metrics are exported',
  severity: 'warning',
  dependsOn: [
    ...gpuReasons,
    'coming-back',
    'node-ready',
    'kubelet-heartbeat',
    'cni-pods',
    'device-plugin',
    'gpu-count',
    'nvidia-handler',
    'runtimeclass',
    'gpu-label',
  ],
  look(sight) {
    const exporters = [...sight.see('daemonSets').values()].filter(isExporter);
    const nodes = gpuNodes(sight).filter((gpuNode) => gpuNode.vendor === 'nvidia');
    if (exporters.length === 0)
      return [{ object: 'cluster', status: 'skipped', message: nodes.length === 0 ? 'no NVIDIA GPUs here' : 'no DCGM exporter is installed' }];
    if (nodes.length === 0 && exporters.every((daemonSet) => daemonSet.desired === 0))
      return [{ object: 'cluster', status: 'skipped', message: 'no NVIDIA GPUs here' }];
    return exporters.map((daemonSet) => {
      const state = daemonSetState(daemonSet, sight);
      const seen = daemonSetObservation(state, sight, (node) => [`exporter/${node}`]);
      if (seen.status === 'pass') return seen;
      // It starts with the same runtime class and finds the same GPUs as the device plugin: what stops one stops the other.
      const explainedBy =
        daemonSet.desired === 0
          ? [nodes.map(({ node }) => `gpu-label/${node.name}`)]
          : nodesOf(state.unready).map((node) => [`node/${node}`, `network/${node}`, `gpus/${node}`, `handler/${node}`, 'runtimeclass/nvidia']);
      return { ...seen, status: 'warn' as const, explainedBy };
    });
  },
});

function isExporter(daemonSet: Workload): boolean {
  return /dcgm-exporter/.test(`${daemonSet.name} ${daemonSet.app ?? ''}`);
}

const label = 'nvidia.com/gpu.present';
