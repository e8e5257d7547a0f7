import { createHash, randomBytes } from 'node:crypto';
import { type ClientRequest, type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';

/** A WebSocket connection of ours to a server (RFC 6455), binary messages only. */
export interface WebSocketConnection {
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  send(message: Uint8Array): void;
  /** Says goodbye and ends the connection. */
  close(): void;
}

export interface WebSocketOptions {
  readonly url: URL;
  readonly agent: HttpAgent;
  readonly headers: Readonly<Record<string, string>>;
  /** Offered in this order. */
  readonly protocols: readonly string[];
  readonly signal: AbortSignal;
  readonly onMessage: (message: Buffer) => void;
  /** Once, when the connection has ended: with the reason where it did not end in order. */
  readonly onEnd: (reason: string | null) => void;
}

/** The server said no to the WebSocket: what it answered instead. */
export class UpgradeRefused extends Error {
  readonly response: IncomingMessage;

  constructor(response: IncomingMessage) {
    super(`the server answered ${response.statusCode} to the request for a WebSocket`);
    this.name = 'UpgradeRefused';
    this.response = response;
  }
}

/** Rejects with UpgradeRefused, or with the error of the connection. */
export function openWebSocket({ url, agent, headers, protocols, signal, onMessage, onEnd }: WebSocketOptions): Promise<WebSocketConnection> {
  const key = randomBytes(16).toString('base64');
  const request: ClientRequest = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    agent,
    signal,
    headers: {
      ...headers,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': key,
      'sec-websocket-protocol': protocols.join(', '),
    },
  });
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => reject(new UpgradeRefused(response)));
    request.once('upgrade', (response, socket, head) => {
      const accepted = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      if (response.headers['sec-websocket-accept'] !== accepted) {
        socket.destroy();
        return reject(new Error('what answers is no WebSocket server'));
      }
      return resolve(overSocket(socket, head, response.headers['sec-websocket-protocol'] ?? '', onMessage, onEnd));
    });
    request.end();
  });
}

const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

// More than any message of an API server; a length beyond it is no WebSocket frame.
const mostBytes = 64 * 1024 * 1024;

function overSocket(
  socket: Duplex,
  head: Buffer,
  protocol: string,
  onMessage: (message: Buffer) => void,
  onEnd: (reason: string | null) => void,
): WebSocketConnection {
  let pending: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  let ended = false;
  const end = (reason: string | null) => {
    if (ended) return;
    ended = true;
    socket.destroy();
    onEnd(reason);
  };
  const write = (opcode: number, payload: Uint8Array) => {
    if (!ended && socket.writable) socket.write(clientFrame(opcode, payload));
  };
  const take = (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const frame = frameAt(pending);
      if (frame === 'incomplete') return;
      if (frame === 'broken') return end('the server sent something that is no WebSocket frame');
      pending = pending.subarray(frame.size);
      if (frame.opcode === opcodes.close) {
        write(opcodes.close, frame.payload.subarray(0, 2));
        const code = frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005;
        return end(code === 1000 || code === 1005 ? null : `the server closed it with ${code} ${frame.payload.toString('utf8', 2)}`.trim());
      }
      if (frame.opcode === opcodes.ping) write(opcodes.pong, frame.payload);
      else if (frame.opcode !== opcodes.pong) {
        parts.push(frame.payload);
        if (frame.last) {
          const message = Buffer.concat(parts);
          parts = [];
          onMessage(message);
        }
      }
    }
  };
  socket.on('data', take);
  socket.on('error', (error) => end(error.message));
  socket.on('close', () => end('the connection was cut'));
  if (head.length > 0) take(head);
  return {
    protocol,
    send: (message) => write(opcodes.binary, message),
    close() {
      write(opcodes.close, Buffer.from([0x03, 0xe8]));
      end(null);
    },
  };
}

interface Frame {
  readonly last: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
  /** Bytes that it takes on the wire. */
  readonly size: number;
}

/** RFC 6455, 5.2. Servers do not mask. */
function frameAt(bytes: Buffer): Frame | 'incomplete' | 'broken' {
  if (bytes.length < 2) return 'incomplete';
  const [first = 0, second = 0] = bytes;
  if ((first & 0x70) !== 0 || (second & 0x80) !== 0) return 'broken';
  const short = second & 0x7f;
  const headerSize = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < headerSize) return 'incomplete';
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (length > mostBytes) return 'broken';
  const size = headerSize + length;
  if (bytes.length < size) return 'incomplete';
  return { last: (first & 0x80) !== 0, opcode: first & 0x0f, payload: bytes.subarray(headerSize, size), size };
}

/** Clients mask what they send (RFC 6455, 5.3). */
function clientFrame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (const [index, byte] of masked.entries()) masked[index] = byte ^ (mask[index % 4] ?? 0);
  return Buffer.concat([header, mask, masked]);
}
