import { at, listAt, numberAt, stringsAt, textAt } from '../json.js';
import type { KubeObject } from '../object-store.js';
import { formatLabelSelector } from '../selectors.js';
import { age, columns, type Printer } from './printer.js';
import { formatLabels } from './workloads.js';

export const servicePrinter: Printer = {
  columns: columns('Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age', 'Selector*'),
  cells: (object, now) => [
    object.metadata.name,
    textAt(object, 'spec', 'type'),
    textAt(object, 'spec', 'clusterIP') || '<none>',
    externalIp(object),
    servicePorts(object),
    age(object, now),
    formatLabels(stringsAt(object, 'spec', 'selector')),
  ],
};

export const endpointsPrinter: Printer = {
  columns: columns('Name', 'Endpoints', 'Age'),
  cells: (object, now) => [object.metadata.name, endpoints(object), age(object, now)],
};

export const endpointSlicePrinter: Printer = {
  columns: columns('Name', 'AddressType', 'Ports', 'Endpoints', 'Age'),
  cells(object, now) {
    const ports = listAt(object, 'ports').map((port) => (at(port, 'port') === undefined ? '*' : String(numberAt(port, 'port'))));
    const addresses = listAt(object, 'endpoints').flatMap((endpoint) => listAt(endpoint, 'addresses').map(String));
    return [object.metadata.name, textAt(object, 'addressType'), some(ports, '<unset>'), some(addresses, '<unset>'), age(object, now)];
  },
};

export const ingressPrinter: Printer = {
  columns: columns('Name', 'Class', 'Hosts', 'Address', 'Ports', 'Age'),
  cells(object, now) {
    const hosts = listAt(object, 'spec', 'rules')
      .map((rule) => textAt(rule, 'host'))
      .filter((host) => host !== '');
    return [
      object.metadata.name,
      textAt(object, 'spec', 'ingressClassName') || '<none>',
      some(hosts, '*'),
      loadBalancer(object),
      listAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80',
      age(object, now),
    ];
  },
};

export const ingressClassPrinter: Printer = {
  columns: columns('Name', 'Controller', 'Parameters', 'Age'),
  cells(object, now) {
    const kind = textAt(object, 'spec', 'parameters', 'kind');
    const parameters = kind === '' ? '<none>' : `${kind.toLowerCase()}/${textAt(object, 'spec', 'parameters', 'name')}`;
    return [object.metadata.name, textAt(object, 'spec', 'controller'), parameters, age(object, now)];
  },
};

export const networkPolicyPrinter: Printer = {
  columns: columns('Name', 'Pod-Selector', 'Age'),
  cells: (object, now) => [object.metadata.name, formatLabelSelector(at(object, 'spec', 'podSelector')), age(object, now)],
};

function externalIp(service: KubeObject): string {
  const external = listAt(service, 'spec', 'externalIPs').map(String);
  switch (textAt(service, 'spec', 'type')) {
    case 'ExternalName':
      return textAt(service, 'spec', 'externalName');
    case 'LoadBalancer': {
      const addresses = [loadBalancer(service), ...external].filter((each) => each !== '');
      return addresses.join(',') || '<pending>';
    }
    default:
      return external.join(',') || '<none>';
  }
}

function loadBalancer(object: KubeObject): string {
  const addresses = listAt(object, 'status', 'loadBalancer', 'ingress').map((each) => textAt(each, 'ip') || textAt(each, 'hostname'));
  return [...new Set(addresses)].join(',');
}

function servicePorts(service: KubeObject): string {
  const ports = listAt(service, 'spec', 'ports').map((port) => {
    const nodePort = numberAt(port, 'nodePort');
    return `${numberAt(port, 'port')}${nodePort > 0 ? `:${nodePort}` : ''}/${textAt(port, 'protocol') || 'TCP'}`;
  });
  return ports.join(',') || '<none>';
}

function endpoints(object: KubeObject): string {
  const all = listAt(object, 'subsets').flatMap((subset) => {
    const addresses = listAt(subset, 'addresses').map((each) => textAt(each, 'ip'));
    const ports = listAt(subset, 'ports');
    return ports.length === 0 ? addresses : ports.flatMap((port) => addresses.map((address) => `${address}:${numberAt(port, 'port')}`));
  });
  return some(all, '<none>');
}

/** The first three, and how many more there are. */
function some(values: readonly string[], empty: string): string {
  if (values.length === 0) return empty;
  const shown = values.slice(0, 3).join(',');
  return values.length > 3 ? `${shown} + ${values.length - 3} more...` : shown;
}
