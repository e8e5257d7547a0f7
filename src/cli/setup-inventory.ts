import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { parseSetupHosts, parseSetupValues, type SetupHostSettings } from '../config/setup-settings.js';

/** Hosts, and what is set for them, as a file has them. */
export interface Inventory {
  readonly cluster: string | null;
  readonly hosts: readonly SetupHostSettings[];
  readonly values: Readonly<Record<string, string>>;
}

/** Reads `--inventory FILE`. Throws a sentence with the file, and for YAML that is none the line and column. */
export function readInventory(file: string): Inventory {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    throw new Error(code === 'ENOENT' ? `there is no file ${file}` : `cannot read ${file}: ${String(code)}`);
  }
  return parseInventory(file, text);
}

/** Reads `cluster`, `hosts` (a list of name, address and roles) and `values`. */
export function parseInventory(file: string, text: string): Inventory {
  const lines = new LineCounter();
  // All scalars stay as they were typed: 1.30 is no number here.
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const wrong = document.errors[0];
  if (wrong !== undefined) {
    const { line, col } = lines.linePos(wrong.pos[0]);
    throw new Error(`${file} line ${line}, column ${col}: ${wrong.message}`);
  }
  const root: unknown = document.toJS();
  if (!isRecord(root)) throw new Error(`${file} is no inventory: give cluster, hosts (name, address, roles) and values`);
  const other = Object.keys(root).find((key) => !keys.includes(key));
  if (other !== undefined) throw new Error(`${file} has an unknown key "${other}" (known: ${keys.join(', ')})`);
  const { cluster = null, hosts = [], values = {} } = root;
  if (cluster !== null && (typeof cluster !== 'string' || cluster === '')) throw new Error(`${file} has a cluster that is no name`);
  const parsed = parseSetupHosts(hosts);
  if (typeof parsed === 'string') throw new Error(`${file} ${parsed}`);
  const set = parseSetupValues(values);
  if (typeof set === 'string') throw new Error(`${file} ${set}`);
  return { cluster, hosts: parsed, values: set };
}

const keys = ['cluster', 'hosts', 'values'];

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
