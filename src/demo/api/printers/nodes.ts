import { at, listAt, textAt } from '../json.js';
import type { KubeObject } from '../object-store.js';
import { age, columns, type Printer } from './printer.js';

export const nodePrinter: Printer = {
  columns: columns('Name', 'Status', 'Roles', 'Age', 'Version', 'Internal-IP*', 'External-IP*', 'OS-Image*', 'Kernel-Version*', 'Container-Runtime*'),
  cells(node, now) {
    const info = (key: string): string => textAt(node, 'status', 'nodeInfo', key);
    return [
      node.metadata.name,
      status(node),
      roles(node),
      age(node, now),
      info('kubeletVersion'),
      address(node, 'InternalIP'),
      address(node, 'ExternalIP'),
      info('osImage') || '<unknown>',
      info('kernelVersion') || '<unknown>',
      info('containerRuntimeVersion') || '<unknown>',
    ];
  },
};

function status(node: KubeObject): string {
  const ready = listAt(node, 'status', 'conditions').find((each) => at(each, 'type') === 'Ready');
  const word = ready === undefined ? 'Unknown' : at(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return at(node, 'spec', 'unschedulable') === true ? `${word},SchedulingDisabled` : word;
}

const rolePrefix = 'node-role.kubernetes.io/';

function roles(node: KubeObject): string {
  const names = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) names.add(key.slice(rolePrefix.length));
    else if (key === 'kubernetes.io/role' && value !== '') names.add(value);
  }
  return [...names].sort().join(',') || '<none>';
}

function address(node: KubeObject, type: string): string {
  const found = listAt(node, 'status', 'addresses').find((each) => at(each, 'type') === type);
  return textAt(found, 'address') || '<none>';
}
