import type { HostFacts } from '../state/hosts.js';
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

/**
 * `MODE OWNER PATH` per file (`600 ops /home/ops/.kube/config`), the mode in octal digits; `home OWNER PATH` per home that has one; `closed PATH` per home
 * that may not be entered.
 */
export function kubeconfigs(lines: Lines): HostFacts['kubeconfigs'] {
  const homes = new Map(
    lines.flatMap((line) => {
      const match = /^home (\S+) (\/.*)$/.exec(line);
      return match === null ? [] : [[match[2] ?? '', clean(match[1] ?? '', 64)]];
    }),
  );
  const files = lines.flatMap((line) => {
    const match = /^([0-7]{3,5}) (\S+) (\/.*)$/.exec(line);
    if (match === null) return [];
    const [, mode = '', owner = '', path = ''] = match;
    return [{ mode, owner: clean(owner, 64), path: clean(path, 512), homeOf: homeOf(path, homes) }];
  });
  return files.length === 0 && lines.some((line) => line.startsWith('closed ')) ? unknown('needs root') : known(files);
}

/** The owner of the home as the machine says; where it does not, homes are taken to be named after their users. */
function homeOf(path: string, homes: ReadonlyMap<string, string>): string | null {
  if (/^\/(?:etc\/kubernetes|root)\//.test(path)) return 'root';
  const user = homes.get(path.replace(/\/\.kube\/config$/, '')) ?? /^\/home\/([^/]+)\/\.kube\/config$/.exec(path)?.[1];
  return user === undefined ? null : clean(user, 64);
}
