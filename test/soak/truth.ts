import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { at, listAt, numberAt, textAt } from '../../src/demo/fields.js';
import type { KubeClient } from '../../src/kube/client.js';
import { createKubeClient } from '../../src/kube/http-client.js';
import { loadKubeconfig } from '../../src/kube/kubeconfig.js';
import type { Lab } from './lab.js';
import { userEnv } from './soaked.js';

/** How things are: what fresh processes of the program say, and what the demo's API server says of itself. */
export interface Truth {
  readonly nodes: readonly {
    readonly name: string;
    readonly ready: boolean;
    readonly capacity: number;
    readonly allocatable: number;
    readonly requested: number;
    readonly free: number;
  }[];
  readonly checks: readonly { readonly id: string; readonly name: string; readonly status: string }[];
  readonly targets: { readonly up: number; readonly all: number };
  /** By node. */
  readonly gpus: ReadonlyMap<string, number>;
  readonly journalled: number;
  /** From the API server itself. */
  readonly readyNodes: readonly string[];
  /** `namespace/name` to `1/1`. */
  readonly workloads: ReadonlyMap<string, string>;
  readonly endedPods: number;
}

export async function readTruth(lab: Lab, dist: string): Promise<Truth> {
  const say = (...words: readonly string[]) => saidBy(dist, lab.home, words);
  const client = clientOf(lab);
  const read = async (path: string, query = {}) => listAt((await client.request(path, { query })).body, 'items');
  try {
    const [checks, nodes, gpus, targets, journal, nodeObjects, deployments, statefulSets, daemonSets, failed, succeeded] = await Promise.all([
      say('check'),
      say('nodes'),
      say('gpus'),
      say('targets'),
      say('journal'),
      read('/api/v1/nodes'),
      read('/apis/apps/v1/deployments'),
      read('/apis/apps/v1/statefulsets'),
      read('/apis/apps/v1/daemonsets'),
      read('/api/v1/pods', { fieldSelector: 'status.phase=Failed' }),
      read('/api/v1/pods', { fieldSelector: 'status.phase=Succeeded' }),
    ]);
    const perNode = new Map<string, number>();
    for (const gpu of listAt(gpus, 'gpus')) perNode.set(textAt(gpu, 'node') ?? '', (perNode.get(textAt(gpu, 'node') ?? '') ?? 0) + 1);
    return {
      nodes: listAt(nodes, 'nodes').map((node) => ({
        name: textAt(node, 'name') ?? '',
        ready: at(node, 'ready') === true,
        capacity: numberAt(node, 'gpus', 'capacity') ?? 0,
        allocatable: numberAt(node, 'gpus', 'allocatable') ?? 0,
        requested: numberAt(node, 'gpus', 'requested') ?? 0,
        free: numberAt(node, 'gpus', 'free') ?? 0,
      })),
      checks: listAt(checks, 'checks').map((check) => ({
        id: textAt(check, 'id') ?? '',
        name: nameOf(textAt(check, 'object') ?? ''),
        status: textAt(check, 'status') ?? '',
      })),
      targets: { up: listAt(targets, 'targets').filter((target) => textAt(target, 'health') === 'up').length, all: listAt(targets, 'targets').length },
      gpus: perNode,
      journalled: listAt(journal, 'entries').length,
      readyNodes: nodeObjects.filter(isReady).map((node) => textAt(node, 'metadata', 'name') ?? ''),
      workloads: new Map([
        ...[...deployments, ...statefulSets].map(
          (each) => [keyOf(each), readyOf(numberAt(each, 'status', 'readyReplicas'), numberAt(each, 'spec', 'replicas'))] as const,
        ),
        ...daemonSets.map(
          (each) => [keyOf(each), readyOf(numberAt(each, 'status', 'numberReady'), numberAt(each, 'status', 'desiredNumberScheduled'))] as const,
        ),
      ]),
      endedPods: failed.length + succeeded.length,
    };
  } finally {
    client.close();
  }
}

/** What one command of the program says as JSON, whatever its exit code; rejects where it says nothing. */
function saidBy(dist: string, home: string, words: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const args = [join(dist, 'gpuk8s-tui.js'), ...words, '--output', 'json'];
    execFile(process.execPath, args, { env: userEnv(home), timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(new Error(`${words.join(' ')} --output json says no JSON: ${stderr}`));
      }
    });
  });
}

function clientOf({ cluster }: Lab): KubeClient {
  const kubeconfig = loadKubeconfig({ text: cluster.kubeconfig, env: {}, homeDir: '/nonexistent' });
  if (kubeconfig.status !== 'usable') throw new Error('the demo cluster’s own kubeconfig cannot be used');
  return createKubeClient(kubeconfig, { env: {} });
}

function isReady(node: unknown): boolean {
  return listAt(node, 'status', 'conditions').some((condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True');
}

function keyOf(object: unknown): string {
  return `${textAt(object, 'metadata', 'namespace')}/${textAt(object, 'metadata', 'name')}`;
}

function readyOf(ready: number | null, wanted: number | null): string {
  return `${ready ?? 0}/${wanted ?? 0}`;
}

/** As the checklist shows it: without its kind. */
function nameOf(object: string): string {
  return object === 'cluster' ? '' : object.slice(object.indexOf('/') + 1);
}
