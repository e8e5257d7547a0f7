import type { SetupHost } from '../state/setup.js';
import { clean } from '../text/clean.js';
import { counted } from '../text/wording.js';
import { type Cidr, hostCidr, networkText, overlap, parseCidr } from './cidr.js';
import type { Findings, WorkedOut } from './findings.js';

/** What of the networks cannot be: those that overlap, and those that Kubernetes itself refuses. */
export function networks({ choice: { hosts }, used, values }: WorkedOut): Findings {
  const problems: string[] = [];
  const warnings: string[] = [];
  const inside: { readonly name: string; readonly what: string; readonly cidr: Cidr }[] = [];
  for (const [name, what] of [
    ['POD_CIDR', 'pods'],
    ['SERVICE_CIDR', 'Services'],
  ] as const) {
    const cidr = used.has(name) ? parseCidr(values[name] ?? '') : null;
    if (cidr !== null) inside.push({ name, what, cidr });
  }
  const nodes = used.has('NODE_CIDR') ? parseCidr(values['NODE_CIDR'] ?? '') : null;
  const [one, other] = inside;
  if (one !== undefined && other !== undefined) {
    if (overlap(one.cidr, other.cidr))
      problems.push(
        `The networks of the pods (${networkText(one.cidr)}) and of the Services (${networkText(other.cidr)}) overlap: the same address would be a pod and a Service.`,
      );
    if (one.cidr.family !== other.cidr.family)
      problems.push(
        `POD_CIDR and SERVICE_CIDR are of different families (IPv${one.cidr.family} and IPv${other.cidr.family}): pods and Services could not reach each other.`,
      );
  }
  for (const { name, what, cidr } of inside) {
    if (nodes !== null && overlap(cidr, nodes))
      problems.push(
        `The network of the ${what} (${name} ${networkText(cidr)}) overlaps that of the nodes (NODE_CIDR ${networkText(nodes)}): ${what} and nodes would have the same addresses.`,
      );
    for (const [whose, address] of addressesOf(hosts, values, used)) {
      const own = hostCidr(address);
      if (own !== null && overlap(cidr, own))
        problems.push(`The network of the ${what} (${name} ${networkText(cidr)}) holds the address of ${whose}, ${address}: it would not be reached any more.`);
    }
  }
  problems.push(...sizes(inside, hosts.length));
  for (const { name, address } of nodes === null ? [] : hosts) {
    const own = hostCidr(address);
    if (nodes !== null && own !== null && !overlap(nodes, own))
      warnings.push(`${clean(name, 60)} (${address}) is outside of NODE_CIDR ${networkText(nodes)}: the firewalls of the others keep it out.`);
  }
  return { problems, warnings };
}

function addressesOf(hosts: readonly SetupHost[], values: Readonly<Record<string, string>>, used: ReadonlySet<string>): readonly (readonly [string, string])[] {
  const own = hosts.map(({ name, address }) => [clean(name, 60), address] as const);
  const known = new Set(own.map(([, address]) => address));
  const named = (['API_ENDPOINT', 'VIRTUAL_ADDRESS'] as const).flatMap((name) =>
    used.has(name) && !known.has(values[name] ?? '') ? [[name, values[name] ?? ''] as const] : [],
  );
  return [...own, ...named];
}

/** What the API server and the controller manager refuse when they start. */
function sizes(inside: readonly { readonly name: string; readonly cidr: Cidr }[], hosts: number): readonly string[] {
  return inside.flatMap(({ name, cidr }) => {
    const network = networkText(cidr);
    if (name === 'SERVICE_CIDR') {
      const largest = cidr.family === 4 ? 12 : 108;
      return cidr.prefix < largest ? [`SERVICE_CIDR ${network} is too large: the API server takes /${largest} and smaller.`] : [];
    }
    const each = cidr.family === 4 ? 24 : 64;
    if (cidr.prefix > each) return [`POD_CIDR ${network} is too small: each node is given a /${each} of it.`];
    const nodes = 2 ** Math.min(each - cidr.prefix, 30);
    return hosts > nodes ? [`POD_CIDR ${network} is enough for ${counted(nodes, 'node')}, with a /${each} each, and there are ${hosts} hosts.`] : [];
  });
}
