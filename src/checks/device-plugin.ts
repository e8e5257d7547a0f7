import type { Fix } from '../state/report.js';
import type { Workload } from '../state/workloads.js';
import { cut } from '../text/width.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { type DaemonSetState, daemonSetState, isStarting, nodesOf, podFix, readySentence, selection, starting, startingWords } from './daemon-set.js';
import { devicePlugins, type GpuNode, gpuNodes, type Vendor, vendorNames } from './gpu-nodes.js';
import { gpuReasons } from './machine-reasons.js';
import { inBrackets, stuckContainer } from './pod-status.js';
import type { Sight } from './sight.js';
import { clause, listed } from './wording.js';

export const devicePlugin: Check = defineCheck({
  id: 'device-plugin',
  title: 'device plugins run on the GPU nodes',
  severity: 'critical',
  dependsOn: [...gpuReasons, 'coming-back', 'node-ready', 'kubelet-heartbeat', 'cni-pods', 'runtimeclass', 'nvidia-handler'],
  look(sight) {
    const nodes = gpuNodes(sight);
    const plugins = devicePlugins(sight.see('daemonSets').values());
    const vendors = [...new Set([...nodes.map(({ vendor }) => vendor), ...plugins.map(({ vendor }) => vendor)])];
    if (nodes.length === 0) {
      const idle = plugins.filter(({ daemonSet }) => daemonSet.ready < daemonSet.desired);
      if (idle.length === 0) return [{ object: 'cluster', status: 'skipped', message: 'no GPU nodes here' }];
    }
    return vendors.flatMap((vendor) => pluginsOf(vendor, nodes, plugins, sight));
  },
});

function pluginsOf(
  vendor: Vendor,
  allNodes: readonly GpuNode[],
  all: readonly { daemonSet: Workload; vendor: Vendor }[],
  sight: Sight,
): readonly Observation[] {
  const nodes = allNodes.filter((gpuNode) => gpuNode.vendor === vendor);
  const plugins = all.filter((plugin) => plugin.vendor === vendor).map((plugin) => plugin.daemonSet);
  const wanted = plugins.filter((daemonSet) => daemonSet.desired > 0);
  if (wanted.length > 0) return wanted.map((daemonSet) => pluginObservation(daemonSetState(daemonSet, sight), nodes, sight));
  const lacking = nodes.filter((gpuNode) => gpuNode.allocatable < gpuNode.expected);
  const name = vendorNames[vendor];
  const [idle] = plugins;
  if (nodes.length === 0) return [];
  if (idle === undefined && lacking.length === 0)
    return [{ object: 'cluster', status: 'skipped', message: `no ${name} device plugin DaemonSet found, yet all ${name} GPUs are offered` }];
  const gpus = lacking.map((gpuNode) => `gpus/${gpuNode.node.name}`);
  if (idle === undefined) {
    return [
      {
        object: 'cluster',
        status: 'fail',
        message: `${registers(lacking)}: no ${name} device plugin DaemonSet is installed`,
        fix: { summary: `Install the ${name} device plugin or its operator`, command: null },
        explains: [...gpus, 'gpus'],
      },
    ];
  }
  return [
    {
      object: `daemonset/${idle.namespace}/${idle.name}`,
      status: 'fail',
      message: `The device plugin ${idle.namespace}/${idle.name} finds no node to run on: ${selection(idle)}`,
      fix: labelFix(idle, nodes, sight),
      explains: [...gpus, 'gpus'],
    },
  ];
}

function pluginObservation(state: DaemonSetState, nodes: readonly GpuNode[], sight: Sight): Observation {
  const { daemonSet, object, unready } = state;
  if (daemonSet.ready >= daemonSet.desired && unready.length === 0)
    return { object, status: 'pass', message: `${daemonSet.ready} of ${daemonSet.desired} ready` };
  const places = nodesOf(unready);
  const affected = nodes.filter((gpuNode) => places.includes(gpuNode.node.name) && gpuNode.allocatable < gpuNode.expected);
  const hint = runtimeHint(daemonSet, sight);
  const waits = hint === null && isStarting(state, sight);
  return {
    object,
    ...(waits ? starting : { status: 'fail' }),
    message: waits ? `${opening(state, affected)}${startingWords(state)}` : sentence(state, affected, hint),
    fix: waits ? null : isMissingClass(daemonSet) ? runtimeClassFix(daemonSet, sight) : podFix(daemonSet, unready, sight),
    explains: [object, ...unready.map((pod) => `pod/${pod.namespace}/${pod.name}`), ...places.map((node) => `gpus/${node}`), 'gpus'],
    explainedBy:
      unready.length === 0
        ? missingClassGroups(daemonSet)
        : places.map((node) => [`node/${node}`, `network/${node}`, `gpus/${node}`, `handler/${node}`, 'runtimeclass/nvidia']),
  };
}

