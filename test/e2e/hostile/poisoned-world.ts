import { rmSync } from 'node:fs';
import { request } from 'node:https';
import { startDemoCluster } from '../../../src/demo/cluster.js';
import { poisonedApi } from './poisoned-api.js';
import { poisonedHome } from './poisoned-home.js';
import { poisonedMachines } from './poisoned-machines.js';

/** A demo cluster behind stand-ins of its API server and its machines, which fill all that they hand on with hostile text. */
export interface PoisonedWorld {
  /** Home folder of the one who uses it. */
  readonly home: string;
  close(): Promise<void>;
}

export async function poisonedWorld(scenario: string): Promise<PoisonedWorld> {
  const cluster = await startDemoCluster({ scenario });
  const [, encoded = ''] = /certificate-authority-data: (\S+)/.exec(cluster.kubeconfig) ?? [];
  const authority = Buffer.from(encoded, 'base64').toString();
  const [, token = ''] = /token: "([^"]+)"/.exec(cluster.kubeconfig) ?? [];
  const send = (method: string, path: string, body: unknown) => sent(`${cluster.server}${path}`, { method, authority, token, body });
  await send('POST', '/api/v1/namespaces/ai/pods', evicted);
  await send('PATCH', '/api/v1/namespaces/ai/pods/zq-evicted/status', { status: evicted.status });
  const api = await poisonedApi(cluster.server, authority);
  const machines = await poisonedMachines(cluster.ssh);
  const home = poisonedHome(cluster, api.url, machines);
  return {
    home,
    async close() {
      for (const machine of machines.values()) machine.close();
      api.close();
      await cluster.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const evicted = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'zq-evicted', namespace: 'ai' },
  spec: { nodeName: 'gpu-1', containers: [{ name: 'main', image: 'busybox:1.37' }] },
  status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage.' },
};

function sent(
  url: string,
  { method, authority, token, body }: { readonly method: string; readonly authority: string; readonly token: string; readonly body: unknown },
): Promise<void> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, ca: authority, headers: { authorization: `Bearer ${token}`, 'content-type': type } }, (answer) => {
      answer.resume();
      answer.on('end', () => ((answer.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`${method} ${url}: ${answer.statusCode}`))));
    });
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}
