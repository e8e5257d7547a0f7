import { at, isObject, listAt, numberAt, objectAt, textAt } from '../json.js';
import type { KubeObject } from '../object-store.js';
import { age, columns, type Printer, since } from './printer.js';

export const namespacePrinter: Printer = {
  columns: columns('Name', 'Status', 'Age'),
  cells: (object, now) => [object.metadata.name, textAt(object, 'status', 'phase'), age(object, now)],
};

export const eventPrinter: Printer = {
  columns: columns('Last Seen', 'Type', 'Reason', 'Object', 'Subobject*', 'Source*', 'Message', 'First Seen*', 'Count:integer*', 'Name*'),
  cells(object, now) {
    const first = textAt(object, 'firstTimestamp') || textAt(object, 'eventTime');
    const last = textAt(object, 'series', 'lastObservedTime') || textAt(object, 'lastTimestamp') || first;
    const count = numberAt(object, 'series', 'count') || numberAt(object, 'count') || 1;
    const involved = objectAt(object, 'involvedObject');
    const kind = textAt(involved, 'kind').toLowerCase();
    const source = [textAt(object, 'source', 'component') || textAt(object, 'reportingComponent'), textAt(object, 'source', 'host')];
    return [
      since(last, now),
      textAt(object, 'type'),
      textAt(object, 'reason'),
      textAt(involved, 'name') === '' ? kind : `${kind}/${textAt(involved, 'name')}`,
      textAt(involved, 'fieldPath'),
      source.filter((each) => each !== '').join(', '),
      textAt(object, 'message').trim(),
      since(first, now),
      count,
      object.metadata.name,
    ];
  },
};

export const configMapPrinter: Printer = {
  columns: columns('Name', 'Data:integer', 'Age'),
  cells: (object, now) => [object.metadata.name, size(object, 'data') + size(object, 'binaryData'), age(object, now)],
};

export const secretPrinter: Printer = {
  columns: columns('Name', 'Type', 'Data:integer', 'Age'),
  cells: (object, now) => [object.metadata.name, textAt(object, 'type') || 'Opaque', size(object, 'data'), age(object, now)],
};

export const serviceAccountPrinter: Printer = {
  columns: columns('Name', 'Secrets:integer', 'Age'),
  cells: (object, now) => [object.metadata.name, listAt(object, 'secrets').length, age(object, now)],
};

export const leasePrinter: Printer = {
  columns: columns('Name', 'Holder', 'Age'),
  cells: (object, now) => [object.metadata.name, textAt(object, 'spec', 'holderIdentity'), age(object, now)],
};

export const runtimeClassPrinter: Printer = {
  columns: columns('Name', 'Handler', 'Age'),
  cells: (object, now) => [object.metadata.name, textAt(object, 'handler'), age(object, now)],
};

export const priorityClassPrinter: Printer = {
  columns: columns('Name', 'Value:integer', 'Global-Default:boolean', 'Age', 'PreemptionPolicy'),
  cells: (object, now) => [
    object.metadata.name,
    numberAt(object, 'value'),
    at(object, 'globalDefault') === true,
    age(object, now),
    textAt(object, 'preemptionPolicy') || 'PreemptLowerPriority',
  ],
};

export const quotaPrinter: Printer = {
  columns: columns('Name', 'Request', 'Limit', 'Age'),
  cells(object, now) {
    const hard = objectAt(object, 'status', 'hard');
    const used = objectAt(object, 'status', 'used');
    const part = (keys: readonly string[]): string => keys.map((key) => `${key}: ${String(used[key] ?? '0')}/${String(hard[key])}`).join(', ');
    const keys = Object.keys(hard).sort();
    return [
      object.metadata.name,
      part(keys.filter((key) => !key.startsWith('limits.'))),
      part(keys.filter((key) => key.startsWith('limits.'))),
      age(object, now),
    ];
  },
};

export const disruptionBudgetPrinter: Printer = {
  columns: columns('Name', 'Min Available', 'Max Unavailable', 'Allowed Disruptions:integer', 'Age'),
  cells: (object, now) => [
    object.metadata.name,
    String(at(object, 'spec', 'minAvailable') ?? 'N/A'),
    String(at(object, 'spec', 'maxUnavailable') ?? 'N/A'),
    numberAt(object, 'status', 'disruptionsAllowed'),
    age(object, now),
  ],
};

