import type { KubeClient } from '../kube/client.js';
import type { Asker } from './asker.js';
import type { FoundHost } from './discover.js';
import type { Host } from './host.js';
import type { HostSettings } from './host-settings.js';

/** The ways to run a command somewhere. SSH and all that it brings along is loaded when the first machine needs it. */
export interface Roads {
  ssh(host: FoundHost, asker: Asker): Promise<Host>;
  local(host: FoundHost, asker: Asker): Promise<Host>;
  pod(pod: { readonly namespace: string; readonly pod: string; readonly container: string }): Promise<Host>;
}

export function createRoads({
  client,
  settings,
  env,
  homeDir,
}: {
  readonly client: KubeClient | null;
  readonly settings: HostSettings;
  readonly env: NodeJS.ProcessEnv;
  readonly homeDir: string;
}): Roads {
  return {
    async ssh({ name, address }, asker) {
      const [{ connectSsh }, { sshTarget }, { loadSshConfig }] = await Promise.all([
        import('./ssh-host.js'),
        import('./ssh-target.js'),
        import('./ssh-config.js'),
      ]);
      return connectSsh(sshTarget(name, address, settings, loadSshConfig(homeDir)), { asker, env });
    },
    async local({ name }, asker) {
      const { localHost } = await import('./local-host.js');
      return localHost({ name, asker, env });
    },
    async pod(place) {
      if (client === null) throw new Error('there is no API server to go through');
      const { podHost } = await import('./pod-host.js');
      return podHost(client, place);
    },
  };
}
