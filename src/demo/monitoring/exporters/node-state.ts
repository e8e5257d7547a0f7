import type { KubeObject } from '../../api/object-store.js';
import { quantity } from '../../controllers/quantity.js';
import { at, fieldsAt, listAt, textAt } from '../../fields.js';
import type { ClusterModel } from '../model/cluster-model.js';
import { stepAt } from '../model/steps.js';
import type { Family, LabelPairs, Wants } from './family.js';
import { createdAt, type State, stateFamily } from './object-state.js';

/** kube-state-metrics about nodes. */
export function nodeStateFamilies(model: ClusterModel): Family[] {
  const family = (name: string, help: string, states: (node: KubeObject, wants: Wants) => Iterable<State>): Family =>
    stateFamily(
      `kube_node_${name}`,
      help,
      () => model.world.store.list('nodes'),
      (node) => [['node', node.metadata.name]],
      states,
    );
  return [
    family('created', '[STABLE] Unix creation timestamp', (node) => [[[], createdAt(node) ?? 0]]),
    family('info', '[STABLE] Information about a cluster node.', (node) => [[infoOf(node), 1]]),
    family('role', 'The role of a cluster node.', (node) =>
      Object.keys(node.metadata.labels ?? {})
        .filter((label) => label.startsWith(rolePrefix))
        .map((label): State => [[['role', label.slice(rolePrefix.length)]], 1]),
    ),
    family('spec_taint', '[STABLE] The taint of a cluster node.', (node) => listAt(node, 'spec', 'taints').map((taint): State => [taintOf(taint), 1])),
    family('spec_unschedulable', '[STABLE] Whether a node can schedule new pods.', (node) => [[[], Number(at(node, 'spec', 'unschedulable') === true)]]),
    family('status_addresses', 'Node address information.', (node) =>
      listAt(node, 'status', 'addresses').map(
        (address): State => [
          [
            ['type', textAt(address, 'type') ?? ''],
            ['address', textAt(address, 'address') ?? ''],
          ],
          1,
        ],
      ),
    ),
    family('status_allocatable', '[STABLE] The allocatable for different resources of a node that are available for scheduling.', (node) =>
      resourcesOf(node, 'allocatable', (resource) => offeredOf(model, node, resource)),
    ),
    family('status_capacity', '[STABLE] The capacity for different resources of a node.', (node) => resourcesOf(node, 'capacity', () => null)),
    family('status_condition', '[STABLE] The condition of a cluster node.', conditionsOf),
  ];
}

const rolePrefix = 'node-role.kubernetes.io/';

function infoOf(node: KubeObject): LabelPairs {
  const info = (field: string): string => textAt(node, 'status', 'nodeInfo', field) ?? '';
  const address = listAt(node, 'status', 'addresses').find((each) => textAt(each, 'type') === 'InternalIP');
  return [
    ['kernel_version', info('kernelVersion')],
    ['os_image', info('osImage')],
    ['container_runtime_version', info('containerRuntimeVersion')],
    ['kubelet_version', info('kubeletVersion')],
    ['kubeproxy_version', 'deprecated'],
    ['provider_id', textAt(node, 'spec', 'providerID') ?? ''],
    ['pod_cidr', textAt(node, 'spec', 'podCIDR') ?? ''],
    ['system_uuid', info('systemUUID')],
    ['internal_ip', textAt(address, 'address') ?? ''],
  ];
}

function taintOf(taint: unknown): LabelPairs {
  return [
    ['key', textAt(taint, 'key') ?? ''],
    ['value', textAt(taint, 'value') ?? ''],
    ['effect', textAt(taint, 'effect') ?? ''],
  ];
}

function* resourcesOf(node: KubeObject, field: 'capacity' | 'allocatable', history: (resource: string) => State[1] | null): Iterable<State> {
  for (const [name, amount] of Object.entries(fieldsAt(node, 'status', field))) {
    yield [resourceLabels(name), history(name) ?? quantity(amount)];
  }
}

/** GPUs get lost and come back: what the node offered is told for each moment, so that alerts know since when. */
function offeredOf(model: ClusterModel, node: KubeObject, resource: string): State[1] | null {
  const record = resource === 'nvidia.com/gpu' ? model.node(node.metadata.name) : null;
  return record === null ? null : (time) => stepAt(record.gpusOffered, time) ?? 0;
}

/** A resource's name and unit as kube-state-metrics writes them: `nvidia.com/gpu` becomes `nvidia_com_gpu`, `integer`. */
export function resourceLabels(name: string): LabelPairs {
  const unit = name === 'cpu' ? 'core' : name === 'memory' || name.includes('storage') || name.startsWith('hugepages-') ? 'byte' : 'integer';
  return [
    ['resource', name.replace(/[^a-zA-Z0-9_]/g, '_')],
    ['unit', unit],
  ];
}

function* conditionsOf(node: KubeObject, wants: Wants): Iterable<State> {
  for (const condition of listAt(node, 'status', 'conditions')) {
    const type = textAt(condition, 'type') ?? '';
    for (const status of ['true', 'false', 'unknown']) {
      if (!wants('status', status)) continue;
      const pairs: LabelPairs = [
        ['condition', type],
        ['status', status],
      ];
      yield [pairs, Number(textAt(condition, 'status')?.toLowerCase() === status)];
    }
  }
}
