import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { poisoned, poisonedLog, poisonedMetrics } from './poisoned-json.js';

export interface PoisonedApi {
  readonly url: string;
  close(): void;
}

/** Stands before an API server and changes all that it answers, lists, watches, logs and what comes through its proxies. */
export async function poisonedApi(server: string, certificateAuthority: string): Promise<PoisonedApi> {
  const agent = new Agent({ ca: certificateAuthority, keepAlive: true });
  const { hostname, port } = new URL(server);
  const front = createServer((asked, response) => {
    const onward = request({
      agent,
      hostname,
      port,
      method: asked.method,
      path: asked.url,
      headers: { ...asked.headers, host: `${hostname}:${port}`, 'accept-encoding': 'identity' },
    });
    onward.on('response', (answer) => pass(asked.url ?? '', answer, response));
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  front.on('upgrade', (asked, socket, head) => {
    const onward = connect({ ca: certificateAuthority, host: hostname, port: Number(port) }, () => {
      onward.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${pairs(asked.rawHeaders)}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const each of [socket, onward]) each.on('error', () => each.destroy());
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = front.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    close() {
      front.closeAllConnections();
      front.close();
      agent.destroy();
    },
  };
}

function pass(path: string, answer: IncomingMessage, response: ServerResponse): void {
  const { 'content-length': _length, ...headers } = answer.headers;
  response.writeHead(answer.statusCode ?? 500, headers);
  const type = String(answer.headers['content-type'] ?? '');
  answer.on('error', () => response.destroy());
  if (/[?&]watch=(?:true|1)/.test(path)) {
    let begun = '';
    answer.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = `${begun}${chunk}`.split('\n');
      begun = lines.pop() ?? '';
      for (const line of lines) response.write(`${line === '' ? '' : JSON.stringify(poisoned(JSON.parse(line), path))}\n`);
    });
    answer.on('end', () => response.end());
    return;
  }
  let body = '';
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
  });
  answer.on('end', () => response.end(changed(path, type, body)));
}

function changed(path: string, type: string, body: string): string {
  if (/\/log\?|\/log$/.test(path)) return poisonedLog(body);
  if (/\/metrics/.test(path)) return poisonedMetrics(body);
  return type.includes('json') && body !== '' ? JSON.stringify(poisoned(JSON.parse(body), path)) : body;
}

function pairs(raw: readonly string[]): string {
  return raw.flatMap((name, place) => (place % 2 === 0 ? [`${name}: ${raw[place + 1] ?? ''}`] : [])).join('\r\n');
}
