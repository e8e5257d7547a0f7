import type { KubeClient } from '../kube/client.js';
import { KubeError } from '../kube/kube-error.js';
import { clean } from '../text/clean.js';
import { captureOutput } from './captured-output.js';
import type { Host, HostCommand, HostResult } from './host.js';
import { HostError } from './host-error.js';
import { isMissing } from './missing-program.js';
import { execStatus } from './pod-exec-status.js';
import { openWebSocket, UpgradeRefused, type WebSocketConnection } from './web-socket.js';

export interface PodContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** A container, by way of the API server's exec. Commands run as the container's user; `sudo` means nothing there. */
export function podHost(client: KubeClient, ref: PodContainer): Host {
  const closing = new AbortController();
  const name = `pod ${ref.namespace}/${ref.pod}`;
  return {
    name,
    road: `exec into ${ref.namespace}/${ref.pod} (${ref.container})`,
    run: (command) => {
      const signal = command.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, command.signal]);
      return runInPod(client, ref, name, { ...command, signal });
    },
    close: () => closing.abort(),
  };
}

// k8s.io/apimachinery remotecommand: stdin, stdout, stderr, the final Status; v5 adds 255, which closes a channel.
const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const usualTimeoutMs = 30_000;
const usualMaxBytes = 16 * 1024 * 1024;

async function runInPod(client: KubeClient, ref: PodContainer, host: string, command: HostCommand): Promise<HostResult> {
  const { argv, env = {}, stdin, signal, onOutput, timeoutMs = usualTimeoutMs, maxBytes = usualMaxBytes } = command;
  const program = clean(argv[0] ?? '', 100);
  if (argv.length === 0) throw new RangeError('there is no command to run');
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = assignments.length === 0 ? argv : ['env', ...assignments, ...argv];
  const started = performance.now();
  const stdout = captureOutput(maxBytes, (text) => onOutput?.(text, 'stdout'));
  const stderr = captureOutput(maxBytes, (text) => onOutput?.(text, 'stderr'));
  const limit = AbortSignal.timeout(timeoutMs);
  const ending = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  const stopped = () =>
    limit.aborted && signal?.aborted !== true
      ? new HostError('timeout', `"${program}" in ${host} did not end within ${timeoutMs < 1000 ? `${timeoutMs} ms` : `${Math.round(timeoutMs / 1000)} s`}`)
      : new HostError('aborted', `"${program}" in ${host} was given up`);
  const { baseUrl, agent, headers } = await client.road().catch((error: unknown) => {
    throw roadTrouble(error, host);
  });
  if (ending.aborted) throw stopped();
  return new Promise((resolve, reject) => {
    let socket: WebSocketConnection | null = null;
    let status: unknown = null;
    let over = false;
    const finish = (end: () => void) => {
      if (over) return;
      over = true;
      ending.removeEventListener('abort', stop);
      end();
      // The API server ends the command's streams with it; there is no way to send a signal into a container.
      socket?.close();
    };
    const stop = () => finish(() => reject(stopped()));
    ending.addEventListener('abort', stop, { once: true });
    const onEnd = (reason: string | null) =>
      finish(() => {
        if (status === null)
          return reject(new HostError('dropped', `the connection to ${host} was lost while "${program}" ran: ${clean(reason ?? 'no status came', 200)}`));
        const outcome = execStatus(status);
        if (outcome.status === 'failed')
          return reject(outcome.missing ? missing(program, host) : new HostError('unreachable', `${host} runs no "${program}": ${outcome.why}`));
        const result = { exitCode: outcome.exitCode, signal: null, stdout: stdout.text(), stderr: stderr.text(), tookMs: performance.now() - started };
        return isMissing(argv[0] ?? '', result) ? reject(missing(program, host)) : resolve(result);
      });
    const onMessage = (message: Buffer) => {
      if (over) return;
      const content = message.subarray(1);
      if (message[0] === channels.stdout) stdout.write(content);
      else if (message[0] === channels.stderr) stderr.write(content);
      else if (message[0] === channels.status) {
        status = parsed(content);
        // The last thing that comes; servers close the connection at their leisure.
        onEnd(null);
      }
    };
    openWebSocket({ url: execUrl(baseUrl, ref, words, stdin !== undefined), agent, headers, protocols, signal: ending, onMessage, onEnd }).then(
      (opened) => {
        socket = opened;
        if (over) return opened.close();
        if (stdin !== undefined) sendInput(opened, stdin);
      },
      (error: unknown) => {
        if (!(error instanceof UpgradeRefused)) return finish(() => reject(ending.aborted ? stopped() : roadTrouble(error, host)));
        return refusal(error, ref).then((why) => finish(() => reject(why)));
      },
    );
  });
}

function execUrl(baseUrl: string, { namespace, pod, container }: PodContainer, argv: readonly string[], withInput: boolean): URL {
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec`;
  for (const word of argv) url.searchParams.append('command', word);
  url.searchParams.set('container', container);
  url.searchParams.set('stdout', 'true');
  url.searchParams.set('stderr', 'true');
  if (withInput) url.searchParams.set('stdin', 'true');
  return url;
}

// API servers read WebSocket messages into small buffers.
const pieceBytes = 32 * 1024;

function sendInput(socket: WebSocketConnection, stdin: string): void {
  const content = Buffer.from(stdin);
  for (let at = 0; at < content.length; at += pieceBytes) socket.send(Buffer.concat([Buffer.from([channels.stdin]), content.subarray(at, at + pieceBytes)]));
  // Servers that know only v4 have no way to be told that the input ends; a command that reads to the end runs into its time limit there.
  if (socket.protocol === 'v5.channel.k8s.io') socket.send(Buffer.from([channels.close, channels.stdin]));
}

function missing(program: string, host: string): HostError {
  return new HostError('not-found', `there is no ${program} in ${host}`);
}

function roadTrouble(error: unknown, host: string): HostError {
  if (error instanceof HostError) return error;
  if (error instanceof KubeError) return new HostError('unreachable', error.message, { cause: error, ...(error.fix === null ? {} : { fix: error.fix }) });
  return new HostError('unreachable', `the API server cannot be reached for ${host}: ${clean(error instanceof Error ? error.message : String(error), 300)}`, {
    cause: error,
  });
}

/** What the API server answers instead of switching protocols is a Status, mostly. */
async function refusal({ response }: UpgradeRefused, { namespace, pod, container }: PodContainer): Promise<HostError> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of response) if (Buffer.isBuffer(piece) && pieces.length < 64) pieces.push(piece);
  } catch {
    // The status code says enough.
  }
  const body = parsed(Buffer.concat(pieces));
  const message = typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string' ? clean(body.message, 300) : '';
  const what = `exec into ${namespace}/${pod} (${container})`;
  switch (response.statusCode) {
    case 401:
    case 403:
      return new HostError('auth', `this user may not ${what}${message === '' ? '' : `: ${message}`}`, { fix: `grant create on pods/exec in ${namespace}` });
    case 404:
      return new HostError('unreachable', `there is no pod ${namespace}/${pod}`);
    default:
      return new HostError('unreachable', `the API server does not ${what}: ${response.statusCode} ${message}`.trim());
  }
}

function parsed(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    return content.toString('utf8');
  }
}
