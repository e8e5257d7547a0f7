import type { SetupHost } from '../state/setup.js';
import type { Filling } from './render.js';
import { filled, type HostGroup, type Placeholder, placeholders } from './templates.js';

/** A text with its placeholders filled in. A line that names hosts of a role is there once for each of them. */
export function renderText(text: string, filling: Filling): string {
  const code = codeOf(filling.template, text);
  const put = (line: string, host: SetupHost | null) => filled(line, (placeholder) => inLine(placeholder, host, filling, code));
  const lines = text.split('\n').flatMap((line) => {
    const group = groupOf(placeholders(line), filling.template);
    return group === null ? [put(line, null)] : hostsOf(group, filling.hosts).map((host) => put(line, host));
  });
  return lines.join('\n');
}

/** The hosts that are named by placeholders; null where none are. Those of two roles at once would be all pairs of them, which nobody means. */
export function groupOf(found: readonly Placeholder[], template: string): HostGroup | null {
  const groups = new Set(found.flatMap((placeholder) => (placeholder.kind === 'host' ? [placeholder.group] : [])));
  const [first = null, second] = groups;
  if (first !== null && second !== undefined)
    throw new Error(
      `manifests/${template} names hosts with the role ${first} and hosts with the role ${second} in one line or entry: only one of them can be repeated there.`,
    );
  return first;
}

export function hostsOf(group: HostGroup, hosts: readonly SetupHost[]): readonly SetupHost[] {
  return group === 'all' ? hosts : hosts.filter(({ roles }) => roles.includes(group));
}

/** The value of a variable. */
export function valueNamed(name: string, { values, template }: Filling): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new Error(`manifests/${template} needs ${name}, which has no value.`);
  return value;
}

function inLine(placeholder: Placeholder, host: SetupHost | null, filling: Filling, code: Code | null): string {
  const name = placeholder.kind === 'variable' ? placeholder.name : `${placeholder.group}.${placeholder.field}`;
  const value = placeholder.kind === 'variable' ? valueNamed(name, filling) : (host?.[placeholder.field] ?? '');
  if (/[\p{Cc}\u2028\u2029]/u.test(value))
    throw new Error(`${name} has a line break or a control character in it, which cannot stand in manifests/${filling.template}.`);
  const strange = code?.refused.exec(value)?.[0];
  if (strange !== undefined) {
    const what = strange.trim() === '' ? 'a blank' : `the character ${strange}`;
    throw new Error(`${name} has ${what} in it, which would be ${code?.name} in manifests/${filling.template}.`);
  }
  return value;
}

interface Code {
  readonly name: string;
  readonly refused: RegExp;
}

/** Programs and files with quotes: a value there must not end the quotes around it, or be a command. */
function codeOf(template: string, text: string): Code | null {
  if (/\.(?:sh|bash)$/.test(template) || /^#!.*sh\b/.test(text)) return { name: 'part of a command', refused: /[^\w./:@%+=,-]/ };
  return /\.(?:py|toml|hcl|js)$|Dockerfile/.test(template) ? { name: 'the end of a quoted text', refused: /["'`\\$]/ } : null;
}
