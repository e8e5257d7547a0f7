import { server } from './ai.js';
import { container } from './container.js';
import { migResource } from './gpu-models.js';
import type { Hardware } from './hardware.js';
import { image } from './images.js';
import { type Manifest, statefulSet } from './manifest.js';

/** Workloads that are content with a slice of a GPU, where machines have them: for each size of MIG device one that uses most of its kind. */
export function sliced(nodes: readonly Hardware[]): Manifest[] {
  const devices = nodes.flatMap(({ mig }) => mig.flat());
  const count = (profile: string) => devices.filter((each) => each === profile).length;
  const some = (profile: string, spare: number) => Math.max(0, count(profile) - spare);
  return [
    ...inference('embedder', 'embedder', some('1g.10gb', 2), '1g.10gb', { cpu: '1', memory: '4Gi' }),
    ...inference('chat-inference', 'chat', some('3g.40gb', 1), '3g.40gb', { cpu: '4', memory: '24Gi' }),
    ...notebooks(some('2g.20gb', 1)),
  ];
}

function inference(name: string, model: 'embedder' | 'chat', replicas: number, profile: string, size: { cpu: string; memory: string }): Manifest[] {
  return replicas === 0 ? [] : server(name, model, replicas, { gpus: 1, resource: migResource(profile), ...size }, {});
}

function notebooks(replicas: number): Manifest[] {
  if (replicas === 0) return [];
  return [
    statefulSet(
      {
        name: 'notebook',
        namespace: 'ai',
        labels: { app: 'notebook' },
        pod: {
          runtimeClassName: 'nvidia',
          containers: [
            container({
              name: 'notebook',
              image: image('notebook'),
              ports: { http: 8888 },
              requests: { cpu: '2', memory: '16Gi' },
              limits: { memory: '16Gi', [migResource('2g.20gb')]: '1' },
            }),
          ],
        },
      },
      replicas,
      'notebook',
    ),
  ];
}
