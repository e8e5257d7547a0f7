import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveConfig } from '../../src/config/config.js';
import { memoryFrom } from '../../src/config/memory-file.js';
import { openSettings } from '../../src/config/settings-file.js';
import { type DemoCluster, type DemoOptions, startDemoCluster } from '../../src/demo/cluster.js';
import { openSession, type Session } from '../../src/session.js';

/** A session on a demo cluster of its own, connected by a kubeconfig file as to any cluster. */
export interface DemoSession extends AsyncDisposable {
  readonly session: Session;
  readonly cluster: DemoCluster;
}

export async function demoSession(options: DemoOptions, { asViewer = false }: { asViewer?: boolean } = {}): Promise<DemoSession> {
  const cluster = await startDemoCluster(options);
  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-demo-'));
  const kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, asViewer ? cluster.viewerKubeconfig : cluster.kubeconfig, { mode: 0o600 });
  const config = resolveConfig({ kubeconfig, refresh: 1 }, {}, { readOnly: false, refreshSeconds: 15, contexts: new Map(), setups: new Map() });
  const session = openSession({
    config,
    settings: openSettings({ XDG_CONFIG_HOME: folder }),
    machines: 'none',
    memory: memoryFrom({}),
    env: {},
    homeDir: folder,
  });
  return {
    session,
    cluster,
    async [Symbol.asyncDispose]() {
      await session.close();
      await cluster.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
