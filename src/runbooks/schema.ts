import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Risk } from '../state/operations.js';
import type { Role, VariableType } from '../state/setup.js';
import { clean } from '../text/clean.js';
import { meant } from './meant.js';
import type { Target, TemplateFile } from './playbook.js';
import type { YamlPath, YamlSource } from './yaml-source.js';

/** A playbook as a person writes it. */
export interface PlaybookFile {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly conflicts?: readonly string[];
  readonly variables?: VariablesFile['variables'];
  readonly steps: readonly StepFile[];
}

export interface StepFile {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly on: readonly Target[];
  readonly when?: Readonly<Record<string, readonly string[]>>;
  readonly needs?: readonly string[];
  readonly serial?: boolean;
  readonly risk: Risk;
  readonly reboots?: boolean;
  readonly gives?: readonly string[];
  readonly files?: readonly TemplateFile[];
  readonly check: string;
  readonly apply?: string;
  readonly verify?: string;
  readonly undo?: string;
  readonly patience?: string;
  readonly timeout?: string;
  readonly replaces?: string;
  readonly mends?: readonly string[];
}

/** `assets/runbooks/variables.yaml`. */
export interface VariablesFile {
  readonly variables: Readonly<Record<string, VariableFile>>;
}

export interface VariableFile {
  readonly title: string;
  readonly help: string;
  readonly type: VariableType;
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly pattern?: string;
  readonly secret?: boolean;
  readonly detect?: string;
}

export interface ProfileFile {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly playbooks: readonly string[];
  readonly without?: readonly string[];
  readonly hosts?: readonly { readonly role: Role; readonly atLeast?: number; readonly atMost?: number }[];
  readonly values?: Readonly<Record<string, string>>;
}

/** What the published schemas say of the three kinds of files. */
export interface Validators {
  readonly playbook: ValidateFunction<PlaybookFile>;
  readonly variables: ValidateFunction<VariablesFile>;
  readonly profile: ValidateFunction<ProfileFile>;
}

/** Reads the schemas from the folder of the playbooks. */
export function readValidators(folder: string): Validators {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: false });
  ajv.addSchema(JSON.parse(readFileSync(join(folder, 'playbook.schema.json'), 'utf8')), 'playbook');
  const variables = { type: 'object', required: ['variables'], additionalProperties: false, properties: { variables: { $ref: 'playbook#/$defs/variables' } } };
  return {
    playbook: ajv.compile<PlaybookFile>({ $ref: 'playbook' }),
    variables: ajv.compile<VariablesFile>(variables),
    profile: ajv.compile<ProfileFile>(JSON.parse(readFileSync(join(folder, 'profile.schema.json'), 'utf8'))),
  };
}

/** What a file holds, or what is wrong with it as `FILE:LINE:COLUMN: sentence`. */
export function validated<T>(
  source: YamlSource,
  validate: ValidateFunction<T>,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly string[] } {
  if (source.errors.length > 0) return { ok: false, problems: source.errors };
  const value = source.value();
  if (validate(value)) return { ok: true, value };
  const errors = validate.errors ?? [];
  const problems = errors.filter((error) => !isMistyped(error, errors)).flatMap((error) => told(error, source, value));
  return { ok: false, problems: [...new Set(problems)] };
}

function told(error: ErrorObject, source: YamlSource, root: unknown): readonly string[] {
  const path = pathOf(error.instancePath, root);
  const name = path.findLast((part) => typeof part === 'string');
  const params: Readonly<Record<string, unknown>> = error.params;
  const description: unknown = error.parentSchema?.['description'];
  switch (error.keyword) {
    // Each is told by what is wrong inside it.
    case '$ref':
    case 'propertyNames':
      return [];
    case 'if':
      return [];
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const known = keysOf(error);
      return [source.problem([...path, key], `there is no "${clean(key, 60)}" here${meant(key, known) || `, only ${known.join(', ')}`}`, 'key')];
    }
    case 'required':
      return [source.problem(path, `"${String(params['missingProperty'])}" is missing${name === undefined ? '' : ` in ${inWords(path)}`}`)];
    case 'enum': {
      const allowed: readonly string[] = Array.isArray(params['allowedValues']) ? params['allowedValues'].map(String) : [];
      const given = typeof error.data === 'string' ? error.data : JSON.stringify(error.data);
      return [source.problem(path, `"${clean(given, 60)}" is none of ${allowed.join(', ')}${meant(given, allowed)}`)];
    }
    case 'type':
      return [
        source.problem(
          path,
          `${inWords(path)} should be ${kinds.get(String(params['type'])) ?? String(params['type'])}${quoteHint(params['type'], error.data)}`,
        ),
      ];
    case 'pattern': {
      const subject = error.propertyName === undefined ? error.data : error.propertyName;
      const sentence = `"${clean(String(subject), 60)}" should be ${typeof description === 'string' ? description : `like ${String(params['pattern'])}`}`;
      return [error.propertyName === undefined ? source.problem(path, sentence) : source.problem([...path, error.propertyName], sentence, 'key')];
    }
    case 'minItems':
    case 'minLength':
      return [source.problem(path, `${inWords(path)} is empty`)];
    case 'maxLength':
      return [source.problem(path, `${inWords(path)} is longer than ${String(params['limit'])} characters`)];
    case 'maxItems':
      return [source.problem(path, `${inWords(path)} has cluster and something else: a step is done on hosts or in the cluster`)];
    case 'uniqueItems':
      return [source.problem(path, `${inWords(path)} has the same twice`)];
    case 'minimum':
      return [source.problem(path, `${inWords(path)} should be ${String(params['limit'])} or more`)];
    default:
      return [source.problem(path, `${inWords(path)} ${error.message ?? 'is wrong'}`)];
  }
}

/** A key that is missing because it was mistyped is told as that alone. */
function isMistyped({ keyword, instancePath, params }: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (keyword !== 'required') return false;
  const strange = errors.filter((other) => other.keyword === 'additionalProperties' && other.instancePath === instancePath);
  return strange.some((other) => meant(String(other.params['additionalProperty']), keysOf(other)) === meant(String(params['missingProperty']), keysOf(other)));
}

function keysOf(error: ErrorObject): readonly string[] {
  return Object.keys(record(error.parentSchema?.['properties']));
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['array', 'a list'],
  ['object', 'an object of names and values'],
  ['boolean', 'true or false'],
  ['integer', 'a whole number'],
]);

/** A number would lose its last zero (1.30), so all values are text. */
function quoteHint(wanted: unknown, data: unknown): string {
  return wanted === 'string' && (typeof data === 'number' || typeof data === 'boolean') ? `: put it in quotes ('${String(data)}')` : '';
}

/** The parts of a JSON pointer; a number where it is a place in a list. */
function pathOf(pointer: string, root: unknown): YamlPath {
  const path: (string | number)[] = [];
  let value = root;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const key = Array.isArray(value) ? Number(name) : name;
    path.push(key);
    value = Array.isArray(value) ? value[Number(name)] : record(value)[name];
  }
  return path;
}

/** `"needs"`, `entry 2 of "needs"`, `the file`. */
function inWords(path: YamlPath): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  return typeof last === 'number' ? `entry ${last + 1} of ${inWords(path.slice(0, -1))}` : `"${clean(last, 60)}"`;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
