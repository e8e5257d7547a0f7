import type { AptRun, Fact, HostFacts } from '../state/hosts.js';
import { clean } from '../text/clean.js';
import { known } from './fact.js';

type Lines = readonly string[];

/** Package names that are held back: dpkg's, dnf's version locks (`kubelet-0:1.36.2-150500.1.1.*`), and names that yum leaves out. */
export function packageHolds(lines: Lines): Fact<readonly string[]> {
  const names = lines.flatMap((line) => {
    const excluded = /^(?:exclude|excludepkgs)\s*=\s*(.*)$/.exec(line.trim())?.[1];
    if (excluded !== undefined) return excluded.split(/[\s,]+/);
    return [line.trim().replace(/^!?(.+?)-(?:\d+:)?v?\d[\w.~^]*-.*$/, '$1')];
  });
  return known([...new Set(names.filter((name) => name !== '').map((name) => clean(name, 256)))]);
}

/** `STATUS PACKAGE VERSION` as dpkg has it (`installed kubelet 1.36.2-1.1`), or rpm's names in the same form. */
export function nodePackages(lines: Lines): HostFacts['nodePackages'] {
  return known(
    lines.flatMap((line) => {
      const match = /^installed (\S+) (\S+)$/.exec(line);
      return match === null ? [] : [{ name: clean(match[1] ?? '', 128), version: clean(match[2] ?? '', 128) }];
    }),
  );
}

/**
 * `zone +0100`, then of each run of apt `Start-Date: 2026-11-02  06:31:02`, `Commandline: …` and per action
 * `Upgrade: COUNT; PACKAGE:ARCH (OLD, NEW; …` with only the packages that a node depends on.
 */
export function aptHistory(lines: Lines): HostFacts['aptHistory'] {
  const zone = lines.flatMap((line) => /^zone ([+-]\d\d)(\d\d)$/.exec(line)?.slice(1) ?? []).join(':');
  const runs: { at: number | null; command: string; changes: AptRun['changes'][number][] }[] = [];
  for (const line of lines) {
    const [, key, text = ''] = /^(Start-Date|Commandline|Install|Upgrade|Downgrade|Remove|Purge): (.*)$/.exec(line) ?? [];
    if (key === 'Start-Date') runs.push({ at: moment(text, zone), command: '', changes: [] });
    const run = runs.at(-1);
    // The first lines may be the rest of a run that is cut off.
    if (run === undefined || key === undefined || key === 'Start-Date') continue;
    if (key === 'Commandline') run.command = clean(text, 300);
    else run.changes.push(change(key, text));
  }
  return known(runs);
}

function moment(text: string, zone: string): number | null {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)\s+(\d\d:\d\d:\d\d)/.exec(text) ?? [];
  const at = Date.parse(`${day}T${time}${zone === '' ? 'Z' : zone}`);
  return Number.isNaN(at) ? null : at;
}

function change(action: string, text: string): AptRun['changes'][number] {
  const [count = '', ...items] = text.split('; ');
  return { action, count: /^\d{1,6}$/.test(count) ? Number(count) : items.length, packages: items.map((item) => clean(told(item), 200)) };
}

/** `linux-image-6.8.0-95-generic:amd64 (6.8.0-95.97, automatic` becomes `linux-image-6.8.0-95-generic 6.8.0-95.97`, an upgrade `NAME OLD → NEW`. */
function told(item: string): string {
  const [, name, versions = ''] = /^([^\s:]+)(?::\S+)? \(([^)]*)\)?$/.exec(item) ?? [];
  if (name === undefined) return item;
  return `${name} ${versions
    .split(', ')
    .filter((word) => word !== 'automatic')
    .join(' → ')}`;
}
