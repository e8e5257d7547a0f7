/** How the machines of one context are reached, `contexts.NAME.hosts` in config.json. A field left out means: as ssh_config says, else the usual. */
export interface HostSettings extends MachineSettings {
  /** False: no SSH connections for this context. */
  readonly enabled?: boolean;
  /** By node or host name: what differs there. Machines that are no nodes (a load balancer) need an address. */
  readonly each?: Readonly<Record<string, MachineSettings & { readonly address?: string }>>;
}

interface MachineSettings {
  readonly user?: string;
  readonly port?: number;
  /** Private key file. */
  readonly key?: string;
  /** Machine to go through, as ssh -J takes it. */
  readonly jump?: string;
  /** Whether what needs root may go through sudo. */
  readonly sudo?: boolean;
}

/**
 * Reads `{ enabled?: boolean, user?, port?, key?, jump?, sudo?, each?: { NAME: { address?, user?, port?, key?, jump?, sudo? } } }`, or says in one
 * sentence what is wrong with it.
 */
export function parseHostSettings(value: unknown): HostSettings | string {
  if (!isRecord(value)) return 'is not an object';
  const { enabled, each, ...machine } = value;
  const general = parseMachine(machine, machineKeys, [...machineKeys, 'enabled', 'each']);
  if (typeof general === 'string') return general;
  if (enabled !== undefined && typeof enabled !== 'boolean') return 'enabled is not true or false';
  if (each === undefined) return { ...general, ...given({ enabled }) };
  if (!isRecord(each)) return 'each is not an object of node or host names';
  const machines: Record<string, MachineSettings & { address?: string }> = {};
  for (const [name, entry] of Object.entries(each)) {
    const parsed = isRecord(entry) ? parseMachine(entry, ownKeys, ownKeys) : 'is not an object';
    if (typeof parsed === 'string') return `each.${name}: ${parsed}`;
    machines[name] = parsed;
  }
  return { ...general, ...given({ enabled }), each: machines };
}

const machineKeys = ['user', 'port', 'key', 'jump', 'sudo'];
const ownKeys = ['address', ...machineKeys];

function parseMachine(
  fields: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  shownKeys: readonly string[],
): (MachineSettings & { readonly address?: string }) | string {
  const unknown = Object.keys(fields).find((key) => !keys.includes(key));
  if (unknown !== undefined) return `has an unknown key "${unknown}" (known: ${shownKeys.join(', ')})`;
  const { address, user, port, key, jump, sudo } = fields;
  // What begins with a dash would be an option to whoever takes it for a host or a user.
  if (!isText(user)) return 'user is not a user name';
  if (!isText(address)) return 'address is not a host name or IP address';
  if (!isText(key)) return 'key is not the path of a private key file';
  if (!isText(jump)) return 'jump is not a host to go through, as ssh -J takes it';
  if (port !== undefined && !(typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65535)) return 'port is not a number from 1 to 65535';
  if (sudo !== undefined && typeof sudo !== 'boolean') return 'sudo is not true or false';
  return given({ address, user, port, key, jump, sudo });
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && /^[^\s-][^\n\0]*$/.test(value));
}

/** The fields that are set: one that is undefined would hide what ssh_config says. */
function given<T extends object>(fields: T): Partial<T> {
  const kept: Partial<T> = { ...fields };
  for (const key of Object.keys(kept)) if (Reflect.get(kept, key) === undefined) Reflect.deleteProperty(kept, key);
  return kept;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
