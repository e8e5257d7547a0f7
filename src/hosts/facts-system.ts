import type { Fact, HostFacts } from '../state/hosts.js';
import { clean } from '../text/clean.js';
import { known, notUnderstood, unknown, wholeNumber } from './fact.js';

type Value<Name extends keyof HostFacts> = HostFacts[Name] extends Fact<infer T> ? Fact<T> : never;
type Lines = readonly string[];

/** The host's clock, ms since the epoch. */
export function clock(lines: Lines): Fact<number> {
  const match = /^(\d{9,11})(?:\.(\d{1,9}))?/.exec(lines[0] ?? '');
  return match === null ? notUnderstood(lines) : known(Math.round(Number(`${match[1]}.${match[2] ?? '5'}`) * 1000));
}

export function bootId(lines: Lines): Fact<string> {
  const id = lines.find((line) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(line.trim()));
  return id === undefined ? notUnderstood(lines) : known(id.trim());
}

export function bootedAt(lines: Lines): Fact<number> {
  const seconds = wholeNumber(after(lines, 'btime '));
  return seconds === null ? notUnderstood(lines) : known(seconds * 1000);
}

/** `hostname`, `kernel`, or `os`: the name that os-release gives, with its version. */
export function systemField(field: 'hostname' | 'kernel' | 'os') {
  return (lines: Lines): Fact<string> => {
    if (field !== 'os') {
      const value = after(lines, `${field} `);
      return value === undefined || value === '' ? unknown('uname does not say') : known(clean(value, 256));
    }
    const release = new Map(
      lines.map((line) => /^([A-Z_]+)=(.*)$/.exec(line)).flatMap((match) => (match === null ? [] : [[match[1], unquoted(match[2] ?? '')]])),
    );
    const name =
      release.get('PRETTY_NAME') || [release.get('NAME') ?? release.get('ID'), release.get('VERSION') ?? release.get('VERSION_ID')].filter(Boolean).join(' ');
    return name === '' ? unknown('there is no os-release') : known(clean(name, 256));
  };
}

export function load(lines: Lines): Value<'load'> {
  const averages = /^(\d+(?:\.\d+)?) (\d+(?:\.\d+)?) (\d+(?:\.\d+)?) /.exec(lines[0] ?? '');
  const cpus = wholeNumber(after(lines, 'cpus '));
  if (averages === null || cpus === null || cpus === 0) return notUnderstood(lines);
  return known({ one: Number(averages[1]), five: Number(averages[2]), fifteen: Number(averages[3]), cpus });
}

export function memory(lines: Lines): Value<'memory'> {
  const kilobytes = (name: string) => wholeNumber(/^\s*(\d+) kB/.exec(after(lines, `${name}:`) ?? '')?.[1]);
  const total = kilobytes('MemTotal');
  // Kernels before 3.14 do not say what is available; free and caches come near.
  const parts = [kilobytes('MemFree'), kilobytes('Buffers'), kilobytes('Cached')];
  const available = kilobytes('MemAvailable') ?? (parts.includes(null) ? null : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0));
  return total === null || available === null ? notUnderstood(lines) : known({ totalBytes: total * 1024, availableBytes: available * 1024 });
}

export function pressure(lines: Lines): Value<'pressure'> {
  const average = (prefix: string) => {
    const text = /\bavg10=(\d+(?:\.\d+)?)/.exec(after(lines, `${prefix} `) ?? '')?.[1];
    return text === undefined ? null : Number(text);
  };
  const cpuSome = average('cpu some');
  const [memorySome, memoryFull, ioSome, ioFull] = [average('memory some'), average('memory full'), average('io some'), average('io full')];
  if (cpuSome === null || memorySome === null || memoryFull === null || ioSome === null || ioFull === null) return notUnderstood(lines);
  return known({ cpuSome, memorySome, memoryFull, ioSome, ioFull });
}

/** /proc/swaps: a heading, then device, type and kB. */
export function swap(lines: Lines): Value<'swap'> {
  if (!/^Filename\s/.test(lines[0] ?? '')) return notUnderstood(lines);
  const devices: { device: string; bytes: number }[] = [];
  for (const line of lines.slice(1)) {
    const match = /^(\S+)\s+\S+\s+(\d{1,15})\s/.exec(line);
    if (match === null) return notUnderstood([line]);
    devices.push({ device: clean(match[1] ?? '', 256), bytes: Number(match[2]) * 1024 });
  }
  return known(devices);
}

export function modules(lines: Lines): Value<'modules'> {
  return known([...new Set(lines.map((line) => line.trim()).filter((line) => /^[\w-]{1,64}$/.test(line)))]);
}

export function sysctls(lines: Lines): Value<'sysctls'> {
  return known(
    Object.fromEntries(
      lines.flatMap((line) => {
        const match = /^([\w.-]{1,128}) = (.*)$/.exec(line);
        return match === null ? [] : [[match[1] ?? '', clean(match[2] ?? '', 200)]];
      }),
    ),
  );
}

export function cgroup(lines: Lines): Value<'cgroup'> {
  const [word] = lines;
  return word === 'v2' || word === 'v1' || word === 'hybrid' ? known(word) : notUnderstood(lines);
}

/** The rest of the first line that starts so. */
function after(lines: Lines, start: string): string | undefined {
  return lines
    .find((line) => line.startsWith(start))
    ?.slice(start.length)
    .trim();
}

/** os-release has shell quoting: at most quotes around and a backslash before what is special. */
function unquoted(text: string): string {
  const inner = /^(["'])(.*)\1$/.exec(text.trim())?.[2] ?? text.trim();
  return inner.replace(/\\(["'`$\\])/g, '$1');
}
