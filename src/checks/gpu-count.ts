import { readiness } from '../state/nodes.js';
import type { Pod } from '../state/pods.js';
import type { Fix } from '../state/report.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { isMissingClass, runtimeClassFix, runtimeHint } from './device-plugin.js';
import { type GpuNode, gpuNodes, pluginOn } from './gpu-nodes.js';
import { gpuReasons } from './machine-reasons.js';
import { isReady } from './pod-index.js';
import { inBrackets } from './pod-status.js';
import type { Sight } from './sight.js';

export const gpuCount: Check = defineCheck({
  id: 'gpu-count',
  title: 'every GPU is offered to the scheduler',
  severity: 'critical',
  dependsOn: [...gpuReasons, 'coming-back', 'node-ready', 'kubelet-heartbeat', 'runtimeclass', 'nvidia-handler', 'device-plugin'],
  look(sight) {
    const nodes = gpuNodes(sight);
    if (nodes.length === 0) return [{ object: 'cluster', status: 'skipped', message: 'no GPU nodes here' }];
    return nodes.map((gpuNode) => gpusOf(gpuNode, sight));
  },
});

function gpusOf(gpuNode: GpuNode, sight: Sight): Observation {
  const { node, allocatable, capacity, expected, resources } = gpuNode;
  const object = `node/${node.name}`;
  const amount = `${allocatable} of ${expected} ${resources.length === 1 ? resources[0] : 'accelerators'} allocatable`;
  if (readiness(node) === 'unknown') {
    return { object, status: 'unknown', message: `${node.name} no longer reports its GPUs: ${amount} when last heard of`, explainedBy: [[object]] };
  }
  if (allocatable >= expected) return { object, status: 'pass', message: amount };
  return {
    object,
    status: 'fail',
    message: `${node.name}: ${amount}${because(gpuNode, sight)}`,
    fix: fixOf(gpuNode, sight),
    explains: [`gpus/${node.name}`, 'gpus', ...(allocatable < capacity || capacity < expected ? resources.map((resource) => `resource/${resource}`) : [])],
    explainedBy: [[object, `gpus/${node.name}`, `handler/${node.name}`, 'runtimeclass/nvidia']],
  };
}

function because(gpuNode: GpuNode, sight: Sight): string {
  const { node, allocatable, capacity, vendor } = gpuNode;
  if (allocatable > 0 && allocatable < capacity) return `; the device plugin calls ${capacity - allocatable} of them unhealthy`;
  if (allocatable > 0) return `; its device plugin sees no more than ${capacity}`;
  const plugin = pluginOn(node.name, vendor, sight);
  if (plugin === null || sight.peek('pods') === null) return '';
  const { pod, daemonSet } = plugin;
  if (pod === null) return `; no pod of its device plugin ${daemonSet.namespace}/${daemonSet.name} runs there`;
  const name = `${pod.namespace}/${pod.name}`;
  if (!isReady(pod)) return `; its device plugin pod ${name} is not ready${inBrackets(pod)}`;
  const hint = runtimeHint(daemonSet, sight);
  return `; its device plugin pod ${name} runs but finds none${hint === null ? '' : `: ${hint}`}`;
}

function fixOf(gpuNode: GpuNode, sight: Sight): Fix {
  const { node, allocatable, vendor } = gpuNode;
  const plugin = pluginOn(node.name, vendor, sight);
  if (allocatable > 0) {
    return {
      summary: 'Look for a GPU that fell off the bus (Xid errors); where there is none, restart the device plugin there',
      command: `ssh ${node.name} "sudo journalctl -k -b | grep 'NVRM: Xid'"`,
      ...restarting(plugin?.pod),
    };
  }
  if (plugin !== null && isMissingClass(plugin.daemonSet)) return runtimeClassFix(plugin.daemonSet, sight);
  if (plugin?.pod == null) return { summary: `See whether the driver sees the GPUs of ${node.name}`, command: `ssh ${node.name} nvidia-smi -L` };
  return {
    summary: `Read what the device plugin on ${node.name} says, then restart it`,
    command: sight.kubectl('-n', plugin.pod.namespace, 'logs', plugin.pod.name, '--tail=50'),
    ...restarting(plugin.pod),
  };
}

/** A plugin looks for GPUs when it starts: one that began before its driver was there finds them the second time. */
function restarting(pod: Pod | null | undefined): Pick<Fix, 'operation'> {
  return pod == null ? {} : { operation: { id: 'delete-pod', input: { namespace: pod.namespace, name: pod.name } } };
}
