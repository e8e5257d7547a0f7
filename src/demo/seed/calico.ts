import { container, everywhere, hostPath, onControlPlane } from './container.js';
import { apiService } from './control-plane.js';
import { image } from './images.js';
import { daemonSet, deployment, type Manifest, manifest, namespace, service, serviceAccount } from './manifest.js';

/** Calico as its operator installs it. */
export function calico(): Manifest[] {
  return [
    ...['tigera-operator', 'calico-system', 'calico-apiserver'].map((name) => namespace(name, { 'pod-security.kubernetes.io/enforce': 'privileged' })),
    serviceAccount('tigera-operator', 'tigera-operator'),
    ...['calico-node', 'calico-typha', 'calico-kube-controllers'].map((name) => serviceAccount(name, 'calico-system')),
    serviceAccount('calico-apiserver', 'calico-apiserver'),
    calicoNode(),
    typha(),
    kubeControllers(),
    apiserver(),
    operator(),
    service(
      'calico-typha',
      'calico-system',
      { 'k8s-app': 'calico-typha' },
      '10.103.22.190',
      [{ name: 'calico-typha', port: 5473, targetPort: 'calico-typha' }],
      { 'k8s-app': 'calico-typha' },
    ),
    service('calico-api', 'calico-apiserver', { 'k8s-app': 'calico-apiserver' }, '10.98.77.141', [{ name: 'apiserver', port: 443, targetPort: 5443 }]),
    apiService('v3.projectcalico.org', 'calico-apiserver/calico-api'),
    ...['apiserver', 'calico', 'ippools'].map(tigeraStatus),
    installation(),
  ];
}

function calicoNode(): Manifest {
  return daemonSet({
    name: 'calico-node',
    namespace: 'calico-system',
    labels: { 'k8s-app': 'calico-node', 'app.kubernetes.io/name': 'calico-node' },
    pod: {
      hostNetwork: true,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      priorityClassName: 'system-node-critical',
      serviceAccountName: 'calico-node',
      terminationGracePeriodSeconds: 5,
      tolerations: everywhere,
      volumes: [
        hostPath('lib-modules', '/lib/modules'),
        hostPath('var-lib-calico', '/var/lib/calico'),
        hostPath('cni-bin-dir', '/opt/cni/bin'),
        hostPath('cni-net-dir', '/etc/cni/net.d'),
      ],
      initContainers: [
        container({
          name: 'install-cni',
          image: image('calicoCni'),
          command: ['/opt/cni/bin/install'],
          mounts: { 'cni-bin-dir': '/host/opt/cni/bin', 'cni-net-dir': '/host/etc/cni/net.d' },
          privileged: true,
        }),
      ],
      containers: [
        container({
          name: 'calico-node',
          image: image('calicoNode'),
          env: { DATASTORE_TYPE: 'kubernetes', CALICO_NETWORKING_BACKEND: 'vxlan', FELIX_TYPHAK8SNAMESPACE: 'calico-system' },
          readyCommand: ['/bin/calico-node', '-felix-ready'],
          mounts: { 'lib-modules': '/lib/modules', 'var-lib-calico': '/var/lib/calico' },
          privileged: true,
        }),
      ],
    },
  });
}

function typha(): Manifest {
  return deployment({
    name: 'calico-typha',
    namespace: 'calico-system',
    labels: { 'k8s-app': 'calico-typha', 'app.kubernetes.io/name': 'calico-typha' },
    pod: {
      hostNetwork: true,
      priorityClassName: 'system-cluster-critical',
      serviceAccountName: 'calico-typha',
      tolerations: everywhere,
      containers: [container({ name: 'calico-typha', image: image('calicoTypha'), ports: { 'calico-typha': 5473 }, ready: ['/readiness', 9098] })],
    },
  });
}

function kubeControllers(): Manifest {
  return deployment({
    name: 'calico-kube-controllers',
    namespace: 'calico-system',
    labels: { 'k8s-app': 'calico-kube-controllers', 'app.kubernetes.io/name': 'calico-kube-controllers' },
    spec: { strategy: { type: 'Recreate' } },
    pod: {
      priorityClassName: 'system-cluster-critical',
      serviceAccountName: 'calico-kube-controllers',
      tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }, onControlPlane],
      containers: [
        container({
          name: 'calico-kube-controllers',
          image: image('calicoControllers'),
          env: { ENABLED_CONTROLLERS: 'node,loadbalancer' },
          readyCommand: ['/usr/bin/check-status', '-r'],
        }),
      ],
    },
  });
}

function apiserver(): Manifest {
  return deployment({
    name: 'calico-apiserver',
    namespace: 'calico-apiserver',
    labels: { 'k8s-app': 'calico-apiserver', apiserver: 'true' },
    pod: {
      serviceAccountName: 'calico-apiserver',
      tolerations: [onControlPlane],
      containers: [container({ name: 'calico-apiserver', image: image('calicoApiserver'), args: ['--secure-port=5443'], ready: ['/readyz', 5443] })],
    },
  });
}

function operator(): Manifest {
  return deployment({
    name: 'tigera-operator',
    namespace: 'tigera-operator',
    labels: { 'k8s-app': 'tigera-operator', name: 'tigera-operator' },
    pod: {
      hostNetwork: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
      serviceAccountName: 'tigera-operator',
      tolerations: [
        { effect: 'NoExecute', operator: 'Exists' },
        { effect: 'NoSchedule', operator: 'Exists' },
      ],
      containers: [container({ name: 'tigera-operator', image: image('tigeraOperator'), command: ['operator'], env: { OPERATOR_NAME: 'tigera-operator' } })],
    },
  });
}

function tigeraStatus(name: string): Manifest {
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    observedGeneration: 1,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  return manifest(
    'tigerastatuses.operator.tigera.io',
    'operator.tigera.io/v1',
    'TigeraStatus',
    { name, generation: 1 },
    {
      spec: {},
      status: {
        conditions: [
          condition('Available', 'True', 'AllObjectsAvailable', 'All Objects Available'),
          condition('Degraded', 'False', 'AllObjectsAvailable', 'All Objects Available'),
          condition('Progressing', 'False', 'AllObjectsAvailable', 'All Objects Available'),
        ],
      },
    },
  );
}

function installation(): Manifest {
  return manifest(
    'installations.operator.tigera.io',
    'operator.tigera.io/v1',
    'Installation',
    { name: 'default', generation: 1 },
    {
      spec: {
        variant: 'Calico',
        calicoNetwork: {
          bgp: 'Disabled',
          ipPools: [{ name: 'default-ipv4-ippool', cidr: '10.244.0.0/16', blockSize: 26, encapsulation: 'VXLANCrossSubnet', natOutgoing: 'Enabled' }],
        },
      },
      status: { calicoVersion: 'v3.32.2', variant: 'Calico' },
    },
  );
}
