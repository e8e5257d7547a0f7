import type { KubeClient } from '../../src/kube/client.js';
import { createKubeClient } from '../../src/kube/http-client.js';
import { loadKubeconfig, type UsableKubeconfig } from '../../src/kube/kubeconfig.js';

export interface ClusterAndUser {
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
}

/** A kubeconfig with one context `lab` for a server. JSON is YAML. */
export function kubeconfigText(server: string, { cluster = {}, user = {} }: ClusterAndUser = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    clusters: [{ name: 'lab', cluster: { server, ...cluster } }],
    users: [{ name: 'ops', user }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'ops' } }],
  });
}

export function usable(server: string, settings: ClusterAndUser = {}): UsableKubeconfig {
  const config = loadKubeconfig({ text: kubeconfigText(server, settings), env: {}, homeDir: '/nowhere' });
  if (config.status !== 'usable') throw new Error(JSON.stringify(config));
  return config;
}

/** A client that closes with the test (`using`). */
export function clientFor(server: string, settings: ClusterAndUser = {}, env: NodeJS.ProcessEnv = {}): KubeClient & Disposable {
  const client = createKubeClient(usable(server, settings), { env });
  return { ...client, [Symbol.dispose]: () => client.close() };
}
