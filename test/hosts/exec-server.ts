import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** The exec of an API server, as far as a client can tell: WebSocket with the channels of v5.channel.k8s.io. */
export interface ExecServer {
  readonly url: string;
  close(): void;
}

/** One exec as the server sees it. */
export interface Exec {
  readonly url: URL;
  readonly request: IncomingMessage;
  /** Sends a message on a channel, in two fragments where asked. */
  send(channel: number, text: string, options?: { readonly inTwo?: boolean }): void;
  ping(): void;
  /** Cuts the connection. */
  cut(): void;
  /** Resolves with all input when the client has ended it. */
  readonly input: Promise<string>;
  readonly ponged: Promise<string>;
}

export async function startExecServer(serve: (exec: Exec) => void, refuse?: { readonly status: number; readonly body: unknown }): Promise<ExecServer> {
  const server = createServer((_request, response) => response.writeHead(500).end());
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => undefined);
    if (refuse !== undefined) {
      const body = JSON.stringify(refuse.body);
      return socket.end(`HTTP/1.1 ${refuse.status} No\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    }
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    const protocol = String(request.headers['sec-websocket-protocol']).split(', ')[0];
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: ${protocol}\r\n\r\n`,
    );
    return serve(execOver(socket, request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, close: () => server.close() };
}

function execOver(socket: Duplex, request: IncomingMessage): Exec {
  const input = Promise.withResolvers<string>();
  const ponged = Promise.withResolvers<string>();
  let given = '';
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (let frame = maskedFrame(pending); frame !== null; frame = maskedFrame(pending)) {
      pending = pending.subarray(frame.size);
      if (frame.opcode === 0xa) ponged.resolve(frame.payload.toString());
      if (frame.opcode !== 0x2) continue;
      if (frame.payload[0] === 255) input.resolve(given);
      else given += frame.payload.toString('utf8', 1);
    }
  });
  const send = (opcode: number, payload: Buffer) => socket.write(Buffer.concat([header(opcode, payload.length), payload]));
  return {
    url: new URL(request.url ?? '/', 'http://server'),
    request,
    input: input.promise,
    ponged: ponged.promise,
    send(channel, text, { inTwo = false } = {}) {
      const message = Buffer.concat([Buffer.from([channel]), Buffer.from(text)]);
      if (!inTwo) return void send(0x82, message);
      send(0x02, message.subarray(0, 3));
      send(0x80, message.subarray(3));
    },
    ping: () => void send(0x89, Buffer.from('still there?')),
    cut: () => void socket.destroy(),
  };
}

function header(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([opcode, length]);
  const bytes = Buffer.alloc(length < 65_536 ? 4 : 10);
  bytes[0] = opcode;
  bytes[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) bytes.writeUInt16BE(length, 2);
  else bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

function maskedFrame(bytes: Buffer): { readonly opcode: number; readonly payload: Buffer; readonly size: number } | null {
  if (bytes.length < 2) return null;
  const short = (bytes[1] ?? 0) & 0x7f;
  const at = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < at + 4) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < at + 4 + length) return null;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + length));
  for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index % 4] ?? 0);
  return { opcode: (bytes[0] ?? 0) & 0x0f, payload, size: at + 4 + length };
}
