import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type DemoOptions, startDemoCluster } from '../demo/cluster.js';
import { writeSshFiles } from '../demo/machines/ssh/ssh-access.js';

/** Runs a demo cluster until SIGINT or SIGTERM. Prints one JSON line once it is up; the kubeconfig file, if asked for, is there by then. */
export async function demo(options: {
  readonly scenario: string;
  readonly pods?: number;
  readonly nodes?: number;
  readonly churn?: number;
  readonly hungHosts?: number;
  readonly prometheus?: string;
  readonly kubeconfigOut?: string;
  readonly sshConfigOut?: string;
}): Promise<number> {
  const { prometheus, kubeconfigOut, sshConfigOut, ...rest } = options;
  const demoOptions: DemoOptions = prometheus === undefined ? rest : { ...rest, prometheusUrl: prometheus };
  const cluster = await startDemoCluster(demoOptions);
  if (kubeconfigOut !== undefined) writeFileSync(kubeconfigOut, cluster.kubeconfig, { mode: 0o600 });
  if (sshConfigOut !== undefined) writeSshFiles(resolve(sshConfigOut), cluster.ssh);
  const addresses = {
    schemaVersion: 1,
    scenario: cluster.scenario,
    server: cluster.server,
    kubeconfig: kubeconfigOut ?? null,
    contexts: ['demo', 'demo-viewer'],
    prometheus: cluster.prometheusUrl,
    exporters: cluster.exporters,
    ssh: { config: sshConfigOut ?? null, hosts: cluster.ssh.hosts },
  };
  process.stdout.write(`${JSON.stringify(addresses)}\n`);
  await interrupted();
  await cluster.close();
  return 0;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
