import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { isRole, isVariableName, type SetupHostSettings, setupRoles } from '../config/setup-settings.js';
import { isAddress, isHostName } from '../text/host-name.js';

/** What `--host` was given: a host of the inventory, typed in full, or only the name of one. */
export type HostWord = { readonly name: string; readonly host: SetupHostSettings } | { readonly name: string; readonly host: null };

/** `NAME`, `NAME=ADDRESS` or `NAME=ADDRESS:ROLE,ROLE`, added to those before it. */
export function hostWords(text: string, before: readonly HostWord[] | undefined): readonly HostWord[] {
  const word = hostWord(text);
  if (before?.some(({ name }) => name === word.name)) throw new InvalidArgumentError(`the host ${word.name} is given twice.`);
  return [...(before ?? []), word];
}

/** `NAME=VALUE`, added to those before it. */
export function valueWords(text: string, before: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at));
  if (!isVariableName(name)) throw new InvalidArgumentError('give NAME=VALUE, for example POD_CIDR=10.244.0.0/16.');
  return { ...before, [name]: text.slice(at + 1) };
}

function hostWord(text: string): HostWord {
  const at = text.indexOf('=');
  const name = at === -1 ? text : text.slice(0, at);
  if (!isHostName(name)) throw new InvalidArgumentError(`"${name}" cannot be the name of a host: lower-case letters, digits, hyphens and dots.`);
  if (at === -1) return { name, host: null };
  if (name === 'cluster') throw new InvalidArgumentError('cluster stands for the cluster itself: give the host another name.');
  const { address, roles } = placeOf(text.slice(at + 1));
  if (!isAddress(address)) throw new InvalidArgumentError(`"${address}" is no address: give NAME=ADDRESS:ROLE,ROLE.`);
  const wrong = roles.find((role) => !isRole(role));
  if (wrong !== undefined) throw new InvalidArgumentError(`there is no role "${wrong}": there are ${setupRoles.join(', ')}.`);
  return { name, host: { name, address, roles: [...new Set(roles.filter(isRole))] } };
}

/** The colons of an IPv6 address are no roles; in brackets it can have roles too. */
function placeOf(text: string): { readonly address: string; readonly roles: readonly string[] } {
  const [, bracketed, after] = /^\[([^\]]+)\](?::(.*))?$/.exec(text) ?? [];
  if (bracketed !== undefined) return { address: bracketed, roles: rolesOf(after ?? '') };
  if (isIP(text) === 6) return { address: text, roles: [] };
  const at = text.lastIndexOf(':');
  return at === -1 ? { address: text, roles: [] } : { address: text.slice(0, at), roles: rolesOf(text.slice(at + 1)) };
}

function rolesOf(text: string): readonly string[] {
  return text.split(',').flatMap((role) => role.trim() || []);
}
