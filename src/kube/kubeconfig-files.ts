import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { delimiter, dirname, join, resolve } from 'node:path';
import { load, YAMLException } from 'js-yaml';
import { clean } from '../text/clean.js';
import { isObject } from './json.js';
import { entriesOf, type KubeconfigEntries, merged, noEntries } from './kubeconfig-entries.js';
import { unreadableFile } from './unreadable-file.js';

export type KubeconfigFiles =
  | { readonly status: 'found'; readonly entries: KubeconfigEntries }
  | { readonly status: 'unconfigured'; readonly looked: readonly string[] }
  | { readonly status: 'unusable'; readonly why: string; readonly fix: string | null };

export interface KubeconfigPlaces {
  readonly kubeconfig?: string;
  readonly text?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  /** Where a pod's service account is mounted. */
  readonly serviceAccountDir?: string;
}

/** Reads what kubectl would read, from the first place that has something. */
export function readKubeconfigFiles(places: KubeconfigPlaces): KubeconfigFiles {
  if (places.text !== undefined) return parsed(places.text, 'the kubeconfig', process.cwd());
  if (places.kubeconfig !== undefined) {
    const file = readOne(resolve(places.kubeconfig));
    if (file !== null) return file;
    return { status: 'unusable', why: `${clean(resolve(places.kubeconfig))} does not exist`, fix: 'check the path given with --kubeconfig' };
  }
  const looked: string[] = [];
  const { KUBECONFIG = '' } = places.env;
  const paths = KUBECONFIG.split(delimiter)
    .filter((path) => path !== '')
    .map((path) => resolve(path));
  if (paths.length === 0) looked.push('KUBECONFIG: not set');
  const candidates = paths.length > 0 ? paths : [join(places.homeDir, '.kube', 'config')];
  let entries = noEntries;
  for (const path of candidates) {
    const file = readOne(path);
    if (file === null) {
      looked.push(`${clean(path)}${paths.length > 0 ? ' (from KUBECONFIG)' : ''}: not there`);
      continue;
    }
    if (file.status !== 'found') return file;
    if (isEmpty(file.entries)) looked.push(`${clean(path)}: nothing in it`);
    entries = merged(entries, file.entries);
  }
  if (!isEmpty(entries)) return { status: 'found', entries };
  const inCluster = serviceAccount(places);
  if (typeof inCluster !== 'string') return { status: 'found', entries: inCluster };
  return { status: 'unconfigured', looked: [...looked, inCluster] };
}

/** null where there is no such file. */
function readOne(path: string): KubeconfigFiles | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    return { status: 'unusable', ...unreadableFile(path, error) };
  }
  return parsed(text, clean(path), dirname(path));
}

function parsed(text: string, name: string, directory: string): KubeconfigFiles {
  if (/^\s*(?:#.*\s*)*$/.test(text)) return { status: 'found', entries: noEntries };
  let document: unknown;
  try {
    document = load(text);
  } catch (error) {
    // Only the reason: the message quotes the lines around, which may hold a key.
    const line = error instanceof YAMLException && error.mark !== undefined ? `, line ${error.mark.line + 1}` : '';
    const reason = error instanceof YAMLException ? clean(error.reason, 200) : 'it cannot be parsed';
    return { status: 'unusable', why: `${name}${line}: not valid YAML: ${reason}`, fix: null };
  }
  if (document === null) return { status: 'found', entries: noEntries };
  if (!isObject(document) || !['clusters', 'contexts', 'users', 'current-context', 'kind'].some((field) => field in document)) {
    return { status: 'unusable', why: `${name} is not a kubeconfig: it has neither clusters nor contexts`, fix: null };
  }
  return { status: 'found', entries: entriesOf(document, directory) };
}

function isEmpty(entries: KubeconfigEntries): boolean {
  return entries.clusters.size === 0 && entries.contexts.size === 0 && entries.users.size === 0;
}

/** The pod's own account (client-go's rest.InClusterConfig), or why there is none. */
function serviceAccount(places: KubeconfigPlaces): KubeconfigEntries | string {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = places.env;
  if (host === '' || port === '') return 'service account of a pod: not running in one (KUBERNETES_SERVICE_HOST is not set)';
  const directory = places.serviceAccountDir ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  const read = (name: string) => {
    try {
      return readFileSync(join(directory, name), 'utf8').trim();
    } catch {
      return null;
    }
  };
  if (read('token') === null) return `service account of a pod: no token in ${directory}`;
  const document = {
    'current-context': 'in-cluster',
    clusters: [
      {
        name: 'in-cluster',
        cluster: { server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`, ...(read('ca.crt') === null ? {} : { 'certificate-authority': 'ca.crt' }) },
      },
    ],
    users: [{ name: 'in-cluster', user: { tokenFile: 'token' } }],
    contexts: [{ name: 'in-cluster', context: { cluster: 'in-cluster', user: 'in-cluster', namespace: read('namespace') } }],
  };
  return entriesOf(document, directory);
}
