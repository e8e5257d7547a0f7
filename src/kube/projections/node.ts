import type { Node, NodeCondition, NodeImage, NodeInfo, Taint } from '../../state/nodes.js';
import { createIntern } from '../intern.js';
import { at, list, number, text, textMap, time } from '../json.js';
import { quantities } from './quantities.js';

const shared = createIntern();
const rolePrefix = 'node-role.kubernetes.io/';

/** v1.Node, slim; null for something without a name. A node without status is one without conditions, capacity and versions. */
export function projectNode(object: unknown): Node | null {
  const metadata = at(object, 'metadata');
  const spec = at(object, 'spec');
  const status = at(object, 'status');
  const name = text(at(metadata, 'name'));
  if (name === null) return null;
  const labels = textMap(at(metadata, 'labels'), shared.text);
  const podCidr = text(at(spec, 'podCIDR'));
  const podCidrs = list(at(spec, 'podCIDRs')).flatMap((cidr) => text(cidr) ?? []);
  return {
    name: shared.text(name),
    uid: text(at(metadata, 'uid')) ?? '',
    createdAt: time(at(metadata, 'creationTimestamp')),
    labels,
    annotations: textMap(at(metadata, 'annotations'), shared.text),
    roles: rolesOf(labels),
    unschedulable: at(spec, 'unschedulable') === true,
    taints: list(at(spec, 'taints')).flatMap(taint),
    conditions: list(at(status, 'conditions')).flatMap(condition),
    addresses: list(at(status, 'addresses')).flatMap((address) => {
      const type = text(at(address, 'type'));
      const value = text(at(address, 'address'));
      return type === null || value === null ? [] : [{ type: shared.text(type), address: value }];
    }),
    capacity: quantities(at(status, 'capacity')),
    allocatable: quantities(at(status, 'allocatable')),
    info: nodeInfo(at(status, 'nodeInfo')),
    runtimeHandlers: Array.isArray(at(status, 'runtimeHandlers'))
      ? list(at(status, 'runtimeHandlers')).map((handler) => text(at(handler, 'name')) ?? '')
      : null,
    images: list(at(status, 'images')).flatMap(image),
    podCidrs: podCidrs.length > 0 || podCidr === null ? podCidrs : [podCidr],
  };
}

/** Also reads the label `kubernetes.io/role`, which older installers set. */
function rolesOf(labels: ReadonlyMap<string, string>): readonly string[] {
  const roles = new Set<string>();
  for (const [key, value] of labels) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) roles.add(shared.text(key.slice(rolePrefix.length)));
    if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return [...roles].sort();
}

function taint(value: unknown): Taint[] {
  const key = text(at(value, 'key'));
  return key === null ? [] : [{ key, value: text(at(value, 'value')) ?? '', effect: text(at(value, 'effect')) ?? '' }];
}

function condition(value: unknown): NodeCondition[] {
  const type = text(at(value, 'type'));
  if (type === null) return [];
  const status = at(value, 'status');
  return [
    {
      type: shared.text(type),
      status: status === 'True' || status === 'False' ? status : 'Unknown',
      reason: shared.text(text(at(value, 'reason')) ?? ''),
      message: shared.text(text(at(value, 'message')) ?? ''),
      lastHeartbeatAt: time(at(value, 'lastHeartbeatTime')),
      lastTransitionAt: time(at(value, 'lastTransitionTime')),
    },
  ];
}

function nodeInfo(value: unknown): NodeInfo {
  const field = (name: string) => text(at(value, name));
  return {
    bootId: field('bootID'),
    machineId: field('machineID'),
    kernelVersion: shared.textOrNull(field('kernelVersion')),
    osImage: shared.textOrNull(field('osImage')),
    architecture: shared.textOrNull(field('architecture')),
    containerRuntimeVersion: shared.textOrNull(field('containerRuntimeVersion')),
    kubeletVersion: shared.textOrNull(field('kubeletVersion')),
  };
}

function image(value: unknown): NodeImage[] {
  const names = list(at(value, 'names')).flatMap((name) => text(name) ?? []);
  const name = names.find((candidate) => !candidate.includes('@')) ?? names[0];
  return name === undefined ? [] : [{ name: shared.text(name), sizeBytes: number(at(value, 'sizeBytes')) ?? 0 }];
}
