import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiGates } from '../../../src/demo/api/gates.js';
import type { ApiHooks } from '../../../src/demo/api/hooks.js';
import { kubeconfigText } from '../../../src/demo/api/kubeconfig.js';
import { createObjectStore, type MemoryStoreOptions } from '../../../src/demo/api/memory-store.js';
import type { KubeObject, ObjectStore } from '../../../src/demo/api/object-store.js';
import { type ApiServer, startApiServer } from '../../../src/demo/api/server.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly body: unknown;
}

export interface Ask {
  readonly method?: string;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface TestCluster {
  readonly api: ApiServer;
  readonly store: ObjectStore;
  ask(path: string, options?: Ask): Promise<Answer>;
  /** The lines of a watch, as they come; `until` says after which the watch is left. */
  watch(path: string, until: (events: readonly unknown[]) => boolean, headers?: Readonly<Record<string, string>>): Promise<unknown[]>;
  kubectl(
    args: readonly string[],
    options?: { readonly as?: 'viewer'; readonly stdin?: string },
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
  /** Runs kubectl until its output holds a text, then ends it; gives the output. */
  kubectlUntil(args: readonly string[], text: string, onOutput?: (out: string) => void): Promise<string>;
  close(): Promise<void>;
}

export const hasKubectl = ((): boolean => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** An API server over an almost empty store: the namespaces `default` and `ai`, and the two users. */
export async function startTestCluster(options: { hooks?: ApiHooks; gates?: ApiGates; store?: MemoryStoreOptions } = {}): Promise<TestCluster> {
  const store = createObjectStore(options.store);
  for (const name of ['default', 'ai']) {
    store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
  }
  // A namespace controller, as far as these tests need one.
  store.subscribe('namespaces', ({ type, object }) => {
    if (type !== 'MODIFIED' || object.metadata.deletionTimestamp === undefined) return;
    const { name } = object.metadata;
    for (const resource of ['deployments.apps', 'services', 'configmaps', 'secrets', 'resourcequotas', 'pods']) {
      for (const each of store.list(resource, name)) store.remove(resource, each.metadata.name, name);
    }
    setImmediate(() => store.remove('namespaces', name));
  });
  const api = await startApiServer({
    store,
    version: 'v1.36.2',
    users: [
      { name: 'admin', token: 'token-of-admin', role: 'cluster-admin' },
      { name: 'viewer', token: 'token-of-viewer', role: 'view' },
    ],
    hooks: options.hooks ?? {},
    gates: options.gates ?? {},
  });
  const home = mkdtempSync(join(tmpdir(), 'demo-api-'));
  for (const user of ['admin', 'viewer']) {
    writeFileSync(join(home, user), kubeconfigText({ server: api.url, caPem: api.caPem, user, token: `token-of-${user}` }));
  }
  const environment = (user: string): NodeJS.ProcessEnv => ({ ...process.env, HOME: home, KUBECONFIG: join(home, user), KUBECTL_COMMAND_HEADERS: 'false' });
  return {
    api,
    store,
    ask: (path, ask = {}) => askServer(api, path, ask),
    watch: (path, until, headers = {}) => watchServer(api, path, until, headers),
    kubectl: (args, { as = 'admin', stdin } = {}) =>
      new Promise((resolve) => {
        const child = execFile('kubectl', [...args], { env: environment(as), timeout: 30_000, maxBuffer: 64 << 20 }, (error, out, err) =>
          resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, out, err }),
        );
        child.stdin?.end(stdin ?? '');
      }),
    kubectlUntil: (args, text, onOutput) =>
      new Promise((resolve, reject) => {
        const child = spawn('kubectl', [...args], { env: environment('admin'), stdio: ['ignore', 'pipe', 'pipe'] });
        let out = '';
        const timer = setTimeout(() => child.kill(), 20_000);
        const take = (chunk: Buffer): void => {
          out += chunk.toString();
          onOutput?.(out);
          if (out.includes(text)) child.kill();
        };
        child.stdout.on('data', take);
        child.stderr.on('data', take);
        child.once('close', () => {
          clearTimeout(timer);
          if (out.includes(text)) resolve(out);
          else reject(new Error(`kubectl never said ${JSON.stringify(text)}, but ${JSON.stringify(out)}`));
        });
      }),
    async close() {
      await api.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function askServer(api: ApiServer, path: string, { method = 'GET', token = 'token-of-admin', headers = {}, body }: Ask): Promise<Answer> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      `${api.url}${path}`,
      {
        method,
        ca: api.caPem,
        agent: false,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, body: parsed(bytes) });
        });
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return bytes.toString();
  }
}

function watchServer(
  api: ApiServer,
  path: string,
  until: (events: readonly unknown[]) => boolean,
  headers: Readonly<Record<string, string>>,
): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const events: unknown[] = [];
    const timer = setTimeout(() => reject(new Error(`the watch said only ${JSON.stringify(events)}`)), 15_000);
    const sent = request(`${api.url}${path}`, { ca: api.caPem, agent: false, headers: { authorization: 'Bearer token-of-admin', ...headers } }, (response) => {
      let text = '';
      const done = (): void => {
        clearTimeout(timer);
        sent.destroy();
        resolve(events);
      };
      const check = (): void => {
        if (until(events)) done();
      };
      response.on('data', (chunk: Buffer) => {
        const lines = (text + chunk.toString()).split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) events.push(JSON.parse(line));
        check();
      });
      response.on('end', done);
      check();
    });
    sent.on('error', (error) => {
      if (!sent.destroyed) reject(error);
    });
    sent.end();
  });
}

export function aPod(
  name: string,
  given: { namespace?: string; phase?: string; node?: string; labels?: Record<string, string>; reason?: string } = {},
): KubeObject {
  const { namespace = 'ai', phase = 'Running', node = 'gpu-1', labels = { app: 'web' }, reason } = given;
  const running = phase === 'Running';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { ...(node === '' ? {} : { nodeName: node }), containers: [{ name: 'main', image: 'registry.local/web:1' }] },
    status: {
      phase,
      ...(reason === undefined ? {} : { reason }),
      podIP: '10.244.1.5',
      conditions: [{ type: 'Ready', status: running ? 'True' : 'False' }],
      containerStatuses: running ? [{ name: 'main', ready: true, restartCount: 0, image: 'registry.local/web:1', imageID: '', state: { running: {} } }] : [],
    },
  };
}

export function aNode(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/hostname': name } },
    spec: { podCIDR: '10.244.1.0/24' },
    status: {
      capacity: { cpu: '64', memory: '512Gi', pods: '110', 'nvidia.com/gpu': '8' },
      allocatable: { cpu: '64', memory: '512Gi', pods: '110', 'nvidia.com/gpu': '8' },
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }],
      addresses: [
        { type: 'InternalIP', address: '10.0.0.11' },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: {
        kubeletVersion: 'v1.36.2',
        osImage: 'Ubuntu 24.04.3 LTS',
        kernelVersion: '6.8.0-90-generic',
        containerRuntimeVersion: 'containerd://2.3.4',
        machineID: 'm',
        systemUUID: 's',
        bootID: 'b',
        operatingSystem: 'linux',
        architecture: 'amd64',
        kubeProxyVersion: '',
      },
    },
  };
}
