import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { clean } from '../text/clean.js';
import type { TlsSettings } from './agent.js';
import { type ExecCredential, runExecPlugin } from './exec-plugin.js';
import { KubeError } from './kube-error.js';
import type { UsableKubeconfig } from './kubeconfig.js';
import type { ExecEntry } from './kubeconfig-entries.js';
import { unreadableFile } from './unreadable-file.js';

/** Who we are to one server: asked for at each request, fetched anew when it expires or is refused. */
export interface Credentials {
  /** Headers and TLS settings for one request. `tls` keeps its identity as long as nothing in it changed. Rejects with KubeError. */
  current(): Promise<{ readonly headers: RequestHeaders; readonly tls: TlsSettings; readonly generation: number }>;
  /** The server refused what had this `generation`: unless others found out before, what is cached is forgotten. */
  forget(generation: number): void;
  /** When the client certificate in use ends, ms since the epoch; null without one. */
  certificateEndsAt(): number | null;
}

/** Header names in lower case; several values go out as several lines. */
export type RequestHeaders = Readonly<Record<string, string | string[]>>;

/** Files are read again after a minute, as in client-go: whoever rotates them leaves both old and new valid for longer than that. */
const rereadMs = 60_000;

/** Credentials of a kubeconfig's user: client certificate, token, token file, exec plugin, password, or the old auth-provider. */
export function createCredentials(config: UsableKubeconfig, env: NodeJS.ProcessEnv, now: () => number = Date.now): Credentials {
  const { cluster, user } = config;
  const files = new Map<string, { readonly content: Buffer; readonly at: number }>();
  let exec: Promise<ExecCredential> | null = null;
  let tls: TlsSettings | null = null;
  let generation = 0;

  const read = (path: string): Buffer => {
    const cached = files.get(path);
    // However far the clock was set back, what was read is not kept for longer.
    if (cached !== undefined && Math.abs(now() - cached.at) < rereadMs) return cached.content;
    try {
      const content = readFileSync(path);
      files.set(path, { content: cached?.content.equals(content) ? cached.content : content, at: now() });
      return files.get(path)?.content ?? content;
    } catch (error) {
      const { why, fix } = unreadableFile(path, error);
      throw new KubeError('unauthorized', `no credentials: ${why}`, { ...(fix === null ? {} : { fix }), cause: error });
    }
  };
  const decoded = new Map<string, Buffer>();
  const pem = (data: string | null, file: string | null): Buffer | null => {
    if (data === null) return file === null ? null : read(file);
    const known = decoded.get(data) ?? Buffer.from(data, 'base64');
    decoded.set(data, known);
    return known;
  };
  /** One run for all who ask at the same time; its answer is kept until shortly before it expires. */
  const plugin = async (entry: ExecEntry): Promise<ExecCredential> => {
    for (let attempt = 1; ; attempt += 1) {
      exec ??= runExecPlugin(entry, cluster, env);
      const running = exec;
      try {
        const credential = await running;
        // A little early, so that none expires on its way. One that is born expired is for the server to refuse.
        if (attempt > 1 || credential.expiresAt === null || credential.expiresAt - now() > 10_000) return credential;
      } catch (error) {
        if (exec === running) exec = null;
        throw error;
      }
      if (exec === running) exec = null;
    }
  };

  return {
    async current() {
      const started = generation;
      const credential = user.exec === null ? null : await plugin(user.exec);
      const next: TlsSettings = {
        ca: cluster.skipTlsVerify ? null : pem(cluster.caData, cluster.caFile),
        cert: credential?.certificate ? text(decoded, credential.certificate) : pem(user.certData, user.certFile),
        key: credential?.key ? text(decoded, credential.key) : pem(user.keyData, user.keyFile),
        skipVerify: cluster.skipTlsVerify,
        serverName: cluster.tlsServerName,
      };
      if (tls === null || tls.ca !== next.ca || tls.cert !== next.cert || tls.key !== next.key) tls = next;
      const authorization = await authorizationHeader(config, credential, read);
      return { tls, generation: started, headers: { ...(authorization === null ? {} : { authorization }), ...impersonationHeaders(config) } };
    },
    forget(refused) {
      if (refused !== generation) return;
      generation += 1;
      exec = null;
      files.clear();
    },
    certificateEndsAt() {
      if (tls === null || tls.cert === null) return null;
      try {
        return Date.parse(new X509Certificate(tls.cert).validTo);
      } catch {
        return null;
      }
    },
  };
}

async function authorizationHeader(config: UsableKubeconfig, credential: ExecCredential | null, read: (path: string) => Buffer): Promise<string | null> {
  const { user } = config;
  if (credential !== null && credential.token !== null) return bearer(credential.token);
  // client-go: the last content of the token file wins over the token beside it.
  if (user.tokenFile !== null) return bearer(read(user.tokenFile).toString('utf8'));
  if (user.token !== null) return bearer(user.token);
  if (user.username !== null) return `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
  if (user.authProvider !== null) return await authProviderHeader(config);
  return null;
}

/** The auth-provider of old kubeconfigs (oidc with its refresh tokens), which the client library knows. */
async function authProviderHeader(config: UsableKubeconfig): Promise<string | null> {
  const options: { headers?: Record<string, unknown> } = { headers: {} };
  try {
    await config.kubeConfig.applyToHTTPSOptions(options);
  } catch (error) {
    const why = clean(error instanceof Error ? error.message : String(error), 300);
    throw new KubeError('unauthorized', `no credentials: the auth-provider of user "${config.user.name}" failed: ${why}`, { cause: error });
  }
  const { Authorization: authorization } = options.headers ?? {};
  return typeof authorization === 'string' ? authorization : null;
}

function impersonationHeaders({ user }: UsableKubeconfig): RequestHeaders {
  if (user.impersonate === null) return {};
  const { user: as, uid, groups, extra } = user.impersonate;
  const headers: Record<string, string | string[]> = { 'impersonate-user': as };
  if (uid !== null) headers['impersonate-uid'] = uid;
  if (groups.length > 0) headers['impersonate-group'] = [...groups];
  for (const [key, values] of extra) headers[`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`] = [...values];
  return headers;
}

function bearer(token: string): string {
  return `Bearer ${token.trim()}`;
}

function text(known: Map<string, Buffer>, content: string): Buffer {
  const buffer = known.get(content) ?? Buffer.from(content);
  known.set(content, buffer);
  return buffer;
}