export const autoscalerPrinter: Printer = {
  columns: columns('Name', 'Reference', 'Targets', 'MinPods:integer', 'MaxPods:integer', 'Replicas:integer', 'Age'),
  cells: (object, now) => [
    object.metadata.name,
    `${textAt(object, 'spec', 'scaleTargetRef', 'kind')}/${textAt(object, 'spec', 'scaleTargetRef', 'name')}`,
    autoscalerTargets(object),
    String(at(object, 'spec', 'minReplicas') ?? '<unset>'),
    numberAt(object, 'spec', 'maxReplicas'),
    numberAt(object, 'status', 'currentReplicas'),
    age(object, now),
  ],
};

export const roleBindingPrinter: Printer = {
  columns: columns('Name', 'Role', 'Age', 'Users*', 'Groups*', 'ServiceAccounts*'),
  cells(object, now) {
    const subjects = (kind: string): string =>
      listAt(object, 'subjects')
        .filter((each) => at(each, 'kind') === kind)
        .map((each) => (kind === 'ServiceAccount' ? `${textAt(each, 'namespace')}/${textAt(each, 'name')}` : textAt(each, 'name')))
        .join(', ');
    const role = `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}`;
    return [object.metadata.name, role, age(object, now), subjects('User'), subjects('Group'), subjects('ServiceAccount')];
  },
};

export const webhookPrinter: Printer = {
  columns: columns('Name', 'Webhooks:integer', 'Age'),
  cells: (object, now) => [object.metadata.name, listAt(object, 'webhooks').length, age(object, now)],
};

export const apiServicePrinter: Printer = {
  columns: columns('Name', 'Service', 'Available', 'Age'),
  cells(object, now) {
    const service = at(object, 'spec', 'service');
    const available = listAt(object, 'status', 'conditions').find((each) => at(each, 'type') === 'Available');
    const state = available === undefined ? 'Unknown' : textAt(available, 'status');
    return [
      object.metadata.name,
      isObject(service) ? `${textAt(service, 'namespace')}/${textAt(service, 'name')}` : 'Local',
      state === 'True' || state === 'Unknown' ? state : `${state} (${textAt(available, 'reason')})`,
      age(object, now),
    ];
  },
};

export const signingRequestPrinter: Printer = {
  columns: columns('Name', 'Age', 'SignerName', 'Requestor', 'RequestedDuration', 'Condition'),
  cells(object, now) {
    const types = listAt(object, 'status', 'conditions').map((each) => textAt(each, 'type'));
    const word = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending';
    const condition = `${word}${types.includes('Failed') ? ',Failed' : ''}${textAt(object, 'status', 'certificate') === '' ? '' : ',Issued'}`;
    const seconds = at(object, 'spec', 'expirationSeconds');
    const duration = typeof seconds === 'number' ? `${seconds}s` : '<none>';
    return [object.metadata.name, age(object, now), textAt(object, 'spec', 'signerName'), textAt(object, 'spec', 'username'), duration, condition];
  },
};

function size(object: KubeObject, key: string): number {
  return Object.keys(objectAt(object, key)).length;
}

function autoscalerTargets(object: KubeObject): string {
  const specs = listAt(object, 'spec', 'metrics');
  if (specs.length === 0) return '<none>';
  const current = listAt(object, 'status', 'currentMetrics');
  const targets = specs.map((spec, index) => {
    const source = Object.values(objectAt(spec)).find(isObject) ?? {};
    const now = Object.values(objectAt(current[index])).find(isObject) ?? {};
    const name = at(spec, 'type') === 'Resource' ? `${textAt(source, 'name')}: ` : '';
    return `${name}${metricValue(objectAt(now, 'current')) ?? '<unknown>'}/${metricValue(objectAt(source, 'target')) ?? '<auto>'}`;
  });
  return targets.length > 2 ? `${targets.slice(0, 2).join(', ')} + ${targets.length - 2} more...` : targets.join(', ');
}

function metricValue(value: unknown): string | null {
  const utilization = at(value, 'averageUtilization');
  if (typeof utilization === 'number') return `${utilization}%`;
  const average = textAt(value, 'averageValue');
  return average === '' ? textAt(value, 'value') || null : average;
}
