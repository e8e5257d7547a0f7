import type { JsonObject } from './json.js';
import type { KubeObject } from './object-store.js';

/** The definitions that a GPU cluster of the usual kind has: Prometheus operator, GPU operator, Calico. */
export function usualDefinitions(): KubeObject[] {
  return [
    definition('monitoring.coreos.com', 'v1', 'ServiceMonitor', 'servicemonitors', { short: ['smon'], categories: ['prometheus-operator'] }),
    definition('monitoring.coreos.com', 'v1', 'PodMonitor', 'podmonitors', { short: ['pmon'], categories: ['prometheus-operator'] }),
    definition('monitoring.coreos.com', 'v1', 'PrometheusRule', 'prometheusrules', { short: ['promrule'], categories: ['prometheus-operator'] }),
    definition('monitoring.coreos.com', 'v1', 'Prometheus', 'prometheuses', {
      short: ['prom'],
      categories: ['prometheus-operator'],
      columns: [
        ['Version', 'string', '.spec.version'],
        ['Desired', 'integer', '.spec.replicas'],
        ['Ready', 'integer', '.status.availableReplicas'],
        ['Reconciled', 'string', '.status.conditions[?(@.type=="Reconciled")].status'],
        ['Available', 'string', '.status.conditions[?(@.type=="Available")].status'],
        ['Age', 'date', '.metadata.creationTimestamp'],
      ],
    }),
    definition('nvidia.com', 'v1', 'ClusterPolicy', 'clusterpolicies', {
      cluster: true,
      columns: [
        ['Status', 'string', '.status.state'],
        ['Age', 'date', '.metadata.creationTimestamp'],
      ],
    }),
    definition('operator.tigera.io', 'v1', 'TigeraStatus', 'tigerastatuses', {
      cluster: true,
      columns: [
        ['Available', 'string', '.status.conditions[?(@.type=="Available")].status'],
        ['Progressing', 'string', '.status.conditions[?(@.type=="Progressing")].status'],
        ['Degraded', 'string', '.status.conditions[?(@.type=="Degraded")].status'],
        ['Since', 'date', '.status.conditions[?(@.type=="Available")].lastTransitionTime'],
      ],
    }),
    definition('operator.tigera.io', 'v1', 'Installation', 'installations', { cluster: true }),
  ];
}

interface Extras {
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly cluster?: boolean;
  readonly columns?: readonly (readonly [name: string, type: string, jsonPath: string])[];
}

function definition(group: string, version: string, kind: string, plural: string, extras: Extras): KubeObject {
  const names = { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List`, shortNames: extras.short, categories: extras.categories };
  return established({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names,
      scope: extras.cluster === true ? 'Cluster' : 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          ...(extras.columns === undefined ? {} : { additionalPrinterColumns: extras.columns.map(([name, type, jsonPath]) => ({ name, type, jsonPath })) }),
        },
      ],
    },
  });
}

/** The status that the API server itself writes on a definition that it serves. */
export function established(object: KubeObject, now = new Date()): KubeObject {
  const lastTransitionTime = `${now.toISOString().slice(0, 19)}Z`;
  const spec: unknown = object['spec'];
  const condition = (type: string, reason: string, message: string): JsonObject => ({ type, status: 'True', reason, message, lastTransitionTime });
  return {
    ...object,
    status: {
      acceptedNames: typeof spec === 'object' && spec !== null && 'names' in spec ? spec.names : {},
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      storedVersions: ['v1'],
    },
  };
}
