import type { Severity } from '../state/report.js';
import { requiredTexts } from './required-text.js';
import { type Consequence, consequences, type FixTemplate, type Place, places, type Signature, variables } from './signature.js';

/** The signatures of one file of assets/signatures, which is a list of objects. Throws an Error with one sentence that names the file, the entry and what is wrong with it. */
export function parseSignatures(file: string, content: unknown): readonly Signature[] {
  if (!Array.isArray(content)) throw new Error(`${file}: it should hold a list of signatures`);
  const ids = new Set<string>();
  return content.map((entry: unknown, place) => {
    const fields = new Fields(entry, `${file}: entry ${place + 1}`);
    const signature = signatureOf(fields);
    if (ids.has(signature.id)) throw fields.named(signature.id).error('"id" is there twice');
    ids.add(signature.id);
    return signature;
  });
}

function signatureOf(fields: Fields): Signature {
  const id = fields.text('id');
  if (!/^[a-z][a-z0-9-]*$/.test(id)) throw fields.error('"id" should be words in lower case with hyphens between them');
  const named = fields.named(id);
  const pattern = patternOf(named);
  const where = named.words('where', places);
  if ((pattern === null) !== (where.length === 0)) throw named.error('"where" should name a place where there is a pattern, and none where there is none');
  return {
    id,
    pattern,
    needs: pattern === null ? null : (requiredTexts(pattern.source)?.map((text) => (pattern.ignoreCase ? text.toLowerCase() : text)) ?? null),
    where: new Set<Place>(where),
    title: named.text('title'),
    cause: named.text('cause'),
    fix: fixOf(named),
    step: named.textOrNull('step'),
    severity: named.word('severity', severities),
    source: named.text('source'),
    explains: named.has('explains') ? named.words<Consequence>('explains', consequences) : [],
  };
}

const severities: readonly Severity[] = ['critical', 'warning', 'info'];

function patternOf(fields: Fields): RegExp | null {
  const source = fields.textOrNull('pattern');
  if (source === null) return null;
  const flags = fields.textOrNull('flags') ?? '';
  if (flags !== '' && flags !== 'i') throw fields.error('"flags" can only be "i"');
  const danger = slowPart(source);
  if (danger !== null) throw fields.error(`"pattern" has ${danger}: some lines would take for ever`);
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw fields.error(`"pattern" is not a regular expression: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Forms whose time can grow faster than the line does; null where there is none. All that repeats has an end, and no group repeats. */
function slowPart(source: string): string | null {
  const bare = source.replace(/\\./g, '_').replace(/\[[^\]]*\]/g, '_');
  if (/[*+]|\{\d+,\}/.test(bare)) return 'a repetition without an end (write {0,200})';
  return /\)\{/.test(bare) ? 'a repeated group' : null;
}

function fixOf(fields: Fields): FixTemplate {
  const fix = fields.object('fix');
  const operation = fix.has('operation') ? fix.object('operation') : null;
  const command = fix.textOrNull('command');
  if (command !== null) checkVariables(command, fix);
  if (operation === null) return { summary: fix.text('summary'), command, operation: null };
  const input = operation.texts('input');
  for (const value of Object.values(input)) checkVariables(value, operation);
  return { summary: fix.text('summary'), command, operation: { id: operation.text('id'), input } };
}

function checkVariables(template: string, fields: Fields): void {
  for (const [, name = ''] of template.matchAll(/\{([a-z]+)\}/g)) {
    if (!variables.some((variable) => variable === name)) throw fields.error(`there is no variable {${name}}`);
  }
}

/** An object of foreign JSON whose fields are asked for by name; what is missing or wrong throws a sentence. */
class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #place: string;

  constructor(value: unknown, place: string) {
    if (!isRecord(value)) throw new Error(`${place} should be an object`);
    this.#fields = value;
    this.#place = place;
  }

  named(name: string): Fields {
    return new Fields(this.#fields, `${this.#place} (${name})`);
  }

  error(what: string): Error {
    return new Error(`${this.#place}: ${what}`);
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined && this.#fields[name] !== null;
  }

  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== 'string' || value.trim() === '') throw this.error(`"${name}" should be a text`);
    return value;
  }

  textOrNull(name: string): string | null {
    return this.has(name) ? this.text(name) : null;
  }

  word<Word extends string>(name: string, allowed: readonly Word[]): Word {
    const value = this.text(name);
    const word = allowed.find((candidate) => candidate === value);
    if (word === undefined) throw this.error(`"${name}" should be one of ${allowed.join(', ')}`);
    return word;
  }

  words<Word extends string>(name: string, allowed: readonly Word[]): readonly Word[] {
    const value = this.#fields[name];
    if (!Array.isArray(value)) throw this.error(`"${name}" should be a list`);
    return value.map((item: unknown) => {
      const word = allowed.find((candidate) => candidate === item);
      if (word === undefined) throw this.error(`"${name}" should only have ${allowed.join(', ')}`);
      return word;
    });
  }

  object(name: string): Fields {
    return new Fields(this.#fields[name], `${this.#place}: "${name}"`);
  }

  texts(name: string): Readonly<Record<string, string>> {
    const value = this.#fields[name];
    if (!isRecord(value)) throw this.error(`"${name}" should be an object`);
    return Object.fromEntries(
      Object.entries(value).map(([key, text]) => {
        if (typeof text !== 'string') throw this.error(`"${name}.${key}" should be a text`);
        return [key, text];
      }),
    );
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
