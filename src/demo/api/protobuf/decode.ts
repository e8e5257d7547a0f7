import { badRequest } from '../api-error.js';
import type { JsonObject } from '../json.js';
import { type Field, type FieldType, messages } from './messages.js';

const magic = Buffer.from('k8s\0');

/**
 * A body of type `application/vnd.kubernetes.protobuf` as the JSON that it stands for: kubectl's typed clients send what they
 * create that way. Null for kinds whose messages are not known here. Throws ApiError 400 for what is no such body.
 *
 * After four magic bytes comes a runtime.Unknown: type { apiVersion = 1, kind = 2 } = 1, the object's own message = 2.
 */
export function decodeKubernetesProtobuf(body: Buffer): JsonObject | null {
  if (!body.subarray(0, 4).equals(magic)) throw badRequest("provided data does not appear to be a protobuf message, expected prefix 'k8s'");
  const envelope = fieldsOf(body.subarray(4));
  const type = fieldsOf(bytesOf(envelope, 1));
  const apiVersion = bytesOf(type, 1).toString();
  const kind = bytesOf(type, 2).toString();
  const message = messages[kind];
  if (message === undefined) return null;
  return { ...(apiVersion === '' ? {} : { apiVersion }), ...(kind === '' ? {} : { kind }), ...decodeMessage(bytesOf(envelope, 2), message) };
}

/** A number for varints, bytes for all that has a length. */
type RawValue = bigint | Buffer;

interface RawField {
  readonly number: number;
  readonly value: RawValue;
}

function fieldsOf(bytes: Buffer): RawField[] {
  const fields: RawField[] = [];
  let position = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[position];
      if (byte === undefined || shift > 63n) throw badRequest('error decoding: unexpected EOF');
      position += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (position + length > bytes.length) throw badRequest('error decoding: unexpected EOF');
    position += length;
    return bytes.subarray(position - length, position);
  };
  while (position < bytes.length) {
    const key = Number(varint());
    const number = key >> 3;
    switch (key & 7) {
      case 0:
        fields.push({ number, value: varint() });
        break;
      case 1:
        fields.push({ number, value: take(8) });
        break;
      case 2:
        fields.push({ number, value: take(Number(varint())) });
        break;
      case 5:
        fields.push({ number, value: take(4) });
        break;
      default:
        throw badRequest('error decoding: proto: illegal wireType');
    }
  }
  return fields;
}

function bytesOf(fields: readonly RawField[], number: number): Buffer {
  const value = fields.findLast((field) => field.number === number)?.value;
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

function decodeMessage(bytes: Buffer, message: readonly Field[]): JsonObject {
  const decoded: Record<string, unknown> = {};
  for (const { number, value } of fieldsOf(bytes)) {
    const field = message.find((each) => each.number === number);
    // A field unknown here is one newer than this table.
    if (field === undefined) continue;
    if (field.shape === 'map') {
      const old = decoded[field.name];
      const entry = fieldsOf(Buffer.isBuffer(value) ? value : Buffer.alloc(0));
      const item = decodeValue(bytesOf(entry, 2), field.type);
      decoded[field.name] = { ...(typeof old === 'object' ? old : {}), [bytesOf(entry, 1).toString()]: item };
    } else if (field.shape === 'list') {
      const old = decoded[field.name];
      decoded[field.name] = [...(Array.isArray(old) ? old : []), decodeValue(value, field.type)];
    } else {
      const item = decodeValue(value, field.type);
      if (field.name === '') Object.assign(decoded, item);
      else if (field.shape === 'pointer' || !isEmpty(item)) decoded[field.name] = item;
    }
  }
  return decoded;
}

/** Fields that are no pointers are always written: empty they mean nothing, as Go's `omitempty` has it. */
function isEmpty(value: unknown): boolean {
  return value === '' || value === 0 || value === false || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function decodeValue(value: RawValue, type: FieldType): unknown {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.alloc(0);
  switch (type) {
    case 'string':
      return bytes.toString();
    case 'bytes':
      return bytes.toString('base64');
    case 'bool':
      return value === 1n;
    case 'int':
      return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : 0;
    case 'quantity':
      return bytesOf(fieldsOf(bytes), 1).toString();
    case 'intOrString': {
      const fields = fieldsOf(bytes);
      const number = fields.find((field) => field.number === 2)?.value;
      const isText = fields.some((field) => field.number === 1 && field.value === 1n);
      return isText ? bytesOf(fields, 3).toString() : typeof number === 'bigint' ? Number(BigInt.asIntN(32, number)) : 0;
    }
    case 'time': {
      const seconds = fieldsOf(bytes).find((field) => field.number === 1)?.value;
      return typeof seconds === 'bigint' ? `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z` : null;
    }
    default:
      return decodeMessage(bytes, type());
  }
}
