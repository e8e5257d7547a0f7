import type { HostFacts } from '../state/hosts.js';
import { clean } from '../text/clean.js';
import { known } from './fact.js';
import { unitBlocks } from './facts-services.js';

type Lines = readonly string[];

/**
 * `fstab DEVICE OPTIONS` per swap entry that is not commented out (`fstab /swap.img sw`); then `Id=`, `ActiveState=`, `UnitFileState=`, `SourcePath=`
 * lines of systemctl show per swap unit; `masked NAME.swap` per unit masked under /etc.
 */
export function swapSetup(lines: Lines): HostFacts['swapSetup'] {
  const fstab = lines.flatMap((line) => {
    const match = /^fstab (\S+) (\S+)$/.exec(line);
    return match === null ? [] : [{ device: clean(match[1] ?? '', 256), options: clean(match[2] ?? '', 256) }];
  });
  const masked = lines.flatMap((line) => /^masked (\S+)$/.exec(line)?.[1] ?? []);
  const shown = [...unitBlocks(lines.filter((line) => !/^(?:fstab|masked) /.test(line)))].filter(([name]) => !masked.includes(name));
  const units = [
    ...shown
      .filter(([, properties]) => !isLeftOver(properties))
      .map(([name, properties]) => ({ name, enabled: properties.get('UnitFileState') || 'unknown', active: properties.get('ActiveState') || 'unknown' })),
    ...masked.map((name) => ({ name, enabled: 'masked', active: 'inactive' })),
  ];
  return known({
    fstab,
    units: units.map(({ name, enabled, active }) => ({ name: clean(name, 256), enabled: clean(enabled, 40), active: clean(active, 40) })),
  });
}

/** Made of an entry of fstab and not in use: whether the entry is still there counts, not the unit that systemd made of it when it read fstab last. */
function isLeftOver(properties: ReadonlyMap<string, string>): boolean {
  return properties.get('UnitFileState') === 'generated' && properties.get('SourcePath') === '/etc/fstab' && properties.get('ActiveState') === 'inactive';
}

/** `== FILE`, then a module's name per line, with its parameters if any. */
export function modulesAtBoot(lines: Lines): HostFacts['modulesAtBoot'] {
  const names = lines.flatMap((line) => (line.startsWith('== ') ? [] : (/^([\w-]{1,64})(?:\s|$)/.exec(line.trim())?.[1] ?? [])));
  return known([...new Set(names.map((name) => name.replaceAll('-', '_')))]);
}

/** `yes|no TYPE SOURCE MOUNT OPTIONS` per entry of fstab that is mounted at boot; blanks in paths are `\040`, as fstab has them. */
export function mounts(lines: Lines): HostFacts['mounts'] {
  return known(
    lines.flatMap((line) => {
      const match = /^(yes|no) (\S+) (\S+) (\/\S*) (\S+)$/.exec(line);
      if (match === null) return [];
      const [, mounted, type = '', source = '', mount = '', options = ''] = match;
      return [{ mount: path(mount), source: path(source), type: clean(type, 40), options: clean(options, 512), mounted: mounted === 'yes' }];
    }),
  );
}

function path(text: string): string {
  return clean(
    text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    1024,
  );
}
