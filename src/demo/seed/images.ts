import { createHash } from 'node:crypto';
import type { Fields } from '../fields.js';
import type { Hardware } from './hardware.js';

/** The images of the demo's workloads with their size in bytes. */
export const images = {
  apiserver: ['registry.k8s.io/kube-apiserver:v1.36.2', 30_112_471],
  controllerManager: ['registry.k8s.io/kube-controller-manager:v1.36.2', 23_871_145],
  scheduler: ['registry.k8s.io/kube-scheduler:v1.36.2', 17_883_561],
  proxy: ['registry.k8s.io/kube-proxy:v1.36.2', 26_112_302],
  etcd: ['registry.k8s.io/etcd:3.6.8-0', 23_641_797],
  coredns: ['registry.k8s.io/coredns/coredns:v1.14.2', 23_553_139],
  pause: ['registry.k8s.io/pause:3.10.1', 320_448],
  metricsServer: ['registry.k8s.io/metrics-server/metrics-server:v0.9.0', 22_402_118],
  tigeraOperator: ['quay.io/tigera/operator:v1.42.2', 77_238_912],
  calicoNode: ['quay.io/calico/node:v3.32.2', 158_993_410],
  calicoCni: ['quay.io/calico/cni:v3.32.2', 72_101_977],
  calicoTypha: ['quay.io/calico/typha:v3.32.2', 35_990_116],
  calicoControllers: ['quay.io/calico/kube-controllers:v3.32.2', 52_334_870],
  calicoApiserver: ['quay.io/calico/apiserver:v3.32.2', 49_871_233],
  localPath: ['docker.io/rancher/local-path-provisioner:v0.0.37', 18_633_245],
  devicePlugin: ['nvcr.io/nvidia/k8s-device-plugin:v0.20.0', 132_889_770],
  dcgmExporter: ['nvcr.io/nvidia/k8s/dcgm-exporter:4.5.3-4.8.2-distroless', 401_112_987],
  prometheus: ['quay.io/prometheus/prometheus:v3.14.0', 128_771_239],
  configReloader: ['quay.io/prometheus-operator/prometheus-config-reloader:v0.93.1', 18_981_227],
  prometheusOperator: ['quay.io/prometheus-operator/prometheus-operator:v0.93.1', 22_341_871],
  alertmanager: ['quay.io/prometheus/alertmanager:v0.33.0', 34_120_887],
  nodeExporter: ['quay.io/prometheus/node-exporter:v1.12.1', 13_411_902],
  kubeStateMetrics: ['registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.20.0', 17_209_331],
  grafana: ['docker.io/grafana/grafana:12.4.1', 219_876_423],
  sidecar: ['quay.io/kiwigrid/k8s-sidecar:2.6.1', 31_889_012],
  resnet: ['registry.lab.local:5000/ai/resnet50-server:1.4.2', 6_712_338_190],
  distilbert: ['registry.lab.local:5000/ai/distilbert-server:1.4.2', 5_981_223_871],
  whisper: ['registry.lab.local:5000/ai/whisper-server:2.1.0', 8_120_559_804],
  embedder: ['registry.lab.local:5000/ai/embedding-server:0.8.1', 4_402_771_093],
  chat: ['registry.lab.local:5000/ai/chat-server:1.0.3', 9_871_330_218],
  notebook: ['registry.lab.local:5000/ai/notebook:2026.10', 7_003_118_452],
  trainer: ['registry.lab.local:5000/ai/llama-finetune:0.9.3', 14_880_112_655],
  qdrant: ['docker.io/qdrant/qdrant:v1.17.0', 71_233_901],
} as const satisfies Record<string, readonly [name: string, bytes: number]>;

export function image(name: keyof typeof images): string {
  return images[name][0];
}

/** `status.images` of a node: the largest first, as the kubelet lists them. */
export function imagesOn({ role, takesWork }: Hardware): Fields[] {
  const unused = new Set<keyof typeof images>(
    role === 'control-plane'
      ? ['trainer', 'whisper', 'embedder', 'chat', 'notebook', ...(takesWork ? [] : ['distilbert' as const])]
      : ['apiserver', 'controllerManager', 'scheduler', 'etcd'],
  );
  const kind = `${role}/${takesWork}`;
  const known = lists.get(kind);
  if (known !== undefined) return known;
  const list = Object.entries(images)
    .filter(([name]) => ![...unused].some((each) => each === name))
    .sort(([, [, a]], [, [, b]]) => b - a)
    .map(([, [name, bytes]]) => ({
      names: [`${name.replace(/:[^:/]*$/, '')}@sha256:${createHash('sha256').update(name).digest('hex')}`, name],
      sizeBytes: bytes,
    }));
  lists.set(kind, list);
  return list;
}

const lists = new Map<string, Fields[]>();
