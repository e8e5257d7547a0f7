import { spawn } from 'node:child_process';
import { clean } from '../text/clean.js';
import { at } from './json.js';
import { KubeError } from './kube-error.js';
import type { ClusterEntry, ExecEntry } from './kubeconfig-entries.js';

/** What a credential plugin answered (client.authentication.k8s.io ExecCredential); PEM and token as they are. */
export interface ExecCredential {
  readonly token: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  /** ms since the epoch; null: good until the server refuses it. */
  readonly expiresAt: number | null;
}

/** A plugin may open a browser or ask a server far away: after a failure it is left alone for a while. */
const patienceMs = 30_000;

/**
 * Runs the user's credential plugin as client-go does, without a terminal (the screen has it). Rejects with KubeError `unauthorized` that
 * carries the plugin's first line of stderr and its installHint.
 */
export function runExecPlugin(exec: ExecEntry, cluster: ClusterEntry, env: NodeJS.ProcessEnv, timeoutMs = 60_000): Promise<ExecCredential> {
  const name = clean(exec.command.split('/').at(-1) ?? exec.command);
  const hint = exec.installHint === null ? null : clean(exec.installHint);
  if (exec.interactiveMode === 'Always') {
    return Promise.reject(
      new KubeError('unauthorized', `the credential plugin ${name} needs a terminal of its own`, { fix: 'log in with it first, e.g. by `kubectl get nodes`' }),
    );
  }
  return new Promise((resolve, reject) => {
    const refused = (why: string, fix: string | null, cause?: unknown) =>
      reject(new KubeError('unauthorized', `no credentials: the plugin ${name} ${why}`, { ...(fix === null ? {} : { fix }), retryAfterMs: patienceMs, cause }));
    const child = spawn(exec.command, [...exec.args], {
      env: { ...env, ...Object.fromEntries(exec.env), KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(exec, cluster)) },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (stdout.length < 1_000_000) stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      if (stderr.length < 10_000) stderr += chunk;
    });
    child.once('error', (error) => {
      const missing = 'code' in error && error.code === 'ENOENT';
      refused(missing ? 'is not installed (not found in PATH)' : `cannot be run: ${clean(error.message)}`, hint, error);
    });
    child.once('close', (code, signal) => {
      if (code === 0) {
        const credential = credentialOf(stdout);
        if (typeof credential === 'string') refused(credential, null);
        else resolve(credential);
        return;
      }
      const said = firstLine(stderr);
      const how =
        signal !== null ? (signal === 'SIGKILL' ? `did not answer within ${timeoutMs / 1000} s` : `was ended by ${signal}`) : `failed with exit code ${code}`;
      refused(said === null ? how : `${how}: ${said}`, hint);
    });
  });
}

/** The credential, or what is wrong with the answer. */
function credentialOf(stdout: string): ExecCredential | string {
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch {
    return 'did not answer with an ExecCredential in JSON';
  }
  const token = secret(at(answer, 'status', 'token'));
  const certificate = secret(at(answer, 'status', 'clientCertificateData'));
  const key = secret(at(answer, 'status', 'clientKeyData'));
  if (token === null && (certificate === null || key === null)) return 'answered with neither a token nor a certificate';
  const expires = Date.parse(String(at(answer, 'status', 'expirationTimestamp')));
  return { token, certificate, key, expiresAt: Number.isNaN(expires) ? null : expires };
}

function execInfo(exec: ExecEntry, cluster: ClusterEntry): object {
  const described = {
    server: cluster.server,
    ...(cluster.tlsServerName === null ? {} : { 'tls-server-name': cluster.tlsServerName }),
    ...(cluster.skipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(cluster.caData === null ? {} : { 'certificate-authority-data': cluster.caData }),
    ...(cluster.proxyUrl === null ? {} : { 'proxy-url': cluster.proxyUrl }),
    config: null,
  };
  return { kind: 'ExecCredential', apiVersion: exec.apiVersion, spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster: described } : {}) } };
}

function secret(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function firstLine(text: string): string | null {
  const line = text.split('\n').find((candidate) => candidate.trim() !== '');
  return line === undefined ? null : clean(line.trim(), 300);
}
