import { isFields } from '../fields.js';

/**
 * A short hash of a pod template for names and labels (`pod-template-hash`, `controller-revision-hash`): FNV-1a over the template with
 * sorted keys, written in the alphabet of Kubernetes' SafeEncodeString. The same template always gives the same hash.
 */
export function templateHash(template: unknown): string {
  if (!isFields(template)) return '';
  let hash = hashes.get(template);
  if (hash === undefined) {
    hash = encode(fnv(stable(template)));
    hashes.set(template, hash);
  }
  return hash;
}

const hashes = new WeakMap<object, string>();

function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  return hash >>> 0;
}

function encode(hash: number): string {
  let encoded = '';
  for (const digit of String(hash)) encoded += alphabet[digit.charCodeAt(0) % alphabet.length] ?? '';
  return encoded;
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`;
  if (!isFields(value)) return JSON.stringify(value) ?? 'null';
  const fields = Object.keys(value).sort();
  return `{${fields
    .filter((name) => value[name] !== undefined && value[name] !== null)
    .map((name) => `${JSON.stringify(name)}:${stable(value[name])}`)
    .join(',')}}`;
}
