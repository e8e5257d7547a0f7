import { claimVolume, configMapVolume, container, everywhere, hostPath, onControlPlane } from './container.js';
import { helmRelease } from './helm.js';
import { image } from './images.js';
import { claim, configMap, daemonSet, deployment, type Manifest, manifest, namespace, service, serviceAccount, statefulSet } from './manifest.js';

const inNamespace = 'monitoring';

/** What people log in to the demo's Grafana with. */
const grafanaAdmin = { 'admin-user': base64('admin'), 'admin-password': base64('demo') };

/** Monitoring that goes down with a worker can't tell why. */
const onFirstNode = { nodeSelector: { 'node-role.kubernetes.io/control-plane': '' }, tolerations: [onControlPlane] };

/** kube-prometheus-stack, release `kps`. */
export function monitoring(): Manifest[] {
  const release = { release: 'kps', 'app.kubernetes.io/part-of': 'kube-prometheus-stack', 'app.kubernetes.io/managed-by': 'Helm' };
  const prometheusLabels = { 'app.kubernetes.io/name': 'prometheus', prometheus: 'kps-prometheus' };
  return [
    namespace(inNamespace, { 'pod-security.kubernetes.io/enforce': 'privileged' }),
    ...['kps-prometheus', 'kps-alertmanager', 'kps-operator', 'kps-grafana', 'kps-kube-state-metrics', 'kps-prometheus-node-exporter'].map((name) =>
      serviceAccount(name, inNamespace),
    ),
    configMap(
      'kps-grafana',
      inNamespace,
      { 'grafana.ini': '[analytics]\ncheck_for_updates = false\n[paths]\ndata = /var/lib/grafana/\n' },
      { ...release, 'app.kubernetes.io/name': 'grafana' },
    ),
    helmRelease('kps', inNamespace, 'kube-prometheus-stack', '88.5.3'),
    manifest('secrets', 'v1', 'Secret', { name: 'grafana-admin', namespace: inNamespace }, { type: 'Opaque', data: grafanaAdmin }),
    claim('kps-grafana', inNamespace, '10Gi', { ...release, 'app.kubernetes.io/name': 'grafana' }),
    operator(),
    prometheus(),
    alertmanager(),
    grafana(),
    kubeStateMetrics(),
    nodeExporter(),
    service('prometheus-operated', inNamespace, prometheusLabels, 'None', [{ name: 'http-web', port: 9090, targetPort: 'http-web' }], {
      'operated-prometheus': 'true',
    }),
    service('kps-prometheus', inNamespace, prometheusLabels, '10.104.218.77', [{ name: 'http-web', port: 9090, targetPort: 'http-web' }], {
      ...release,
      'app.kubernetes.io/name': 'prometheus',
      app: 'kube-prometheus-stack-prometheus',
      'self-monitor': 'true',
    }),
    service(
      'alertmanager-operated',
      inNamespace,
      { 'app.kubernetes.io/name': 'alertmanager' },
      'None',
      [{ name: 'http-web', port: 9093, targetPort: 'http-web' }],
      { 'operated-alertmanager': 'true' },
    ),
    service(
      'kps-alertmanager',
      inNamespace,
      { 'app.kubernetes.io/name': 'alertmanager' },
      '10.97.140.9',
      [{ name: 'http-web', port: 9093, targetPort: 'http-web' }],
      { ...release, 'app.kubernetes.io/name': 'alertmanager' },
    ),
    service('kps-grafana', inNamespace, { 'app.kubernetes.io/name': 'grafana' }, '10.109.63.14', [{ name: 'http-web', port: 80, targetPort: 'grafana' }], {
      ...release,
      'app.kubernetes.io/name': 'grafana',
    }),
    service(
      'kps-operator',
      inNamespace,
      { 'app.kubernetes.io/name': 'kube-prometheus-stack-prometheus-operator' },
      '10.99.80.201',
      [{ name: 'https', port: 443, targetPort: 'https' }],
      release,
    ),
    service(
      'kps-kube-state-metrics',
      inNamespace,
      { 'app.kubernetes.io/name': 'kube-state-metrics' },
      '10.110.4.66',
      [{ name: 'http', port: 8080, targetPort: 'http' }],
      { ...release, 'app.kubernetes.io/name': 'kube-state-metrics' },
    ),
    service(
      'kps-prometheus-node-exporter',
      inNamespace,
      { 'app.kubernetes.io/name': 'prometheus-node-exporter' },
      '10.101.55.30',
      [{ name: 'http-metrics', port: 9100, targetPort: 'http-metrics' }],
      { ...release, 'app.kubernetes.io/name': 'prometheus-node-exporter' },
    ),
    manifest(
      'prometheuses.monitoring.coreos.com',
      'monitoring.coreos.com/v1',
      'Prometheus',
      { name: 'kps-prometheus', namespace: inNamespace, generation: 1, labels: release },
      {
        spec: { replicas: 1, version: 'v3.14.0', retention: '15d', scrapeInterval: '15s' },
        status: {
          replicas: 1,
          availableReplicas: 1,
          conditions: ['Available', 'Reconciled'].map((type) => ({ type, status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' })),
        },
      },
    ),
  ];
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function operator(): Manifest {
  return deployment({
    name: 'kps-operator',
    namespace: inNamespace,
    labels: { 'app.kubernetes.io/name': 'kube-prometheus-stack-prometheus-operator', app: 'kube-prometheus-stack-operator', release: 'kps' },
    pod: {
      serviceAccountName: 'kps-operator',
      containers: [
        container({
          name: 'kube-prometheus-stack',
          image: image('prometheusOperator'),
          args: ['--kubelet-service=kube-system/kps-kubelet', '--log-level=info'],
          ports: { https: 10250 },
          requests: { cpu: '50m', memory: '100Mi' },
          ready: ['/healthz', 'https'],
        }),
      ],
    },
  });
}

function prometheus(): Manifest {
  return statefulSet(
    {
      name: 'prometheus-kps-prometheus',
      namespace: inNamespace,
      labels: {
        'app.kubernetes.io/name': 'prometheus',
        'app.kubernetes.io/instance': 'kps-prometheus',
        'operator.prometheus.io/name': 'kps-prometheus',
        prometheus: 'kps-prometheus',
      },
      spec: { volumeClaimTemplates: [claimTemplate('data', '50Gi')], podManagementPolicy: 'Parallel' },
      pod: {
        ...onFirstNode,
        serviceAccountName: 'kps-prometheus',
        terminationGracePeriodSeconds: 600,
        containers: [
          container({
            name: 'prometheus',
            image: image('prometheus'),
            args: ['--config.file=/etc/prometheus/config_out/prometheus.env.yaml', '--storage.tsdb.retention.time=15d', '--web.enable-lifecycle'],
            ports: { 'http-web': 9090 },
            requests: { cpu: '500m', memory: '2Gi' },
            ready: ['/-/ready', 'http-web'],
            mounts: { data: '/prometheus' },
          }),
          container({ name: 'config-reloader', image: image('configReloader'), ports: { 'reloader-web': 8080 }, requests: { cpu: '10m', memory: '50Mi' } }),
        ],
      },
    },
    1,
    'prometheus-operated',
  );
}

function alertmanager(): Manifest {
  return statefulSet(
    {
      name: 'alertmanager-kps-alertmanager',
      namespace: inNamespace,
      labels: { 'app.kubernetes.io/name': 'alertmanager', 'app.kubernetes.io/instance': 'kps-alertmanager', alertmanager: 'kps-alertmanager' },
      spec: { podManagementPolicy: 'Parallel' },
      pod: {
        serviceAccountName: 'kps-alertmanager',
        terminationGracePeriodSeconds: 120,
        containers: [
          container({
            name: 'alertmanager',
            image: image('alertmanager'),
            ports: { 'http-web': 9093 },
            requests: { cpu: '10m', memory: '200Mi' },
            ready: ['/-/ready', 'http-web'],
          }),
          container({ name: 'config-reloader', image: image('configReloader'), ports: { 'reloader-web': 8080 }, requests: { cpu: '10m', memory: '50Mi' } }),
        ],
      },
    },
    1,
    'alertmanager-operated',
  );
}

function grafana(): Manifest {
  return deployment({
    name: 'kps-grafana',
    namespace: inNamespace,
    labels: { 'app.kubernetes.io/name': 'grafana', 'app.kubernetes.io/instance': 'kps' },
    // One writer at a time on its volume.
    spec: { strategy: { type: 'Recreate' } },
    pod: {
      ...onFirstNode,
      serviceAccountName: 'kps-grafana',
      volumes: [claimVolume('storage', 'kps-grafana'), configMapVolume('config', 'kps-grafana')],
      containers: [
        container({ name: 'grafana-sc-dashboard', image: image('sidecar'), env: { METHOD: 'WATCH', LABEL: 'grafana_dashboard' } }),
        container({
          name: 'grafana',
          image: image('grafana'),
          ports: { grafana: 3000 },
          requests: { cpu: '100m', memory: '256Mi' },
          ready: ['/api/health', 'grafana'],
          mounts: { storage: '/var/lib/grafana', config: '/etc/grafana' },
        }),
      ],
    },
  });
}

function kubeStateMetrics(): Manifest {
  return deployment({
    name: 'kps-kube-state-metrics',
    namespace: inNamespace,
    labels: { 'app.kubernetes.io/name': 'kube-state-metrics', 'app.kubernetes.io/instance': 'kps' },
    pod: {
      serviceAccountName: 'kps-kube-state-metrics',
      containers: [
        container({
          name: 'kube-state-metrics',
          image: image('kubeStateMetrics'),
          args: ['--port=8080'],
          ports: { http: 8080, metrics: 8081 },
          requests: { cpu: '10m', memory: '64Mi' },
          ready: ['/readyz', 'metrics'],
        }),
      ],
    },
  });
}

function nodeExporter(): Manifest {
  return daemonSet({
    name: 'kps-prometheus-node-exporter',
    namespace: inNamespace,
    labels: { 'app.kubernetes.io/name': 'prometheus-node-exporter', 'app.kubernetes.io/instance': 'kps' },
    pod: {
      hostNetwork: true,
      hostPID: true,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      serviceAccountName: 'kps-prometheus-node-exporter',
      automountServiceAccountToken: false,
      tolerations: [...everywhere, onControlPlane],
      volumes: [hostPath('proc', '/proc'), hostPath('sys', '/sys'), hostPath('root', '/')],
      containers: [
        container({
          name: 'node-exporter',
          image: image('nodeExporter'),
          args: ['--path.procfs=/host/proc', '--path.sysfs=/host/sys', '--path.rootfs=/host/root', '--web.listen-address=[$(HOST_IP)]:9100'],
          ports: { 'http-metrics': 9100 },
          ready: ['/', 'http-metrics'],
          mounts: { proc: '/host/proc', sys: '/host/sys', root: '/host/root' },
        }),
      ],
    },
  });
}

function claimTemplate(name: string, storage: string): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName: 'local-path', volumeMode: 'Filesystem' },
  };
}
