import { readdirSync, readFileSync } from 'node:fs';
import { assetsPath } from './assets-path.js';
import { parseSignatures } from './diagnosis/parse-signatures.js';
import type { Signature } from './diagnosis/signature.js';

/** All signatures of assets/signatures, in the order of the files' names. Throws an Error with one sentence where a file cannot be read or is wrong. */
export function readSignatures(folder = assetsPath('signatures')): readonly Signature[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().flatMap((file) => {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    return parseSignatures(`signatures/${file}`, parsed(file, text));
  });
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`signatures/${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
