import { globSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { clean } from '../text/clean.js';
import { type ConfigLine, configLine } from './ssh-config-line.js';

/** OpenSSH's client configuration as far as it is followed here (ssh_config(5)). */
export interface SshConfig {
  readonly homeDir: string;
  /** In the order in which they count: the first one that applies to a host wins. */
  readonly settings: readonly SshConfigSetting[];
  /** What is in the files but not followed, each once, with file and line. */
  readonly notes: readonly string[];
}

export interface SshConfigSetting {
  /** Lower case. */
  readonly keyword: string;
  readonly args: readonly string[];
  /** Pattern lists of the Host lines around it; all must match. */
  readonly hosts: readonly (readonly string[])[];
  /** `FILE line N`, for notes and errors. */
  readonly where: string;
}

/** Reads ~/.ssh/config and the system's file, with all that they include. Files that are not there are no trouble; what cannot be used becomes a note. */
export function loadSshConfig(homeDir: string, systemFile = '/etc/ssh/ssh_config'): SshConfig {
  const found: Found = { homeDir, settings: [], notes: new Map(), files: 0 };
  readInto(found, join(homeDir, '.ssh', 'config'), { base: join(homeDir, '.ssh'), hosts: [], depth: 0, required: false });
  readInto(found, systemFile, { base: '/etc/ssh', hosts: [], depth: 0, required: false });
  return { homeDir, settings: found.settings, notes: [...found.notes.values()] };
}

interface Found {
  readonly homeDir: string;
  readonly settings: SshConfigSetting[];
  /** By what they are about, so that each is said once. */
  readonly notes: Map<string, string>;
  /** How many were read so far. */
  files: number;
}

interface Place {
  /** The folder that relative includes start from. */
  readonly base: string;
  readonly hosts: readonly (readonly string[])[];
  readonly depth: number;
  readonly required: boolean;
}

// As many as OpenSSH allows.
const deepestInclude = 16;
// Files that each include a whole folder, themselves too, would be read until the end of days within that depth.
const mostFiles = 256;

function readInto(found: Found, file: string, place: Place): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing || place.required) note(found, file, `${file} cannot be read: ${clean(error instanceof Error ? error.message : String(error), 200)}`);
    return;
  }
  let hosts: readonly (readonly string[])[] | 'never' = place.hosts;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const where = `${file} line ${index + 1}`;
    const line = configLine(raw);
    if (line === null) continue;
    if (line === 'broken') {
      note(found, where, `${where}: a quote is not closed; the line is left out`);
      continue;
    }
    const { keyword, args } = line;
    if (keyword === 'host') hosts = [...place.hosts, args];
    else if (keyword === 'match') {
      hosts = 'never';
      note(found, 'match', `${where}: Match blocks are not applied`);
    } else if (hosts === 'never') continue;
    else if (keyword === 'include') include(found, line, where, { ...place, hosts });
    else keep(found, { keyword, args, hosts, where });
  }
}

function include(found: Found, { args }: ConfigLine, where: string, place: Place): void {
  if (place.depth >= deepestInclude) {
    note(found, 'include-depth', `${where}: files include each other more than ${deepestInclude} deep; this one is left out`);
    return;
  }
  for (const arg of args) {
    const pattern = arg.startsWith('~/') ? join(found.homeDir, arg.slice(2)) : isAbsolute(arg) ? arg : join(place.base, arg);
    const files = /[*?[]/.test(pattern) ? globSync(pattern).sort() : [pattern];
    for (const file of files) {
      if (found.files >= mostFiles) {
        note(found, 'include-count', `${where}: more than ${mostFiles} files are included, some more often than once perhaps; the rest is left out`);
        return;
      }
      found.files += 1;
      readInto(found, file, { ...place, depth: place.depth + 1, required: !/[*?[]/.test(pattern) });
    }
  }
}

const numbers: ReadonlySet<string> = new Set(['port', 'connecttimeout', 'serveraliveinterval', 'serveralivecountmax']);

function keep(found: Found, setting: SshConfigSetting): void {
  const { keyword, args, where } = setting;
  const [value] = args;
  if (value === undefined) {
    note(found, where, `${where}: ${keyword} has no value; the line is left out`);
  } else if (numbers.has(keyword) && !usableNumber(keyword, value)) {
    note(found, where, `${where}: ${keyword} cannot be "${clean(value, 50)}"; the line is left out`);
  } else if (keyword === 'proxycommand' && value.toLowerCase() !== 'none') {
    note(found, keyword, `${where}: ProxyCommand is not followed; ProxyJump is`);
  } else {
    if (keyword === 'stricthostkeychecking' && ['no', 'off', 'accept-new'].includes(value)) {
      note(found, keyword, `${where}: StrictHostKeyChecking ${value} is not followed: unknown host keys are asked about, changed ones refused`);
    }
    found.settings.push(setting);
  }
}

function usableNumber(keyword: string, value: string): boolean {
  if (keyword === 'connecttimeout' && value === 'none') return true;
  if (!/^\d+$/.test(value)) return false;
  return keyword !== 'port' || (Number(value) >= 1 && Number(value) <= 65_535);
}

function note(found: Found, about: string, text: string): void {
  if (!found.notes.has(about)) found.notes.set(about, clean(text));
}
