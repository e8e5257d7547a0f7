import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type Node, nodeAddress } from '../state/nodes.js';
import type { Collection } from '../state/snapshot.js';
import type { HostSettings } from './host-settings.js';

/** A machine to look at. */
export interface FoundHost {
  readonly name: string;
  /** The node it is, null for machines outside the cluster. */
  readonly node: string | null;
  /** What the cluster or the settings know it by: an IP address or a host name. */
  readonly address: string;
  /** It is the one this program runs on. */
  readonly local: boolean;
  /** Whether parts that need root may go through sudo. */
  readonly sudo: boolean;
}

/** What tells this machine from others. */
export interface OwnIdentity {
  readonly addresses: ReadonlySet<string>;
  readonly machineId: string | null;
  readonly bootId: string | null;
}

/** A node as it was at an earlier visit: where its machine is while the API server does not say. */
export interface RememberedMachine {
  readonly address: string;
  readonly machineId: string | null;
}

/**
 * All nodes, then the machines that only the settings name. A node's address of the settings counts more than the cluster's; without one a machine
 * of the settings is none. While no nodes are to be seen, those that are remembered take their place.
 */
export function findHosts(
  nodes: Collection<Node> | null,
  settings: HostSettings,
  own: OwnIdentity,
  remembered: ReadonlyMap<string, RememberedMachine> = new Map(),
): readonly FoundHost[] {
  const each = settings.each ?? {};
  const formerly = nodes === null ? remembered : new Map<string, RememberedMachine>();
  const ofNodes = [...(nodes?.values() ?? [])].map((node): FoundHost => {
    const given = each[node.name]?.address;
    const address = given ?? nodeAddress(node);
    return { name: node.name, node: node.name, address, local: given === undefined && isThisMachine(node, own), sudo: sudoAllowed(settings, node.name) };
  });
  const ofMemory = [...formerly].map(([name, machine]): FoundHost => {
    const given = each[name]?.address;
    const local = given === undefined && own.addresses.has(machine.address) && machine.machineId !== null && machine.machineId === own.machineId;
    return { name, node: name, address: given ?? machine.address, local, sudo: sudoAllowed(settings, name) };
  });
  const others = Object.entries(each).flatMap(([name, { address }]): readonly FoundHost[] => {
    if (address === undefined || nodes?.has(name) === true || formerly.has(name)) return [];
    return [{ name, node: null, address, local: own.addresses.has(address), sudo: sudoAllowed(settings, name) }];
  });
  return [...ofNodes, ...ofMemory, ...others];
}

function sudoAllowed(settings: HostSettings, name: string): boolean {
  return (settings.each?.[name]?.sudo ?? settings.sudo) !== false;
}

/** An address alone proves little: private networks use the same ones. */
function isThisMachine({ addresses, info }: Node, own: OwnIdentity): boolean {
  if (!addresses.some(({ type, address }) => type === 'InternalIP' && own.addresses.has(address))) return false;
  if (info.machineId === null && info.bootId === null) return true;
  return (info.machineId !== null && info.machineId === own.machineId) || (info.bootId !== null && info.bootId === own.bootId);
}

/** Addresses of this machine that others may know it by, so neither loopback nor link-local ones. */
export function ownIdentity(): OwnIdentity {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !/^(?:fe80:|169\.254\.)/i.test(address));
  return {
    addresses: new Set(addresses.map(({ address }) => address)),
    machineId: fileLine('/etc/machine-id'),
    bootId: fileLine('/proc/sys/kernel/random/boot_id'),
  };
}

function fileLine(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
