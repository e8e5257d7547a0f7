import { isAddress, isHostName } from '../text/host-name.js';

/** What was chosen to be set up in a cluster, `setup.CLUSTER` in config.json: which steps, on which hosts, with which values. Secrets are never in it. */
export interface SetupSettings {
  /** Id of a profile; null where single playbooks were chosen. */
  readonly profile: string | null;
  /** Ids of playbooks; empty: those of the profile. */
  readonly playbooks: readonly string[];
  /** In the order they were given. */
  readonly hosts: readonly SetupHostSettings[];
  readonly values: Readonly<Record<string, string>>;
  /** Where kubectl runs. */
  readonly seat: SetupSeat;
}

export interface SetupHostSettings {
  readonly name: string;
  readonly address: string;
  readonly roles: readonly SetupRole[];
}

export type SetupSeat = 'here' | 'first-control-plane';

export const setupRoles = ['control-plane', 'gpu', 'worker', 'load-balancer', 'nfs-server', 'build'] as const;
export type SetupRole = (typeof setupRoles)[number];

/** Reads `{ CLUSTER: { profile?, playbooks?, hosts: [{ name, address, roles? }], values?, seat? } }`, or says in one sentence what is wrong with it. */
export function parseSetups(stored: unknown): ReadonlyMap<string, SetupSettings> | string {
  if (!isRecord(stored)) return 'is not an object of cluster names';
  const setups = new Map<string, SetupSettings>();
  for (const [cluster, value] of Object.entries(stored)) {
    const setup = parseSetup(value);
    if (typeof setup === 'string') return `${cluster} ${setup}`;
    setups.set(cluster, setup);
  }
  return setups;
}

function parseSetup(value: unknown): SetupSettings | string {
  if (!isRecord(value)) return 'is not an object';
  const other = Object.keys(value).find((key) => !setupKeys.includes(key));
  if (other !== undefined) return `has an unknown key "${other}" (known: ${setupKeys.join(', ')})`;
  const { profile = null, playbooks = [], seat = 'first-control-plane' } = value;
  if (profile !== null && !isId(profile)) return 'has a profile that is none: give its id, such as ha-haproxy-calico';
  if (!isListOf(playbooks, isId)) return 'has playbooks that are no list of ids, such as ["host-prep"]';
  if (seat !== 'here' && seat !== 'first-control-plane') return 'has a seat that is neither "here" nor "first-control-plane"';
  const hosts = parseSetupHosts(value['hosts'] ?? []);
  if (typeof hosts === 'string') return hosts;
  const values = parseSetupValues(value['values'] ?? {});
  if (typeof values === 'string') return values;
  return { profile, playbooks, hosts, values, seat };
}

const setupKeys = ['profile', 'playbooks', 'hosts', 'values', 'seat'];

/** Reads `[{ name, address, roles? }]`; a sentence that begins with "has" where it is something else. */
export function parseSetupHosts(value: unknown): readonly SetupHostSettings[] | string {
  if (!Array.isArray(value)) return 'has hosts that are no list';
  const hosts: SetupHostSettings[] = [];
  for (const [index, entry] of value.entries()) {
    const host = parseHost(entry);
    if (typeof host === 'string') return `has hosts of which number ${index + 1} ${host}`;
    if (hosts.some(({ name }) => name === host.name)) return `has the host ${host.name} twice`;
    hosts.push(host);
  }
  return hosts;
}

function parseHost(value: unknown): SetupHostSettings | string {
  if (!isRecord(value)) return 'is not an object';
  const other = Object.keys(value).find((key) => !hostKeys.includes(key));
  if (other !== undefined) return `has an unknown key "${other}" (known: ${hostKeys.join(', ')})`;
  const { name, address, roles = [] } = value;
  if (typeof name !== 'string' || !isHostName(name)) return 'has no name in lower-case letters, digits, hyphens and dots, such as gpu-1';
  if (name === 'cluster') return 'has the name cluster, which stands for the cluster itself';
  if (typeof address !== 'string' || !isAddress(address)) return `(${name}) has no address: an IP address or a host name`;
  if (!isListOf(roles, isRole)) return `(${name}) has roles that are no list of ${setupRoles.join(', ')}`;
  return { name, address, roles };
}

const hostKeys = ['name', 'address', 'roles'];

/** Reads `{ NAME: VALUE }`; a sentence that begins with "has" where it is something else. */
export function parseSetupValues(value: unknown): Readonly<Record<string, string>> | string {
  if (!isRecord(value)) return 'has values that are no object';
  const values: Record<string, string> = {};
  for (const [name, given] of Object.entries(value)) {
    if (!isVariableName(name)) return `has a value for "${name}", which is no variable: they are in upper case, such as POD_CIDR`;
    // A number would lose its last zero: 1.30.
    if (typeof given !== 'string') return `has a value for ${name} that is no text: put it in quotes`;
    values[name] = given;
  }
  return values;
}

export function isRole(value: unknown): value is SetupRole {
  return setupRoles.some((role) => role === value);
}

export function isVariableName(name: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(name);
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(value);
}

function isListOf<T>(value: unknown, is: (entry: unknown) => entry is T): value is readonly T[] {
  return Array.isArray(value) && value.every(is);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
