import type { HostFacts } from '../state/hosts.js';
import type { Fix } from '../state/report.js';
import { bytes } from '../text/amount.js';
import { defineHostCheck } from './host-check.js';
import { type Machine, onHost, told } from './host-machine.js';
import { listed } from './wording.js';

/** A kubelet refuses to start while swap is on, unless it was told to live with it. */
export const swapZero = defineHostCheck({
  id: 'swap-zero',
  title: 'swap is off',
  severity: 'critical',
  about: 'nodes',
  good: 'no swap',
  look(machine) {
    const active = told(machine.facts.swap);
    const coming = comingBack(machine.facts);
    if (active.length === 0 && coming.length === 0) return { status: 'pass' };
    if (active.length === 0) {
      return {
        status: 'warn',
        severity: 'warning',
        message: `${machine.name} has no swap now, but the next boot brings it back: ${listed(coming)}`,
        fix: swapOff(machine),
      };
    }
    const devices = active.map(({ device, bytes: size }) => `${device} (${bytes(size)})`);
    return {
      status: 'fail',
      message: `${machine.name} has swap on: ${listed(devices)}; its kubelet does not start with it`,
      fix: swapOff(machine),
      evidence: coming.length === 0 ? [] : [{ source: `boot of ${machine.name}`, text: coming.join(', ') }],
      explains: [machine.object, `swap/${machine.name}`],
    };
  },
});

/** In words, what turns swap on at boot; nothing where that is not known. */
function comingBack({ swapSetup }: HostFacts): readonly string[] {
  if (!swapSetup.known) return [];
  const { fstab, units } = swapSetup.value;
  const masked = new Set(units.filter(({ enabled }) => enabled === 'masked').map(({ name }) => name));
  const entries = fstab.filter(({ device, options }) => !options.split(',').includes('noauto') && !masked.has(unitOf(device)));
  const named = new Set(fstab.map(({ device }) => unitOf(device)));
  // Units without an entry: partitions that systemd finds by their type, and what somebody enabled.
  const others = units.filter(({ name, enabled }) => /^(?:enabled|generated)/.test(enabled) && !named.has(name));
  return [...entries.map(({ device }) => `${device} in /etc/fstab`), ...others.map(({ name, enabled }) => `${name} (${enabled})`)];
}

/** The unit that systemd makes of an entry of fstab, as systemd-escape --path would name it. */
function unitOf(device: string): string {
  const [, kind, value = ''] = /^(UUID|LABEL|PARTUUID|PARTLABEL)="?([^"]*)"?$/.exec(device) ?? [];
  const path = kind === undefined ? device : `/dev/disk/by-${kind.toLowerCase()}/${value}`;
  const escaped = path
    .replace(/^\/+/, '')
    .split('/')
    .map((part) => part.replace(/[^\w:.]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`));
  return `${escaped.join('-')}.swap`;
}

function swapOff(machine: Machine): Fix {
  return {
    summary: `Turn swap off on ${machine.name}, and keep it off after the next boot`,
    command: onHost(machine, String.raw`sudo swapoff -a && sudo sed -ri '/^[^#]+\sswap\s/s/^/#/' /etc/fstab`),
    operation: { id: 'swap-off', input: { host: machine.name } },
  };
}
