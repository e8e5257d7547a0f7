import type { Fields } from '../fields.js';
import { claimVolume, container, onControlPlane } from './container.js';
import type { Hardware } from './hardware.js';
import { image } from './images.js';
import { disruptionBudget } from './kube-system.js';
import { claim, configMap, deployment, job, type Manifest, manifest, namespace, service, serviceAccount, statefulSet } from './manifest.js';

const inNamespace = 'ai';

/** The users' own: two inference services, a vector database; cut down to one GPU where there is a single machine. */
export function inference(nodes: readonly Hardware[]): Manifest[] {
  const alone = isAlone(nodes);
  const quota = { 'requests.nvidia.com/gpu': alone ? '4' : '24', pods: alone ? '50' : '200' };
  return [
    namespace(inNamespace, { 'pod-security.kubernetes.io/enforce': 'privileged', team: 'ml' }),
    serviceAccount('inference', inNamespace),
    configMap('inference-config', inNamespace, { MODEL_CACHE: '/models', METRICS_PORT: '8000', MAX_BATCH: '16' }),
    manifest(
      'resourcequotas',
      'v1',
      'ResourceQuota',
      { name: 'gpu-quota', namespace: inNamespace },
      {
        spec: { hard: quota },
        status: { hard: quota, used: { 'requests.nvidia.com/gpu': '0', pods: '0' } },
      },
    ),
    server(
      'resnet50-inference',
      'resnet',
      1,
      { gpus: 1, cpu: '2', memory: '8Gi' },
      {
        // The small card of the control plane is enough for it; its further replicas go where there is room.
        tolerations: [onControlPlane],
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 50, preference: { matchExpressions: [{ key: 'nvidia.com/gpu.product', operator: 'In', values: ['NVIDIA-A16'] }] } },
            ],
          },
        },
      },
    ),
    server('distilbert-inference', 'distilbert', 1, { gpus: alone ? 0 : 1, cpu: '2', memory: '6Gi' }, {}),
    qdrant(alone ? 1 : 2),
    service('qdrant', inNamespace, { app: 'qdrant' }, 'None', [{ name: 'http', port: 6333, targetPort: 'http' }], { app: 'qdrant' }),
    disruptionBudget('resnet50-inference', inNamespace, { app: 'resnet50-inference' }),
  ].flat();
}

/** A fine-tuning run on half of a worker. */
export function training(nodes: readonly Hardware[]): Manifest[] {
  if (isAlone(nodes)) return [];
  return [
    claim('llama-checkpoints', inNamespace, '500Gi', { app: 'finetune-llama3-8b' }),
    job({
      name: 'finetune-llama3-8b',
      namespace: inNamespace,
      labels: { app: 'finetune-llama3-8b' },
      pod: {
        ...gpuPod,
        volumes: [claimVolume('checkpoints', 'llama-checkpoints'), sharedMemory],
        containers: [
          container({
            name: 'trainer',
            image: image('trainer'),
            command: ['torchrun', '--nproc-per-node=4', 'finetune.py', '--model=meta-llama/Meta-Llama-3-8B'],
            requests: { cpu: '32', memory: '256Gi' },
            limits: { memory: '256Gi', 'nvidia.com/gpu': '4' },
            mounts: { checkpoints: '/checkpoints', shm: '/dev/shm' },
          }),
        ],
      },
    }),
  ];
}

/** Speech recognition, one worker process on each of four GPUs. */
export function speech(nodes: readonly Hardware[]): Manifest[] {
  return isAlone(nodes) ? [] : server('whisper-inference', 'whisper', 1, { gpus: 4, cpu: '8', memory: '64Gi' }, {}, { strategy: { type: 'Recreate' } });
}

/** Whether the control plane, with its small card, is all there is to work on. */
function isAlone([first]: readonly Hardware[]): boolean {
  return first?.takesWork === true;
}

const gpuPod = { runtimeClassName: 'nvidia', serviceAccountName: 'inference' };
const sharedMemory = { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '16Gi' } };

interface Size {
  /** 0: it does with processors. */
  readonly gpus: number;
  /** What kind of GPU; a whole one when left out. */
  readonly resource?: string;
  readonly cpu: string;
  readonly memory: string;
}

const clusterIPs = { resnet: '10.102.14.31', distilbert: '10.102.90.175', whisper: '10.107.201.8', embedder: '10.98.3.77', chat: '10.99.140.6' } as const;

/** An inference service with its deployment. */
export function server(name: string, model: keyof typeof clusterIPs, replicas: number, size: Size, pod: Fields, spec: Fields = {}): Manifest[] {
  const clusterIP = clusterIPs[model];
  return [
    deployment(
      {
        name,
        namespace: inNamespace,
        labels: { app: name, 'app.kubernetes.io/part-of': 'inference' },
        podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8000', 'prometheus.io/path': '/metrics' },
        // A spare GPU for a surge is seldom there: the old replica makes room first.
        spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, ...spec },
        pod: {
          ...(size.gpus > 0 ? gpuPod : { serviceAccountName: gpuPod.serviceAccountName }),
          ...pod,
          volumes: [sharedMemory],
          containers: [
            container({
              name: 'server',
              image: image(model),
              args: ['--port=8000', `--model=${model}`],
              ports: { http: 8000 },
              requests: { cpu: size.cpu, memory: size.memory },
              limits: { memory: size.memory, ...(size.gpus > 0 ? { [size.resource ?? 'nvidia.com/gpu']: String(size.gpus) } : {}) },
              ready: ['/healthz', 'http'],
              mounts: { shm: '/dev/shm' },
            }),
          ],
        },
      },
      replicas,
    ),
    service(name, inNamespace, { app: name }, clusterIP, [{ name: 'http', port: 80, targetPort: 'http' }], { app: name }),
  ];
}

function qdrant(replicas: number): Manifest {
  return statefulSet(
    {
      name: 'qdrant',
      namespace: inNamespace,
      labels: { app: 'qdrant' },
      spec: {
        volumeClaimTemplates: [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: { name: 'storage' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100Gi' } }, storageClassName: 'local-path', volumeMode: 'Filesystem' },
          },
        ],
      },
      pod: {
        containers: [
          container({
            name: 'qdrant',
            image: image('qdrant'),
            ports: { http: 6333, grpc: 6334 },
            requests: { cpu: '1', memory: '8Gi' },
            limits: { memory: '16Gi' },
            ready: ['/readyz', 'http'],
            mounts: { storage: '/qdrant/storage' },
          }),
        ],
      },
    },
    replicas,
    'qdrant',
  );
}
