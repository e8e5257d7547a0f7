import type { Fact, HostFacts, HostService } from '../state/hosts.js';
import { clean } from '../text/clean.js';
import { known, notUnderstood, wholeNumber } from './fact.js';

type Lines = readonly string[];

export function rebootRequired(lines: Lines): Fact<boolean> {
  const [word] = lines;
  return word === 'yes' || word === 'no' ? known(word === 'yes') : notUnderstood(lines);
}

/** timedatectl's property, its older page (`System clock synchronized: yes`, before that `NTP synchronized: yes`), or chronyc's leap status. */
export function timeSynchronized(lines: Lines): Fact<boolean> {
  for (const line of lines) {
    const answer = /^NTPSynchronized=(yes|no)$/.exec(line.trim())?.[1] ?? /(?:clock|NTP) synchronized:\s*(yes|no)/i.exec(line)?.[1];
    if (answer !== undefined) return known(answer === 'yes');
    const leap = /^Leap status\s*:\s*(.+)$/i.exec(line.trim())?.[1];
    if (leap !== undefined) return known(!/not synchroni[sz]ed/i.test(leap));
  }
  return notUnderstood(lines);
}

/** `UNIT LOAD ACTIVE SUB DESCRIPTION`, with a dot or star in front where systemd does not know --plain. */
export function failedUnits(lines: Lines): Fact<readonly string[]> {
  const units = lines.flatMap((line) => /^\W*?([\w@:.\\-]+\.[a-z]+)\s+\S+\s+failed\b/.exec(line)?.[1] ?? []);
  return known(units.map((unit) => clean(unit, 256)));
}

/**
 * Blocks of `Key=value`, one per unit: Id, LoadState, ActiveState, SubState, Result, ExecMainStatus, UnitFileState, ActiveEnterTimestampMonotonic
 * (microseconds since the boot; 0: never), in any order.
 * `enabled` stays systemd's own word (enabled, disabled, static, masked, …).
 */
export function services(lines: Lines): HostFacts['services'] {
  const units = unitBlocks(lines);
  if (units.size === 0) return notUnderstood(lines);
  return known(
    [...units].flatMap(([id, properties]): HostService[] => {
      const loaded = properties.get('LoadState');
      if (loaded === 'not-found') return [];
      const [sub, result, exit] = [properties.get('SubState'), properties.get('Result'), wholeNumber(properties.get('ExecMainStatus'))];
      const entered = wholeNumber(properties.get('ActiveEnterTimestampMonotonic'));
      return [
        {
          name: clean(id.replace(/\.service$/, ''), 256),
          enabled: clean(properties.get('UnitFileState') || (loaded === 'masked' ? 'masked' : 'unknown'), 40),
          active: clean(properties.get('ActiveState') || 'unknown', 40),
          ...(sub ? { sub: clean(sub, 40) } : {}),
          ...(result ? { result: clean(result, 40) } : {}),
          ...(exit === null ? {} : { exitStatus: exit }),
          ...(entered === null || entered === 0 ? {} : { activeSinceBootMs: Math.round(entered / 1000) }),
        },
      ];
    }),
  );
}

/** What `systemctl show` prints, by the units' ids. */
export function unitBlocks(lines: Lines): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const units = new Map<string, Map<string, string>>();
  let block = new Map<string, string>();
  for (const line of lines) {
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    // Properties come in systemd's own order; one that is there already begins the next unit.
    if (block.has(key)) block = new Map();
    block.set(key, value);
    const id = block.get('Id');
    if (id !== undefined) units.set(id, block);
  }
  return units;
}
