import { isIP, isIPv4 } from 'node:net';
import type { VariableType } from '../state/setup.js';
import { clean } from '../text/clean.js';
import { isHostName } from '../text/host-name.js';
import { parseQuantity } from '../text/quantity.js';
import { networkText, parseCidr } from './cidr.js';
import { meant } from './meant.js';
import type { VariableSpec } from './playbook.js';

/** What is wrong with a value, as a sentence; null where it can be used. Of a secret, the sentence tells nothing. */
export function valueProblem(spec: VariableSpec, value: string): string | null {
  const shown = spec.secret ? 'This' : `"${clean(value, 60)}"`;
  // Seen before all else: nothing that is not one line of visible text goes anywhere.
  if (hidden.test(value) || !value.isWellFormed()) return `${shown} has a line break or a control character in it: give one line of text.`;
  if (value !== value.trim()) return `${shown} begins or ends with a blank.`;
  if (value.length > 4096) return 'This is longer than 4,096 characters.';
  if (value === '') return spec.type === 'text' && (spec.pattern === null || matches(spec.pattern, '')) ? null : 'It has to be given.';
  const wrong = spec.type === 'choice' ? choiceProblem(spec, value, shown) : rules[spec.type](value, shown);
  if (wrong !== null) return wrong;
  if (spec.pattern !== null && !matches(spec.pattern, value)) return `${shown} is not of the form that is asked for here: ${spec.help}`;
  return null;
}

/** Control characters, and those that lines or the direction of text end at. */
const hidden = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;

function matches(pattern: string, value: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(value);
}

function choiceProblem({ choices }: VariableSpec, value: string, shown: string): string | null {
  if (choices.includes(value)) return null;
  return `${shown} is none of ${choices.join(', ')}${meant(value, choices) || '.'}`;
}

const rules: Readonly<Record<Exclude<VariableType, 'choice'>, (value: string, shown: string) => string | null>> = {
  cidr(value, shown) {
    const cidr = parseCidr(value);
    if (cidr === null) return `${shown} is no network: give an address and the length of its prefix, such as 10.244.0.0/16.`;
    const network = networkText(cidr);
    const same = parseCidr(value.replace(/\/.*/, cidr.family === 4 ? '/32' : '/128'))?.first === cidr.first;
    return same ? null : `${shown} is an address inside a network: the network itself is ${network}.`;
  },
  address: (value, shown) => (isIP(value) !== 0 && !value.includes('%') ? null : `${shown} is no IP address, such as 192.168.1.10.`),
  hostname(value, shown) {
    if (/^[0-9.]+$/.test(value)) return isIPv4(value) ? null : `${shown} is no IP address: it has four numbers from 0 to 255.`;
    if (isHostName(value)) return null;
    if (isHostName(value.toLowerCase())) return `${shown} has capital letters: names of hosts are in lower case (${value.toLowerCase()}).`;
    return `${shown} is no host name: lower-case letters, digits and hyphens, with dots between, such as k8s-api.lab.example.`;
  },
  name(value, shown) {
    if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value)) return null;
    return `${shown} is no name of a Kubernetes object: up to 63 lower-case letters, digits and hyphens, first and last no hyphen.`;
  },
  user: (value, shown) =>
    /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(value)
      ? null
      : `${shown} is no Linux user: up to 32 letters, digits, hyphens, dots and underscores, first a letter.`,
  port: (value, shown) => (/^[1-9]\d{0,4}$/.test(value) && Number(value) <= 65_535 ? null : `${shown} is no port: a number from 1 to 65535.`),
  number: (value, shown) => (/^(?:0|[1-9]\d{0,14})$/.test(value) ? null : `${shown} is no whole number, 0 or more.`),
  flag: (value, shown) => (value === 'yes' || value === 'no' ? null : `${shown} is neither yes nor no.`),
  version: (value, shown) =>
    /^v?\d+(?:\.\d+){0,3}(?:[-+~][0-9A-Za-z][0-9A-Za-z.+~-]*)?$/.test(value) ? null : `${shown} is no version, such as 1.36 or v3.32.2.`,
  path(value, shown) {
    if (!value.startsWith('/')) return `${shown} is no absolute path: it begins with /.`;
    if (value.split('/').includes('..')) return `${shown} goes up with "..": give the folder itself.`;
    return /^[A-Za-z0-9/._@:+=,-]+$/.test(value) ? null : `${shown} has a character that paths here cannot have: letters, digits and / . _ @ : + = , - only.`;
  },
  quantity(value, shown) {
    const parsed = parseQuantity(value);
    return parsed.ok && parsed.value >= 0 ? null : `${shown} is no Kubernetes quantity, such as 50Gi, 500m or 8.`;
  },
  url(value, shown) {
    const url = /^https?:\/\/[!#-&(-;=?-[\]_a-z~]+$/.test(value) && URL.canParse(value) ? new URL(value) : null;
    if (url === null || url.hostname === '')
      return `${shown} is no address of the web: it begins with http:// or https://, such as https://registry.example/path.`;
    return url.username === '' && url.password === '' ? null : 'This address has a user or a password in it: leave them out.';
  },
  image(value, shown) {
    const form =
      /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
    return form.test(value) ? null : `${shown} is no image, such as registry.example/team/model:1.4.`;
  },
  text: () => null,
};