/** That it runs without its class says why, before anything about its pods. */
function sentence(state: DaemonSetState, affected: readonly GpuNode[], hint: string | null): string {
  const { daemonSet, unready } = state;
  const [pod, ...more] = unready;
  if (!isMissingClass(daemonSet) || pod === undefined || more.length > 0 || affected.length === 0)
    return `${opening(state, affected)}${hint === null ? '' : `; ${hint}`}`;
  return `${registers(affected)}: its device plugin runs without the nvidia runtime class${inBrackets(pod)}`;
}

/** The whole story in one sentence: which node offers too little, and what its plugin's pod says. */
function opening(state: DaemonSetState, affected: readonly GpuNode[]): string {
  const { daemonSet, unready } = state;
  const [pod] = unready;
  const name = `${daemonSet.namespace}/${daemonSet.name}`;
  if (pod === undefined) return `The device plugin ${name} has ${daemonSet.ready} of ${daemonSet.desired} pods ready`;
  const held = stuckContainer(pod);
  const detail = held?.message == null || held.reason === 'CrashLoopBackOff' ? '' : `: ${cut(clause(held.message), 200)}`;
  if (unready.length > 1) return `${affected.length > 0 ? `${registers(affected)}: ` : ''}the device plugin ${name} has ${readySentence(state)}`;
  if (affected.length === 0)
    return `The device plugin pod ${pod.namespace}/${pod.name} on ${pod.nodeName ?? 'no node yet'} is not ready${inBrackets(pod)}${detail}`;
  return `${registers(affected)}: its device plugin pod ${pod.namespace}/${pod.name} is not ready${inBrackets(pod)}${detail}`;
}

/** `gpu-2 registers 0 of 8 GPUs` */
export function registers(nodes: readonly GpuNode[]): string {
  const allocatable = nodes.reduce((total, gpuNode) => total + gpuNode.allocatable, 0);
  const expected = nodes.reduce((total, gpuNode) => total + gpuNode.expected, 0);
  const names = listed(nodes.map((gpuNode) => gpuNode.node.name));
  return `${names} ${nodes.length === 1 ? 'registers' : 'register'} ${allocatable} of ${expected} ${expected === 1 ? 'GPU' : 'GPUs'}`;
}

/** NVIDIA's plugin sees no GPU unless it runs with the nvidia runtime; the chart and the manifests leave the class out. */
export function runtimeHint(daemonSet: Workload, sight: Sight): string | null {
  if (isMissingClass(daemonSet)) return 'the DaemonSet sets no runtimeClassName, so it sees the GPUs only where nvidia is the default runtime';
  const { runtimeClassName } = daemonSet;
  const classes = sight.peek('runtimeClasses');
  return runtimeClassName !== null && classes !== null && !classes.has(runtimeClassName)
    ? `the DaemonSet asks for the RuntimeClass ${runtimeClassName}, which does not exist`
    : null;
}

export function runtimeClassFix(daemonSet: Workload, sight: Sight): Fix {
  const patch = { spec: { template: { spec: { runtimeClassName: 'nvidia' } } } };
  const command = sight.kubectl('-n', daemonSet.namespace, 'patch', 'daemonset', daemonSet.name, '--type=merge', '-p', JSON.stringify(patch));
  const { namespace, name } = daemonSet;
  return {
    summary: `Set runtimeClassName nvidia on daemonset ${namespace}/${name}`,
    command,
    operation: { id: 'set-runtime-class', input: { kind: 'daemonset', namespace, name } },
  };
}

export function isMissingClass(daemonSet: Workload): boolean {
  return daemonSet.runtimeClassName === null && /nvidia/.test(daemonSet.name);
}

function missingClassGroups(daemonSet: Workload): readonly (readonly string[])[] {
  return daemonSet.runtimeClassName === null ? [] : [[`runtimeclass/${daemonSet.runtimeClassName}`]];
}

function labelFix(daemonSet: Workload, nodes: readonly GpuNode[], sight: Sight): Fix {
  const selector = [...daemonSet.nodeSelector];
  const labels = selector.map(([key, value]) => `${key}=${value}`);
  const unlabelled = nodes.filter(({ node }) => selector.some(([key, value]) => node.labels.get(key) !== value));
  const names = (unlabelled.length === 0 ? nodes : unlabelled).map((gpuNode) => gpuNode.node.name);
  if (labels.length === 0)
    return {
      summary: 'Let it tolerate the taints of the GPU nodes',
      command: sight.kubectl('-n', daemonSet.namespace, 'describe', 'daemonset', daemonSet.name),
    };
  return {
    summary: `Label the GPU nodes for it: ${listed(names)}`,
    command: sight.kubectl('label', 'node', ...names, ...labels),
    ...labelling(unlabelled[0], selector),
  };
}

/** One node and label at a time: with the first node labelled the DaemonSet runs, and what is still missing shows. */
function labelling(first: GpuNode | undefined, selector: readonly (readonly [string, string])[]): Pick<Fix, 'operation'> {
  const missing = selector.find(([key, value]) => first?.node.labels.get(key) !== value);
  if (first === undefined || missing === undefined) return {};
  const [key, value] = missing;
  return { operation: { id: 'label-node', input: { node: first.node.name, key, value } } };
}
