import { isAbsolute, join } from 'node:path';
import { clean } from '../text/clean.js';
import { at, isObject, list } from './json.js';

/** What the files of one kubeconfig say together: names to entries, the first file that has a name wins. Values may be secret; names are cleaned. */
export interface KubeconfigEntries {
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
  readonly currentContext: string | null;
}

export interface ClusterEntry {
  readonly name: string;
  /** URL without a trailing slash; '' where the file has none. */
  readonly server: string;
  /** Base64 of PEM. */
  readonly caData: string | null;
  readonly caFile: string | null;
  readonly skipTlsVerify: boolean;
  readonly tlsServerName: string | null;
  readonly proxyUrl: string | null;
}

export interface UserEntry {
  readonly name: string;
  readonly certData: string | null;
  readonly certFile: string | null;
  readonly keyData: string | null;
  readonly keyFile: string | null;
  readonly token: string | null;
  /** Read anew now and then: kubelets and agents rotate what is in it. */
  readonly tokenFile: string | null;
  readonly username: string | null;
  readonly password: string | null;
  readonly impersonate: Impersonation | null;
  readonly exec: ExecEntry | null;
  /** The old `auth-provider` (oidc, gcp, azure), as the client library takes it. */
  readonly authProvider: unknown;
}

export interface Impersonation {
  readonly user: string;
  readonly uid: string | null;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

export interface ExecEntry {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly installHint: string | null;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: string;
}

export interface ContextEntry {
  readonly name: string;
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string | null;
}

/** The user of a context that names none. */
export const anonymous: UserEntry = {
  name: '',
  certData: null,
  certFile: null,
  keyData: null,
  keyFile: null,
  token: null,
  tokenFile: null,
  username: null,
  password: null,
  impersonate: null,
  exec: null,
  authProvider: null,
};

export const noEntries: KubeconfigEntries = { clusters: new Map(), users: new Map(), contexts: new Map(), currentContext: null };

/** Entries of one parsed kubeconfig file; relative paths in it are relative to `directory`. */
export function entriesOf(document: unknown, directory: string): KubeconfigEntries {
  const path = (value: unknown) => {
    const file = secretText(value);
    return file === null || isAbsolute(file) ? file : join(directory, file);
  };
  const current = at(document, 'current-context');
  return {
    clusters: named(at(document, 'clusters'), 'cluster', (name, cluster) => ({
      name,
      server: (secretText(at(cluster, 'server')) ?? '').trim().replace(/\/+$/, ''),
      caData: secretText(at(cluster, 'certificate-authority-data')),
      caFile: path(at(cluster, 'certificate-authority')),
      skipTlsVerify: at(cluster, 'insecure-skip-tls-verify') === true,
      tlsServerName: secretText(at(cluster, 'tls-server-name')),
      proxyUrl: secretText(at(cluster, 'proxy-url')),
    })),
    users: named(at(document, 'users'), 'user', (name, user) => ({
      name,
      certData: secretText(at(user, 'client-certificate-data')),
      certFile: path(at(user, 'client-certificate')),
      keyData: secretText(at(user, 'client-key-data')),
      keyFile: path(at(user, 'client-key')),
      token: secretText(at(user, 'token')),
      tokenFile: path(at(user, 'tokenFile')),
      username: secretText(at(user, 'username')),
      password: secretText(at(user, 'password')),
      impersonate: impersonation(user),
      exec: execEntry(at(user, 'exec'), directory),
      authProvider: at(user, 'auth-provider') ?? null,
    })),
    contexts: named(at(document, 'contexts'), 'context', (name, context) => ({
      name,
      cluster: clean(secretText(at(context, 'cluster')) ?? ''),
      user: clean(secretText(at(context, 'user')) ?? ''),
      namespace: secretText(at(context, 'namespace')),
    })),
    currentContext: typeof current === 'string' && current !== '' ? clean(current) : null,
  };
}

/** Two files as kubectl merges them: whole entries, the first file to have a name wins. */
export function merged(first: KubeconfigEntries, second: KubeconfigEntries): KubeconfigEntries {
  return {
    clusters: new Map([...first.clusters, ...missingIn(first.clusters, second.clusters)]),
    users: new Map([...first.users, ...missingIn(first.users, second.users)]),
    contexts: new Map([...first.contexts, ...missingIn(first.contexts, second.contexts)]),
    currentContext: first.currentContext ?? second.currentContext,
  };
}

function missingIn<T>(first: ReadonlyMap<string, T>, second: ReadonlyMap<string, T>): [string, T][] {
  return [...second].filter(([name]) => !first.has(name));
}

function named<T>(entries: unknown, field: string, build: (name: string, value: unknown) => T): ReadonlyMap<string, T> {
  const byName = new Map<string, T>();
  for (const entry of list(entries)) {
    const name = at(entry, 'name');
    const value = at(entry, field);
    if (typeof name !== 'string' && typeof name !== 'number') continue;
    const cleaned = clean(String(name));
    // client-go keeps the first of two entries with one name within a file, too.
    if (!byName.has(cleaned)) byName.set(cleaned, build(cleaned, isObject(value) ? value : {}));
  }
  return byName;
}

function impersonation(user: unknown): Impersonation | null {
  const as = secretText(at(user, 'as'));
  if (as === null) return null;
  const extra = at(user, 'as-user-extra');
  return {
    user: as,
    uid: secretText(at(user, 'as-uid')),
    groups: texts(at(user, 'as-groups')),
    extra: new Map(isObject(extra) ? Object.entries(extra).map(([key, values]) => [key, texts(values)]) : []),
  };
}

function execEntry(exec: unknown, directory: string): ExecEntry | null {
  const command = secretText(at(exec, 'command'));
  if (command === null) return null;
  const apiVersion = secretText(at(exec, 'apiVersion'));
  return {
    apiVersion: apiVersion ?? 'client.authentication.k8s.io/v1',
    // As a shell would: a bare name is looked up in PATH, a path is relative to the kubeconfig.
    command: command.includes('/') && !isAbsolute(command) ? join(directory, command) : command,
    args: texts(at(exec, 'args')),
    env: new Map(
      list(at(exec, 'env')).flatMap((pair): [string, string][] => {
        const name = secretText(at(pair, 'name'));
        return name === null ? [] : [[name, secretText(at(pair, 'value')) ?? '']];
      }),
    ),
    installHint: secretText(at(exec, 'installHint')),
    provideClusterInfo: at(exec, 'provideClusterInfo') === true,
    interactiveMode: secretText(at(exec, 'interactiveMode')) ?? 'IfAvailable',
  };
}

/** Text as it stands: paths, tokens and keys are not for the screen and must not be changed. YAML makes a bare number of an all-digit token. */
function secretText(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

function texts(values: unknown): readonly string[] {
  return list(values).flatMap((value) => secretText(value) ?? []);
}
