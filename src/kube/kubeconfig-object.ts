import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { anonymous, type KubeconfigEntries } from './kubeconfig-entries.js';

/** The entries as the client library's KubeConfig, with `context` as the current one. */
export function asKubeConfig(entries: KubeconfigEntries, context: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [...entries.clusters.values()].map((cluster) => ({
      name: cluster.name,
      server: cluster.server,
      skipTLSVerify: cluster.skipTlsVerify,
      // The library lets a file win over data; client-go and kubectl do it the other way round.
      ...(cluster.caData === null ? given('caFile', cluster.caFile) : { caData: cluster.caData }),
      ...given('tlsServerName', cluster.tlsServerName),
      ...given('proxyUrl', cluster.proxyUrl),
    })),
    // Without a user the library would leave out the certificate authority, too.
    users: [...entries.users.values(), ...(entries.users.has('') ? [] : [anonymous])].map((user) => ({
      name: user.name,
      ...(user.certData === null ? given('certFile', user.certFile) : { certData: user.certData }),
      ...(user.keyData === null ? given('keyFile', user.keyFile) : { keyData: user.keyData }),
      ...given('token', user.token),
      ...given('username', user.username),
      ...given('password', user.password),
      ...(user.authProvider === null ? {} : { authProvider: user.authProvider }),
    })),
    contexts: [...entries.contexts.values()].map((entry) => ({
      name: entry.name,
      cluster: entry.cluster,
      user: entry.user,
      ...given('namespace', entry.namespace),
    })),
    currentContext: context,
  });
  return config;
}

function given<Name extends string>(name: Name, value: string | null): Partial<Record<Name, string>> {
  const entry: Partial<Record<string, string>> = value === null ? {} : { [name]: value };
  return entry;
}
