import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoCluster, startDemoCluster } from '../../src/demo/cluster.js';
import { type DemoSsh, writeSshFiles } from '../../src/demo/machines/ssh/ssh-access.js';
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.js';
import { startHostileRelay } from './hostile-relay.js';
import { plantedText } from './hostile-text.js';

/** A demo cluster that can only be reached over roads that fail, and the home folder of somebody who looks at it. */
export interface Lab {
  readonly cluster: DemoCluster;
  /** With kubeconfig and ssh_config for the roads. */
  readonly home: string;
  readonly api: FaultyProxy;
  /** Between the API server's service proxy and Prometheus. */
  readonly prometheus: FaultyProxy;
  readonly ssh: ReadonlyMap<string, FaultyProxy>;
  /** Whether Prometheus' answers hold foreign text. */
  hostile: boolean;
  close(): Promise<void>;
}

/** Starts the cluster, with so many changes of pods a second and so many times faster than in life, and everything in front of it. */
export async function startLab({ churn, speed }: { readonly churn: number; readonly speed: number }): Promise<Lab> {
  const state: { hostile: boolean; cluster: DemoCluster | null } = { hostile: true, cluster: null };
  const home = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-soak-'));
  const portOf = (url: string | undefined) => Number(new URL(url ?? 'http://127.0.0.1:1').port);
  const relay = await startHostileRelay(
    () => new URL(state.cluster?.ownPrometheusUrl ?? 'http://127.0.0.1:1'),
    () => state.hostile,
  );
  const prometheus = await startFaultyProxy(() => relay.port);
  const cluster = await startDemoCluster({ scenario: 'healthy', churn, speed, prometheusUrl: `http://127.0.0.1:${prometheus.port}` });
  state.cluster = cluster;
  const api = await startFaultyProxy(() => portOf(cluster.server));
  const ssh = new Map<string, FaultyProxy>();
  for (const { name, port } of cluster.ssh.hosts) ssh.set(name, await startFaultyProxy(() => port));
  for (const step of plantedText()) cluster.perform(step);
  mkdirSync(join(home, '.kube'));
  mkdirSync(join(home, '.ssh'), { mode: 0o700 });
  writeFileSync(join(home, '.kube', 'config'), cluster.kubeconfig.replaceAll(cluster.server, `https://127.0.0.1:${api.port}`), { mode: 0o600 });
  writeSshFiles(join(home, '.ssh', 'config'), throughProxies(cluster.ssh, ssh));
  return {
    cluster,
    home,
    api,
    prometheus,
    ssh,
    get hostile() {
      return state.hostile;
    },
    set hostile(wanted) {
      state.hostile = wanted;
    },
    async close() {
      for (const proxy of [api, prometheus, ...ssh.values()]) await proxy.close();
      await cluster.close();
      await relay.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function throughProxies(ssh: DemoSsh, proxies: ReadonlyMap<string, FaultyProxy>): DemoSsh {
  const ports = new Map(ssh.hosts.map(({ name, port }) => [String(port), proxies.get(name)?.port ?? port]));
  return {
    ...ssh,
    hosts: ssh.hosts.map((host) => ({ ...host, port: proxies.get(host.name)?.port ?? host.port })),
    knownHosts: ssh.knownHosts.replace(/^\[127\.0\.0\.1\]:(\d+)/gm, (_line, port: string) => `[127.0.0.1]:${ports.get(port) ?? port}`),
  };
}
