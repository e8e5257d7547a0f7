import { X509Certificate } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { clean } from '../text/clean.js';
import { closest } from '../text/closest.js';
import { anonymous, type ClusterEntry, type KubeconfigEntries, type UserEntry } from './kubeconfig-entries.js';
import { readKubeconfigFiles } from './kubeconfig-files.js';
import { asKubeConfig } from './kubeconfig-object.js';
import { unreadableFile } from './unreadable-file.js';

/** What the kubeconfig comes to: something to connect with, nothing at all, or something broken with a reason and a remedy. */
export type Kubeconfig = UsableKubeconfig | UnconfiguredKubeconfig | UnusableKubeconfig;

export interface UsableKubeconfig {
  readonly status: 'usable';
  /** The same in the client library's form, its current context set. */
  readonly kubeConfig: KubeConfig;
  readonly context: string;
  readonly contexts: readonly KubeContext[];
  /** The namespace asked for, else the context's own, else null. */
  readonly namespace: string | null;
  readonly cluster: ClusterEntry;
  /** Nobody in particular (anonymous) where the context names no user. */
  readonly user: UserEntry;
}

/** No kubeconfig anywhere; `looked` says where, in words. */
export interface UnconfiguredKubeconfig {
  readonly status: 'unconfigured';
  readonly looked: readonly string[];
}

export interface UnusableKubeconfig {
  readonly status: 'unusable';
  readonly why: string;
  readonly fix: string | null;
  /** The contexts there are all the same, to switch to one. */
  readonly contexts: readonly KubeContext[];
}

export interface KubeContext {
  readonly name: string;
  /** '' where the context's cluster is missing. */
  readonly server: string;
  readonly namespace: string | null;
  readonly current: boolean;
}

export interface KubeconfigOptions {
  /** --kubeconfig: this file and no other. */
  readonly kubeconfig?: string;
  /** --context */
  readonly context?: string;
  /** --namespace */
  readonly namespace?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  /** A kubeconfig as text, instead of any file. */
  readonly text?: string;
}

/**
 * Finds and reads the kubeconfig as kubectl does: --kubeconfig, else the files of KUBECONFIG merged (missing ones skipped), else ~/.kube/config,
 * else the service account of the pod this runs in. Never throws; sentences name files, contexts and users, never secrets.
 */
export function loadKubeconfig(options: KubeconfigOptions): Kubeconfig {
  const files = readKubeconfigFiles(options);
  if (files.status === 'unconfigured') return files;
  if (files.status === 'unusable') return { ...files, contexts: [] };
  return chosen(files.entries, options);
}

function chosen(entries: KubeconfigEntries, options: KubeconfigOptions): UsableKubeconfig | UnusableKubeconfig {
  const name = options.context ?? entries.currentContext;
  const contexts = [...entries.contexts.values()].map(
    (context): KubeContext => ({
      name: context.name,
      server: clean(entries.clusters.get(context.cluster)?.server ?? ''),
      namespace: context.namespace === null ? null : clean(context.namespace),
      current: context.name === name,
    }),
  );
  const unusable = (why: string, fix: string | null = null): UnusableKubeconfig => ({ status: 'unusable', why, fix, contexts });
  const names = [...entries.contexts.keys()];
  if (names.length === 0) return unusable('the kubeconfig has no contexts');
  if (name === null)
    return unusable(`the kubeconfig has no current context; there are ${listed(names)}`, `kubectl config use-context ${names[0]}, or give --context`);
  const context = entries.contexts.get(name);
  if (context === undefined) {
    const meant = closest(name, names);
    return unusable(`no context "${clean(name)}" in the kubeconfig; there are ${listed(names)}`, meant === null ? null : `did you mean --context ${meant}?`);
  }
  const cluster = entries.clusters.get(context.cluster);
  if (cluster === undefined) {
    return unusable(
      `context "${name}" uses cluster "${context.cluster}", which the kubeconfig does not have${alternatives('clusters', [...entries.clusters.keys()])}`,
    );
  }
  const user = context.user === '' ? anonymous : entries.users.get(context.user);
  if (user === undefined) {
    return unusable(`context "${name}" uses user "${context.user}", which the kubeconfig does not have${alternatives('users', [...entries.users.keys()])}`);
  }
  const trouble = serverTrouble(cluster) ?? fileTrouble(cluster, user) ?? certificateTrouble(cluster, user);
  if (trouble !== null) return unusable(trouble.why, trouble.fix);
  return {
    status: 'usable',
    kubeConfig: asKubeConfig(entries, name),
    context: name,
    contexts,
    namespace: options.namespace ?? context.namespace,
    cluster,
    user,
  };
}

function serverTrouble(cluster: ClusterEntry): { why: string; fix: string | null } | null {
  if (cluster.server === '') return { why: `cluster "${cluster.name}" has no server in the kubeconfig`, fix: null };
  if (URL.canParse(cluster.server) && /^https?:$/.test(new URL(cluster.server).protocol)) return null;
  return { why: `the server of cluster "${cluster.name}" is not an http or https URL: ${clean(cluster.server, 200)}`, fix: null };
}

/** Certificate, key and token files that are not there or not readable. Data in the kubeconfig takes the place of a file, as in client-go. */
function fileTrouble(cluster: ClusterEntry, user: UserEntry): { why: string; fix: string | null } | null {
  const files: readonly (readonly [string, string | null])[] = [
    [`the certificate authority of cluster "${cluster.name}"`, cluster.caData === null && !cluster.skipTlsVerify ? cluster.caFile : null],
    [`the client certificate of user "${user.name}"`, user.certData === null ? user.certFile : null],
    [`the client key of user "${user.name}"`, user.keyData === null ? user.keyFile : null],
    [`the token of user "${user.name}"`, user.tokenFile],
  ];
  for (const [what, file] of files) {
    if (file === null) continue;
    try {
      closeSync(openSync(file, 'r'));
    } catch (error) {
      const { why, fix } = unreadableFile(file, error);
      return { why: `${what}: ${why}`, fix };
    }
  }
  return null;
}

function certificateTrouble(cluster: ClusterEntry, user: UserEntry): { why: string; fix: string | null } | null {
  const data: readonly (readonly [string, string | null])[] = [
    [`certificate-authority-data of cluster "${cluster.name}"`, cluster.skipTlsVerify ? null : cluster.caData],
    [`client-certificate-data of user "${user.name}"`, user.certData],
  ];
  for (const [what, base64] of data) {
    if (base64 === null) continue;
    try {
      new X509Certificate(Buffer.from(base64, 'base64'));
    } catch {
      return { why: `${what} is not a certificate in base64`, fix: null };
    }
  }
  return null;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
}

function alternatives(what: string, names: readonly string[]): string {
  return names.length === 0 ? ` (it has no ${what})` : `; its ${what} are ${listed(names)}`;
}
