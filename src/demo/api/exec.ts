import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError, badRequest } from './api-error.js';
import type { ApiContext } from './context.js';
import type { ExecResult } from './hooks.js';
import { at, listAt, textAt } from './json.js';
import type { KubeObject } from './object-store.js';
import { containerOf } from './pod-subresources.js';
import { isTrue, type ResourceRequest } from './request-info.js';
import { acceptWebSocket, type ServerWebSocket } from './web-socket.js';
import { existing } from './writes.js';

/**
 * GET pods/NAME/exec with an upgrade to a WebSocket, as kubectl does it since 1.31: the first byte of each message names its channel. The command gets its whole
 * input at once, as what answers it is no running process. Throws ApiError before the upgrade.
 */
export function answerExec(context: ApiContext, request: IncomingMessage, socket: Duplex, head: Buffer, info: ResourceRequest, query: URLSearchParams): void {
  const type = context.catalog.find('', 'v1', 'pods');
  if (type === null || context.hooks.podExec === undefined) throw nothingThere();
  const pod = existing(context.store, type, info.name ?? '', info.namespace);
  const container = containerOf(pod, query.get('container') ?? '');
  const command = query.getAll('command');
  if (command.length === 0) throw badRequest('you must specify at least 1 command for the container');
  checkRunning(pod, container);
  // Older clients begin with SPDY, and newer ones fall back to it after any refusal.
  if (!/^websocket$/i.test(request.headers.upgrade ?? '')) throw nothingThere();
  const { podExec } = context.hooks;
  const input: Buffer[] = [];
  let started = false;
  const begin = (): void => {
    if (started) return;
    started = true;
    const stdin = Buffer.concat(input).toString();
    Promise.resolve(podExec(pod, { container, command, stdin })).then(
      (result) => finish(connection, result, { tty: isTrue(query.get('tty')), stderr: isTrue(query.get('stderr')) }),
      () => connection?.close(),
    );
  };
  const connection = acceptWebSocket(request, socket, head, ['v5.channel.k8s.io', 'v4.channel.k8s.io'], {
    onMessage(message) {
      if (message[0] === channels.stdin) input.push(message.subarray(1));
      else if (message[0] === channels.close && message[1] === channels.stdin) begin();
    },
    onEnd: () => {},
  });
  if (connection === null) throw badRequest('unable to upgrade: the subprotocols known are v5.channel.k8s.io and v4.channel.k8s.io');
  const waits = isTrue(query.get('stdin')) && connection.protocol === 'v5.channel.k8s.io' && context.hooks.readsInput?.(command) === true;
  if (!waits) setImmediate(begin);
}

/** For what would need a real container: forwarded ports, attaching, SPDY. */
export function nothingThere(): ApiError {
  return new ApiError(501, 'NotImplemented', 'the containers of this cluster are simulated: there is nothing to connect to');
}

// k8s.io/apimachinery remotecommand; 255 closes the channel that the second byte names.
const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;

function finish(connection: ServerWebSocket | null, result: ExecResult, { tty, stderr }: { tty: boolean; stderr: boolean }): void {
  const send = (channel: number, text: string) => {
    if (text !== '') connection?.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
  };
  if ('failure' in result) send(channels.status, JSON.stringify(notStarted(result.failure)));
  else {
    const line = (text: string) => (tty ? text.replace(/\r?\n/g, '\r\n') : text);
    send(channels.stdout, line(tty ? result.stdout + result.stderr : result.stdout));
    if (!tty && stderr) send(channels.stderr, result.stderr);
    send(channels.status, JSON.stringify(ended(result.exitCode)));
  }
  connection?.close();
}

function ended(exitCode: number): object {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function notStarted(message: string): object {
  return { metadata: {}, status: 'Failure', message, reason: 'InternalError', details: { causes: [{ message }] }, code: 500 };
}

/** The kubelet's words for a container that is not there to run anything in. */
function checkRunning(pod: KubeObject, container: string): void {
  const status = listAt(pod, 'status', 'containerStatuses').find((each) => textAt(each, 'name') === container);
  if (at(status, 'state', 'running') !== undefined) return;
  throw new ApiError(500, 'InternalError', `unable to upgrade connection: container not found ("${container}")`);
}
