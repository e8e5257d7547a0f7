import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** The server's end of a WebSocket connection (RFC 6455), for binary messages. */
export interface ServerWebSocket {
  /** The subprotocol that was agreed upon. */
  readonly protocol: string;
  send(message: Buffer): void;
  /** Ends the connection in good order. */
  close(): void;
}

export interface WebSocketListener {
  onMessage(message: Buffer): void;
  /** The connection is over, however it ended. */
  onEnd(): void;
}

/** Agrees to the upgrade with the first of `protocols` that the client offers; null, and nothing said, where it offers none of them. */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocols: readonly string[],
  listener: WebSocketListener,
): ServerWebSocket | null {
  const offered = String(request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((each) => each.trim());
  const protocol = protocols.find((each) => offered.includes(each));
  const key = request.headers['sec-websocket-key'];
  if (protocol === undefined || key === undefined) return null;
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const answer = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
  ];
  socket.write(`${answer.join('\r\n')}\r\n\r\n`);
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    listener.onEnd();
  };
  const read = frameReader((opcode, payload, final) => {
    if (opcode === opcodes.close) {
      if (!socket.writableEnded) socket.end(frame(opcodes.close, payload.subarray(0, 2)));
      end();
    } else if (opcode === opcodes.ping) socket.write(frame(opcodes.pong, payload));
    else if (opcode !== opcodes.pong) collect(payload, final);
  });
  let parts: Buffer[] = [];
  function collect(payload: Buffer, final: boolean): void {
    parts.push(payload);
    if (!final) return;
    const message = Buffer.concat(parts);
    parts = [];
    listener.onMessage(message);
  }
  socket.on('data', read);
  socket.on('error', end);
  socket.on('close', end);
  if (head.length > 0) read(head);
  return {
    protocol,
    send(message) {
      if (!over && !socket.writableEnded) socket.write(frame(opcodes.binary, message));
    },
    close() {
      // 1000: normal closure.
      if (!socket.writableEnded) socket.end(frame(opcodes.close, Buffer.from([0x03, 0xe8])));
    },
  };
}

const opcodes = { binary: 2, close: 8, ping: 9, pong: 10 } as const;

function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

/** Takes bytes as they come and gives whole frames, unmasked. */
function frameReader(found: (opcode: number, payload: Buffer, final: boolean) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (let next = cut(rest); next !== null; next = cut(rest)) {
      rest = next.rest;
      found(next.opcode, next.payload, next.final);
    }
  };
}

function cut(bytes: Buffer): { opcode: number; payload: Buffer; final: boolean; rest: Buffer } | null {
  if (bytes.length < 2) return null;
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const masked = (second & 0x80) !== 0;
  const start = 2 + extra + (masked ? 4 : 0);
  if (bytes.length < start) return null;
  const length = extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < start + length) return null;
  const payload = Buffer.from(bytes.subarray(start, start + length));
  if (masked) {
    const mask = bytes.subarray(start - 4, start);
    for (let place = 0; place < payload.length; place++) payload[place] = (payload[place] ?? 0) ^ (mask[place % 4] ?? 0);
  }
  return { opcode: first & 0x0f, payload, final: (first & 0x80) !== 0, rest: bytes.subarray(start + length) };
}
