import { wrap } from '../text/width.js';
import type { Prepared } from './outline.js';
import type { StepSpec } from './playbook.js';
import { renderFiles } from './render.js';
import { indented } from './setup-script-indent.js';
import { assignment, assignments, quoted, secretsOf, secretsToLook } from './setup-script-values.js';

type Values = Readonly<Record<string, string>>;

/** One step as functions of bash, with what there is to know about it above them. */
export function stepFunctions(
  prepared: Prepared,
  step: StepSpec,
  templates: (name: string) => string,
  ownValues: ReadonlyMap<string, Values>,
): readonly string[] {
  const places = prepared.columns(step.id);
  const name = step.id.replaceAll('-', '_');
  const secrets = secretsOf(prepared, step);
  const looks = secretsToLook(prepared, step, templates);
  return [
    `# ── ${step.id}: ${step.title} ${'─'.repeat(Math.max(3, 98 - step.id.length - step.title.length))}`,
    ...comment(step.why),
    ...comment(`On ${places.join(', ')}. Risk: ${step.risk}.${step.needs.length === 0 ? '' : ` After ${step.needs.join(', ')}.`}`),
    ...(step.replaces === null ? [] : comment(`Instead of what older guides do: ${step.replaces}`)),
    ...(step.undo === null ? [] : [`# To take it back: --undo ${step.id}`]),
    ...assignment(`setup_title[${step.id}]`, step.title),
    `setup_risk[${step.id}]=${quoted(step.risk)}`,
    ...(step.patienceMs === 0 ? [] : [`setup_patience[${step.id}]=${Math.ceil(step.patienceMs / 1000)}`]),
    ...(step.reboots ? [`setup_reboots[${step.id}]=yes`] : []),
    ...(secrets.length === 0 ? [] : [`setup_secrets[${step.id}]=${quoted(secrets.join(' '))}`]),
    ...(looks.length === 0 ? [] : [`setup_looks[${step.id}]=${quoted(looks.join(' '))}`]),
    ...valueFunction(name, step.id, places, ownValues),
    ...fileFunction(name, filesOf(prepared, step, places, templates), secrets),
    ...phaseFunction(`${name}_check`, step.check),
    ...phaseFunction(`${name}_apply`, step.apply),
    ...phaseFunction(`${name}_verify`, step.verify),
    ...phaseFunction(`${name}_undo`, step.undo),
    '',
  ];
}

function comment(text: string): readonly string[] {
  return wrap(text, 118).map((line) => `# ${line}`);
}

function phaseFunction(name: string, source: string | null): readonly string[] {
  if (source === null) return [];
  // A function has to have a command.
  const body = source.trim() === '' ? ':' : source.trimEnd();
  const own = ownNames(body);
  return [`${name}() (`, ...wrap(own.join(' '), 110).map((names) => `  local ${names}`), ...indented(body), ')'];
}

/** Variables in lower case that it sets: each phase has its own. What only looks like one does no harm. */
function ownNames(body: string): readonly string[] {
  const set = [
    ...body.matchAll(/(?:^|[;&|({]|\b(?:then|else|do))\s*((?:[a-z_][a-z0-9_]*(?:\[[^\]]*\])?\+?=\S*\s+)*[a-z_][a-z0-9_]*)(?:\[[^\]]*\])?\+?=/gm),
  ].flatMap(([, names = '']) => names.split(/\s+/).map((each) => each.replace(/[[+=].*$/, '')));
  const looped = [...body.matchAll(/\bfor ([a-z_][a-z0-9_]*) in\b/g)].map(([, name = '']) => name);
  const read = [...body.matchAll(/\b(?:read|mapfile|readarray)((?: -[a-z]+(?: '[^']*')?)*)((?: [a-z_][a-z0-9_]*)+)/g)].flatMap(([, , names = '']) =>
    names.trim().split(' '),
  );
  return [...new Set([...set, ...looped, ...read])].filter((name) => /^[a-z_][a-z0-9_]*$/.test(name) && name !== '_');
}

/** Values that only this step has otherwise. */
function valueFunction(name: string, step: string, places: readonly string[], ownValues: ReadonlyMap<string, Values>): readonly string[] {
  const own = places.flatMap((place) => {
    const values = ownValues.get(`${step} ${place}`);
    return values === undefined ? [] : [{ place, lines: assignments(values) }];
  });
  return own.length === 0 ? [] : [`${name}_values() {`, ...byPlace(own), '}'];
}

interface PlacedFile {
  readonly name: string;
  readonly place: string;
  readonly text: string;
}

/** With a mark in the place of each secret. */
function filesOf(prepared: Prepared, step: StepSpec, places: readonly string[], templates: (name: string) => string): readonly PlacedFile[] {
  const { hosts } = prepared.outline.choice;
  const marks = Object.fromEntries([...prepared.secretNames].map((name) => [name, secretMark(name)]));
  return places.flatMap((place) =>
    renderFiles(step, { ...prepared.values(step.id, place), ...marks }, hosts, templates).map(({ name, text }) => ({ name, place, text })),
  );
}

/** In YAML its colon has it put in quotes, so that what comes in its place stays one value. */
function secretMark(name: string): string {
  return `@@secret: ${name}@@`;
}

function fileFunction(name: string, files: readonly PlacedFile[], secrets: readonly string[]): readonly string[] {
  if (files.length === 0) return [];
  const names = [...new Set(files.map((file) => file.name))];
  const bodies = names.flatMap((file) => {
    const same = files.filter((each) => each.name === file);
    const written = byPlace(same.map(({ place, text }) => ({ place, lines: fileLines(file, text) })));
    const filled = secrets.filter((secret) => same.some(({ text }) => text.includes(secretMark(secret))));
    return [...written, ...filled.map((secret) => `  setup_fill "$FILES/${file}" ${secret}`)];
  });
  return [`${name}_files() {`, ...bodies, '}'];
}

function fileLines(name: string, text: string): readonly string[] {
  const path = `"$FILES/${name}"`;
  // A here-document ends with a line break whether or not the file does.
  if (!text.endsWith('\n')) return [`  printf '%s' ${quoted(text)} >${path}`];
  const lines = markedQuotes(text).slice(0, -1).split('\n');
  let end = 'END';
  while (lines.includes(end)) end = `${end}_`;
  return [`  cat >${path} <<'${end}'`, ...lines, end];
}

/** Where a secret stands between quotes, the mark says between which: there it has to be escaped. */
function markedQuotes(text: string): string {
  return text.replace(/^.*@@secret: .*$/gm, (line) =>
    line.replace(/@@secret: (\w+)@@/g, (mark, name: string, at: number) => {
      const before = line.slice(0, at);
      if ((before.match(/(?<!\\)"/g) ?? []).length % 2 === 1) return `@@secret in quotes: ${name}@@`;
      return mark;
    }),
  );
}

/** Alternatives for the places, those that are the same together. */
function byPlace(alternatives: readonly { readonly place: string; readonly lines: readonly string[] }[]): readonly string[] {
  const groups = new Map<string, { readonly places: string[]; readonly lines: readonly string[] }>();
  for (const { place, lines } of alternatives) {
    const key = lines.join('\n');
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { places: [place], lines });
    else known.places.push(place);
  }
  const [only] = groups.values();
  if (groups.size === 1 && only !== undefined) return only.lines;
  return [
    '  case $setup_place in',
    ...[...groups.values()].flatMap(({ places, lines }) => [`  ${places.map(quoted).join(' | ')})`, ...lines, '  ;;']),
    '  esac',
  ];
}
