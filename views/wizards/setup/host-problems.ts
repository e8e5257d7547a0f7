import type { ProfileSummary, SetupHost } from '../../../src/state/setup.js';
import { isAddress, isHostName } from '../../../src/text/host-name.js';
import { counted } from '../../../src/text/wording.js';

/** What is wrong with a host as it was typed, in a sentence; null where it can be used. */
export function hostProblem(hosts: readonly SetupHost[], at: number): string | null {
  const host = hosts[at];
  if (host === undefined) return null;
  const { name, address, roles } = host;
  if (name === '') return 'it has no name yet';
  if (!isHostName(name)) return `"${name}" is no host name: lower-case letters, digits and hyphens, such as gpu-1`;
  if (name === 'cluster') return 'cluster stands for the cluster itself: no host can be named so';
  const twin = hosts.findIndex((other, index) => index !== at && other.name === name);
  if (twin >= 0) return `host ${twin + 1} is named ${name} too`;
  if (address === '') return 'it has no address yet: an IP address, or a name under which it is reached';
  if (!isAddress(address)) return `"${address}" is no address: an IP address such as 10.0.0.11, or a host name`;
  const neighbour = hosts.find((other, index) => index !== at && other.address === address);
  if (neighbour !== undefined) return `${neighbour.name === '' ? 'another host' : neighbour.name} has the address ${address} too`;
  return roles.length === 0 ? 'it has no role: space ticks one' : null;
}

/** What hosts the profile wants that are not there, or has too many of. */
export function profileProblems(hosts: readonly SetupHost[], profile: ProfileSummary | null): readonly string[] {
  if (hosts.length === 0 && profile?.hosts.length !== 0) return ['there is no host yet'];
  return (profile?.hosts ?? []).flatMap(({ role, atLeast, atMost }) => {
    const have = hosts.filter(({ roles }) => roles.includes(role)).length;
    if (have < atLeast) return [`${profile?.id} wants ${wanted(atLeast, atMost)} as ${role}: there ${have === 1 ? 'is' : 'are'} ${have}`];
    if (atMost !== null && have > atMost) return [`${profile?.id} takes ${wanted(atLeast, atMost)} as ${role}: there are ${have}`];
    return [];
  });
}

/** `1 host`, `3 hosts`, `1 or more hosts`, `1 to 3 hosts` */
export function wanted(atLeast: number, atMost: number | null): string {
  if (atMost === null) return atLeast === 0 ? 'any number of hosts' : `${atLeast} or more hosts`;
  return atLeast === atMost ? counted(atLeast, 'host') : `${atLeast} to ${counted(atMost, 'host')}`;
}
