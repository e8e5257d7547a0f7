import type { Fact, HostFacts } from '../state/hosts.js';
import { clean } from '../text/clean.js';
import { known, unknown } from './fact.js';

type Lines = readonly string[];

/** Ends of the certificates that could be read; none at all for want of rights is a reason. */
export function certificates(lines: Lines): HostFacts['certificates'] {
  const ends = lines.flatMap((line) => {
    // OpenSSL prints `Jan  5 09:34:43 2027 GMT`.
    const match = /^notAfter=(\w{3}\s+\d{1,2} \d\d:\d\d:\d\d \d{4}) GMT (\/.*)$/.exec(line);
    const endsAt = match === null ? Number.NaN : Date.parse(`${(match[1] ?? '').replace(/\s+/g, ' ')} GMT`);
    return match === null || Number.isNaN(endsAt) ? [] : [{ path: clean(match[2] ?? '', 512), endsAt }];
  });
  const closed = lines.flatMap((line) => (line.startsWith('root ') ? [line.slice(5)] : []));
  if (ends.length === 0 && closed.length > 0) return unknown('needs root');
  const bad = lines.find((line) => line.startsWith('unreadable '));
  if (ends.length === 0 && bad !== undefined) return unknown(`not a certificate: ${clean(bad.slice(11), 300)}`);
  return known(ends);
}

/** `MODE OWNER PATH`, the mode in octal digits. */
export function kubeconfigs(lines: Lines): HostFacts['kubeconfigs'] {
  return known(
    lines.flatMap((line) => {
      const match = /^([0-7]{3,5}) (\S+) (\/.*)$/.exec(line);
      return match === null ? [] : [{ mode: match[1] ?? '', owner: clean(match[2] ?? '', 64), path: clean(match[3] ?? '', 512) }];
    }),
  );
}

/** Package names that are held back: dpkg's, dnf's version locks (`kubelet-0:1.36.2-150500.1.1.*`), and names that yum leaves out. */
export function packageHolds(lines: Lines): Fact<readonly string[]> {
  const names = lines.flatMap((line) => {
    const excluded = /^(?:exclude|excludepkgs)\s*=\s*(.*)$/.exec(line.trim())?.[1];
    if (excluded !== undefined) return excluded.split(/[\s,]+/);
    return [line.trim().replace(/^!?(.+?)-(?:\d+:)?v?\d[\w.~^]*-.*$/, '$1')];
  });
  return known([...new Set(names.filter((name) => name !== '').map((name) => clean(name, 256)))]);
}
