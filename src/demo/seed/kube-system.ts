import { configMapVolume, container, everywhere, hostPath, onControlPlane } from './container.js';
import { apiService } from './control-plane.js';
import { image } from './images.js';
import { configMap, daemonSet, deployment, type Manifest, manifest, service, serviceAccount } from './manifest.js';

/** kube-proxy, CoreDNS and metrics-server. */
export function kubeSystem(): Manifest[] {
  return [
    ...['kube-proxy', 'coredns', 'metrics-server'].map((name) => serviceAccount(name, 'kube-system')),
    configMap(
      'kube-proxy',
      'kube-system',
      { 'config.conf': 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: nftables\n' },
      { app: 'kube-proxy' },
    ),
    configMap('coredns', 'kube-system', { Corefile: corefile }),
    configMap('kubelet-config', 'kube-system', {
      kubelet: 'apiVersion: kubelet.config.k8s.io/v1beta1\ncgroupDriver: systemd\nkind: KubeletConfiguration\nserverTLSBootstrap: true\n',
    }),
    configMap('kubeadm-config', 'kube-system', {
      ClusterConfiguration:
        'apiVersion: kubeadm.k8s.io/v1beta4\nclusterName: demo\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.2\nnetworking:\n  dnsDomain: cluster.local\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/12\n',
    }),
    kubeProxy(),
    coreDns(),
    service(
      'kube-dns',
      'kube-system',
      { 'k8s-app': 'kube-dns' },
      '10.96.0.10',
      [
        { name: 'dns-tcp', port: 53, targetPort: 53 },
        { name: 'metrics', port: 9153, targetPort: 9153 },
      ],
      { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    ),
    metricsServer(),
    service('metrics-server', 'kube-system', { 'k8s-app': 'metrics-server' }, '10.100.171.22', [{ name: 'https', port: 443, targetPort: 'https' }], {
      'k8s-app': 'metrics-server',
    }),
    apiService('v1beta1.metrics.k8s.io', 'kube-system/metrics-server'),
    disruptionBudget('coredns', 'kube-system', { 'k8s-app': 'kube-dns' }),
  ];
}

/** A PodDisruptionBudget that lets one of its pods go at a time. */
export function disruptionBudget(name: string, namespace: string, matchLabels: Readonly<Record<string, string>>): Manifest {
  return manifest(
    'poddisruptionbudgets.policy',
    'policy/v1',
    'PodDisruptionBudget',
    { name, namespace, generation: 1 },
    { spec: { maxUnavailable: 1, selector: { matchLabels } } },
  );
}

function kubeProxy(): Manifest {
  return daemonSet({
    name: 'kube-proxy',
    namespace: 'kube-system',
    labels: { 'k8s-app': 'kube-proxy' },
    pod: {
      hostNetwork: true,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      priorityClassName: 'system-node-critical',
      serviceAccountName: 'kube-proxy',
      tolerations: everywhere,
      volumes: [configMapVolume('kube-proxy', 'kube-proxy'), hostPath('xtables-lock', '/run/xtables.lock'), hostPath('lib-modules', '/lib/modules')],
      containers: [
        container({
          name: 'kube-proxy',
          image: image('proxy'),
          command: ['/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf', '--hostname-override=$(NODE_NAME)'],
          mounts: { 'kube-proxy': '/var/lib/kube-proxy', 'xtables-lock': '/run/xtables.lock' },
          privileged: true,
        }),
      ],
    },
  });
}

function coreDns(): Manifest {
  return deployment(
    {
      name: 'coredns',
      namespace: 'kube-system',
      labels: { 'k8s-app': 'kube-dns' },
      spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: '25%' } } },
      pod: {
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        priorityClassName: 'system-cluster-critical',
        serviceAccountName: 'coredns',
        dnsPolicy: 'Default',
        tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }, onControlPlane],
        volumes: [configMapVolume('config-volume', 'coredns')],
        containers: [
          container({
            name: 'coredns',
            image: image('coredns'),
            args: ['-conf', '/etc/coredns/Corefile'],
            ports: { dns: 53, 'dns-tcp': 53, metrics: 9153 },
            requests: { cpu: '100m', memory: '70Mi' },
            limits: { memory: '170Mi' },
            ready: ['/ready', 8181],
            mounts: { 'config-volume': '/etc/coredns' },
          }),
        ],
      },
    },
    2,
  );
}

function metricsServer(): Manifest {
  return deployment({
    name: 'metrics-server',
    namespace: 'kube-system',
    labels: { 'k8s-app': 'metrics-server' },
    pod: {
      priorityClassName: 'system-cluster-critical',
      serviceAccountName: 'metrics-server',
      containers: [
        container({
          name: 'metrics-server',
          image: image('metricsServer'),
          args: ['--cert-dir=/tmp', '--secure-port=10250', '--kubelet-preferred-address-types=InternalIP', '--metric-resolution=15s'],
          ports: { https: 10250 },
          requests: { cpu: '100m', memory: '200Mi' },
          ready: ['/readyz', 'https'],
        }),
      ],
    },
  });
}

const corefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;
