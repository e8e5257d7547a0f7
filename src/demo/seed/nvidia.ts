import { container, everywhere, hostPath } from './container.js';
import { helmRelease } from './helm.js';
import { image } from './images.js';
import { daemonSet, type Manifest, manifest, service, serviceAccount } from './manifest.js';

/** Device plugin, GPU feature discovery and DCGM exporter on a host with driver and toolkit of its own: no GPU operator. */
export function nvidia(): Manifest[] {
  return [
    manifest('runtimeclasses.node.k8s.io', 'node.k8s.io/v1', 'RuntimeClass', { name: 'nvidia' }, { handler: 'nvidia' }),
    serviceAccount('nvidia-device-plugin', 'kube-system'),
    serviceAccount('dcgm-exporter', 'monitoring'),
    devicePlugin(),
    featureDiscovery(),
    dcgmExporter(),
    helmRelease('dcgm-exporter', 'monitoring', 'dcgm-exporter', '4.8.2'),
    service(
      'dcgm-exporter',
      'monitoring',
      { 'app.kubernetes.io/name': 'dcgm-exporter' },
      '10.106.31.87',
      [{ name: 'metrics', port: 9400, targetPort: 'metrics' }],
      { 'app.kubernetes.io/name': 'dcgm-exporter' },
    ),
  ];
}

const gpuNodes = { nodeSelector: { 'nvidia.com/gpu.present': 'true' }, tolerations: everywhere };

/** What the demo's fix restores; a template without it is what goes wrong in the field. */
const withRuntime = { runtimeClassName: 'nvidia' };

function devicePlugin(): Manifest {
  return daemonSet({
    name: 'nvidia-device-plugin-daemonset',
    namespace: 'kube-system',
    labels: { name: 'nvidia-device-plugin-ds', 'app.kubernetes.io/name': 'nvidia-device-plugin' },
    pod: {
      ...gpuNodes,
      ...withRuntime,
      priorityClassName: 'system-node-critical',
      serviceAccountName: 'nvidia-device-plugin',
      volumes: [hostPath('device-plugin', '/var/lib/kubelet/device-plugins')],
      containers: [
        container({
          name: 'nvidia-device-plugin-ctr',
          image: image('devicePlugin'),
          env: { FAIL_ON_INIT_ERROR: 'false', DEVICE_LIST_STRATEGY: 'envvar' },
          mounts: { 'device-plugin': '/var/lib/kubelet/device-plugins' },
          readyCommand: ['ls', '/var/lib/kubelet/device-plugins/nvidia-gpu.sock'],
          privileged: true,
        }),
      ],
    },
  });
}

function featureDiscovery(): Manifest {
  return daemonSet({
    name: 'gpu-feature-discovery',
    namespace: 'kube-system',
    labels: { 'app.kubernetes.io/name': 'gpu-feature-discovery' },
    pod: {
      ...gpuNodes,
      ...withRuntime,
      priorityClassName: 'system-node-critical',
      serviceAccountName: 'nvidia-device-plugin',
      volumes: [hostPath('output-dir', '/etc/kubernetes/node-feature-discovery/features.d')],
      containers: [
        container({
          name: 'gpu-feature-discovery-ctr',
          image: image('devicePlugin'),
          command: ['/usr/bin/gpu-feature-discovery'],
          mounts: { 'output-dir': '/etc/kubernetes/node-feature-discovery/features.d' },
          privileged: true,
        }),
      ],
    },
  });
}

function dcgmExporter(): Manifest {
  return daemonSet({
    name: 'dcgm-exporter',
    namespace: 'monitoring',
    labels: { 'app.kubernetes.io/name': 'dcgm-exporter' },
    pod: {
      ...gpuNodes,
      ...withRuntime,
      serviceAccountName: 'dcgm-exporter',
      volumes: [hostPath('pod-gpu-resources', '/var/lib/kubelet/pod-resources')],
      containers: [
        container({
          name: 'exporter',
          image: image('dcgmExporter'),
          args: ['-f', '/etc/dcgm-exporter/default-counters.csv'],
          env: { DCGM_EXPORTER_KUBERNETES: 'true', DCGM_EXPORTER_LISTEN: ':9400' },
          ports: { metrics: 9400 },
          requests: { cpu: '100m', memory: '256Mi' },
          ready: ['/health', 9400],
          mounts: { 'pod-gpu-resources': '/var/lib/kubelet/pod-resources' },
        }),
      ],
    },
  });
}
