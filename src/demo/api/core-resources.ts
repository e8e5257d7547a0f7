import { at, numberAt, textAt } from './json.js';
import { configMapPrinter, eventPrinter, namespacePrinter, quotaPrinter, secretPrinter, serviceAccountPrinter } from './printers/cluster.js';
import { endpointsPrinter, servicePrinter } from './printers/network.js';
import { nodePrinter } from './printers/nodes.js';
import { podPrinter } from './printers/pods.js';
import { claimPrinter, volumePrinter } from './printers/storage.js';
import { replicationControllerPrinter } from './printers/workloads.js';
import type { ResourceRow } from './resource-type.js';
import type { SelectableFields } from './selectors.js';

/** The core group, `v1`. */
export const coreResources: readonly ResourceRow[] = [
  { kind: 'ConfigMap', plural: 'configmaps', short: ['cm'], printer: configMapPrinter },
  { kind: 'Endpoints', plural: 'endpoints', short: ['ep'], printer: endpointsPrinter },
  { kind: 'Event', plural: 'events', short: ['ev'], fields: eventFields(), printer: eventPrinter },
  { kind: 'LimitRange', plural: 'limitranges', short: ['limits'] },
  {
    kind: 'Namespace',
    plural: 'namespaces',
    short: ['ns'],
    namespaced: false,
    status: true,
    subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
    fields: texts({ 'status.phase': ['status', 'phase'] }),
    printer: namespacePrinter,
  },
  {
    kind: 'Node',
    plural: 'nodes',
    short: ['no'],
    namespaced: false,
    status: true,
    subresources: [{ name: 'proxy', kind: 'NodeProxyOptions', verbs: proxyVerbs() }],
    fields: { 'spec.unschedulable': (node) => String(at(node, 'spec', 'unschedulable') === true) },
    printer: nodePrinter,
  },
  { kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', short: ['pvc'], status: true, printer: claimPrinter },
  { kind: 'PersistentVolume', plural: 'persistentvolumes', short: ['pv'], namespaced: false, status: true, printer: volumePrinter },
  {
    kind: 'Pod',
    plural: 'pods',
    short: ['po'],
    categories: ['all'],
    status: true,
    subresources: [
      { name: 'binding', kind: 'Binding', verbs: ['create'] },
      { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
      { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
      { name: 'log', kind: 'Pod', verbs: ['get'] },
      { name: 'proxy', kind: 'PodProxyOptions', verbs: proxyVerbs() },
    ],
    fields: podFields(),
    printer: podPrinter,
  },
  { kind: 'PodTemplate', plural: 'podtemplates' },
  {
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    short: ['rc'],
    categories: ['all'],
    status: true,
    scale: true,
    fields: { 'status.replicas': (object) => String(numberAt(object, 'status', 'replicas')) },
    printer: replicationControllerPrinter,
  },
  { kind: 'ResourceQuota', plural: 'resourcequotas', short: ['quota'], status: true, printer: quotaPrinter },
  { kind: 'Secret', plural: 'secrets', fields: texts({ type: ['type'] }), printer: secretPrinter },
  { kind: 'ServiceAccount', plural: 'serviceaccounts', short: ['sa'], printer: serviceAccountPrinter },
  {
    kind: 'Service',
    plural: 'services',
    short: ['svc'],
    categories: ['all'],
    status: true,
    subresources: [{ name: 'proxy', kind: 'ServiceProxyOptions', verbs: proxyVerbs() }],
    fields: texts({ 'spec.clusterIP': ['spec', 'clusterIP'], 'spec.type': ['spec', 'type'] }),
    printer: servicePrinter,
  },
];

function proxyVerbs(): string[] {
  return ['create', 'delete', 'get', 'patch', 'update'];
}

function texts(paths: Readonly<Record<string, readonly string[]>>): SelectableFields {
  return Object.fromEntries(Object.entries(paths).map(([field, path]) => [field, (object: unknown) => textAt(object, ...path)]));
}

function podFields(): SelectableFields {
  return {
    ...texts({
      'spec.nodeName': ['spec', 'nodeName'],
      'spec.restartPolicy': ['spec', 'restartPolicy'],
      'spec.schedulerName': ['spec', 'schedulerName'],
      'spec.serviceAccountName': ['spec', 'serviceAccountName'],
      'status.phase': ['status', 'phase'],
      'status.podIP': ['status', 'podIP'],
      'status.podIPs': ['status', 'podIP'],
      'status.nominatedNodeName': ['status', 'nominatedNodeName'],
    }),
    'spec.hostNetwork': (pod) => String(at(pod, 'spec', 'hostNetwork') === true),
  };
}

function eventFields(): SelectableFields {
  const involved = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
  return {
    ...texts(Object.fromEntries(involved.map((key) => [`involvedObject.${key}`, ['involvedObject', key]]))),
    ...texts({ reason: ['reason'], reportingComponent: ['reportingComponent'], type: ['type'] }),
    source: (event) => textAt(event, 'source', 'component') || textAt(event, 'reportingComponent'),
  };
}
