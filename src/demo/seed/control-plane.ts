import { createHash } from 'node:crypto';
import { usualDefinitions } from '../api/custom-resource-definitions.js';
import type { KubeObject } from '../api/object-store.js';
import { container, hostPath } from './container.js';
import { addressOf, type Hardware } from './hardware.js';
import { image } from './images.js';
import { type Manifest, manifest, namespace, service } from './manifest.js';

/** Namespaces and cluster-wide objects that are there before any workload. */
export function foundations(): Manifest[] {
  return [
    ...['default', 'kube-system', 'kube-public', 'kube-node-lease'].map((name) => namespace(name)),
    priorityClass('system-node-critical', 2_000_001_000, 'Used for system critical pods that must not be moved from their current node.'),
    priorityClass(
      'system-cluster-critical',
      2_000_000_000,
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
    ),
    ...usualDefinitions()
      .filter((definition) => !definition.metadata.name.endsWith('.nvidia.com'))
      .map((object) => ({ resource: 'customresourcedefinitions.apiextensions.k8s.io', object })),
    ...localApiServices.map((name) => apiService(name, null)),
  ];
}

/** The kubernetes service, whose endpoint is the API server itself. */
export function kubernetesService(controlPlane: Hardware): Manifest[] {
  const ports = [{ name: 'https', port: 443, targetPort: 6443 }];
  const addresses = [{ ip: addressOf(controlPlane) }];
  return [
    service('kubernetes', 'default', null, '10.96.0.1', ports, { component: 'apiserver', provider: 'kubernetes' }),
    manifest(
      'endpoints',
      'v1',
      'Endpoints',
      { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      { subsets: [{ addresses, ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }] },
    ),
    manifest(
      'endpointslices.discovery.k8s.io',
      'discovery.k8s.io/v1',
      'EndpointSlice',
      { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      {
        addressType: 'IPv4',
        endpoints: [{ addresses: [addressOf(controlPlane)], conditions: { ready: true } }],
        ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
      },
    ),
  ];
}

function priorityClass(name: string, value: number, description: string): Manifest {
  return manifest(
    'priorityclasses.scheduling.k8s.io',
    'scheduling.k8s.io/v1',
    'PriorityClass',
    { name },
    { value, description, preemptionPolicy: 'PreemptLowerPriority' },
  );
}

const localApiServices = [
  'v1.',
  'v1.apps',
  'v1.batch',
  'v1.coordination.k8s.io',
  'v1.discovery.k8s.io',
  'v1.node.k8s.io',
  'v1.policy',
  'v1.storage.k8s.io',
  'v1.monitoring.coreos.com',
  'v1.operator.tigera.io',
];

/** An APIService: served by the API server itself, or by a service (`namespace/name`) that passes. */
export function apiService(name: string, by: string | null): Manifest {
  const [version = '', ...group] = name.split('.');
  const [ns, svc] = by?.split('/') ?? [];
  const condition = by === null ? { reason: 'Local', message: 'Local APIServices are always available' } : { reason: 'Passed', message: 'all checks passed' };
  return manifest(
    'apiservices.apiregistration.k8s.io',
    'apiregistration.k8s.io/v1',
    'APIService',
    { name },
    {
      spec: {
        ...(by === null ? {} : { service: { name: svc, namespace: ns, port: 443 }, insecureSkipTLSVerify: true }),
        group: group.join('.'),
        version,
        groupPriorityMinimum: by === null ? 17_800 : 100,
        versionPriority: by === null ? 15 : 100,
      },
      status: { conditions: [{ type: 'Available', status: 'True', ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }] },
    },
  );
}

/** The mirror pods of a kubeadm control plane's static pods, owned by their node. */
export function staticPods(machine: Hardware, nodeUid: string): KubeObject[] {
  const address = addressOf(machine);
  return [
    staticPod(
      machine,
      nodeUid,
      'etcd',
      container({
        name: 'etcd',
        image: image('etcd'),
        command: ['etcd', `--advertise-client-urls=https://${address}:2379`, '--data-dir=/var/lib/etcd', '--snapshot-count=10000'],
        requests: { cpu: '100m', memory: '100Mi' },
        ports: { 'probe-port': 2381 },
      }),
    ),
    staticPod(
      machine,
      nodeUid,
      'kube-apiserver',
      container({
        name: 'kube-apiserver',
        image: image('apiserver'),
        command: [
          'kube-apiserver',
          `--advertise-address=${address}`,
          '--authorization-mode=Node,RBAC',
          '--secure-port=6443',
          '--service-cluster-ip-range=10.96.0.0/12',
        ],
        requests: { cpu: '250m' },
        ports: { 'probe-port': 6443 },
      }),
    ),
    staticPod(
      machine,
      nodeUid,
      'kube-controller-manager',
      container({
        name: 'kube-controller-manager',
        image: image('controllerManager'),
        command: [
          'kube-controller-manager',
          '--allocate-node-cidrs=true',
          '--bind-address=0.0.0.0',
          '--cluster-cidr=10.244.0.0/16',
          '--terminated-pod-gc-threshold=12500',
        ],
        requests: { cpu: '200m' },
        ports: { 'probe-port': 10257 },
      }),
    ),
    staticPod(
      machine,
      nodeUid,
      'kube-scheduler',
      container({
        name: 'kube-scheduler',
        image: image('scheduler'),
        command: ['kube-scheduler', '--bind-address=0.0.0.0', '--leader-elect=true'],
        requests: { cpu: '100m' },
        ports: { 'probe-port': 10259 },
      }),
    ),
  ];
}

function staticPod(machine: Hardware, nodeUid: string, component: string, main: ReturnType<typeof container>): KubeObject {
  const hash = createHash('md5').update(component).digest('hex');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${component}-${machine.name}`,
      namespace: 'kube-system',
      labels: { component, tier: 'control-plane' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: machine.name, uid: nodeUid, controller: true }],
      annotations: {
        'kubernetes.io/config.hash': hash,
        'kubernetes.io/config.mirror': hash,
        'kubernetes.io/config.seen': '2026-01-01T00:00:00.000000000Z',
        'kubernetes.io/config.source': 'file',
      },
    },
    spec: {
      nodeName: machine.name,
      hostNetwork: true,
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      priority: 2_000_001_000,
      priorityClassName: 'system-node-critical',
      schedulerName: 'default-scheduler',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      terminationGracePeriodSeconds: 30,
      tolerations: [{ effect: 'NoExecute', operator: 'Exists' }],
      volumes: [hostPath('k8s-certs', '/etc/kubernetes/pki')],
      containers: [main],
    },
    status: { phase: 'Pending', qosClass: 'Burstable' },
  };
}
