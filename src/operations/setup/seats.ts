import { join } from 'node:path';
import type { Asker } from '../../hosts/asker.js';
import type { FoundHost, OwnIdentity } from '../../hosts/discover.js';
import type { Host } from '../../hosts/host.js';
import { HostError } from '../../hosts/host-error.js';
import type { HostSettings } from '../../hosts/host-settings.js';
import type { Roads } from '../../hosts/roads.js';
import { unlessAborted } from '../../hosts/unless-aborted.js';
import { clusterColumn } from '../../runbooks/inventory.js';
import { hostSeat, type ScriptSeat } from '../../runbooks/step-script.js';
import type { SetupChoice, SetupHost } from '../../state/setup.js';
import type { Seat, Seats } from './work.js';

/** The places where the steps of a choice are done, and the connections to them. */
export interface OpenSeats {
  readonly of: Seats;
  /** Where kubectl runs; null where there is no such place. */
  cluster(): Seat | null;
  close(): void;
}

export interface SeatsOptions {
  readonly choice: SetupChoice;
  readonly settings: HostSettings;
  readonly roads: Roads;
  readonly asker: Asker;
  readonly own: OwnIdentity;
  /** For the seat `here`; null where no cluster is in use. */
  readonly kube: KubeSeat | null;
  /** The person's, on this machine. */
  readonly homeDir: string;
  /** Instead of the places where things are kept on a host. */
  readonly places?: Partial<ScriptSeat>;
}

export interface KubeSeat {
  readonly context: string;
  /** Null: as kubectl finds it. */
  readonly kubeconfig: string | null;
}

/** Logs in to each machine when it is first needed. The address of the inventory counts where the settings have none. */
export function openSeats({ choice, settings, roads, asker, own, kube, homeDir, places = {} }: SeatsOptions): OpenSeats {
  const opened = new Map<string, Promise<Host>>();
  const seats = new Map<string, Seat>();
  const closing = new AbortController();
  let closed = false;

  const openOnce = (key: string, open: () => Promise<Host>): Promise<Host> => {
    if (closed) return Promise.reject(left());
    const known = opened.get(key);
    if (known !== undefined) return known;
    const opening = open().then((host) => {
      if (closed) host.close();
      const run: Host['run'] = (command) => unlessAborted(host.run(command), closing.signal, left);
      return { ...host, run };
    });
    opened.set(key, opening);
    opening.catch(() => opened.delete(key));
    return opening;
  };

  const hostSeatOf = (host: SetupHost): Seat => {
    const given = settings.each?.[host.name];
    const isLocal = given?.address === undefined && given?.jump === undefined && isOwnAddress(host.address, own);
    const found: FoundHost = { name: host.name, node: null, address: host.address, local: isLocal, sudo: true };
    return {
      machine: host.name,
      isLocal,
      sudo: true,
      script: { ...hostSeat, ...places },
      host: () =>
        openOnce(host.name, () => {
          if (isLocal) return roads.local(found, asker);
          if (settings.enabled === false) return Promise.reject(new HostError('unreachable', ...switchedOff));
          return roads.ssh(found, asker);
        }),
    };
  };

  const clusterSeat = (): Seat => {
    if (choice.seat === 'first-control-plane') {
      const first = choice.hosts.find(({ roles }) => roles.includes('control-plane'));
      if (first === undefined) throw new Error('kubectl is to run on the first control plane, and the inventory has no control plane');
      const seat = of(first.name);
      return { ...seat, script: { ...seat.script, kubeconfig: '/etc/kubernetes/admin.conf', marks: 'cluster' } };
    }
    if (kube === null) throw new Error('no cluster is in use here: choose a context, or let kubectl run on the first control plane');
    const own = { name: 'this machine', node: null, address: '127.0.0.1', local: true, sudo: false };
    return {
      machine: clusterColumn,
      isLocal: true,
      sudo: false,
      script: { ...personSeat(homeDir, kube.context), kubeContext: kube.context, kubeconfig: kube.kubeconfig, ...places, marks: 'cluster' },
      host: () => openOnce(clusterColumn, () => roads.local(own, asker)),
    };
  };

  const of: Seats = (column) => {
    const known = seats.get(column);
    if (known !== undefined) return known;
    const host = choice.hosts.find(({ name }) => name === column);
    if (host === undefined && column !== clusterColumn) throw new Error(`the inventory has no host ${column}`);
    const seat = host === undefined ? clusterSeat() : hostSeatOf(host);
    seats.set(column, seat);
    return seat;
  };

  return {
    of,
    cluster() {
      try {
        return of(clusterColumn);
      } catch {
        return null;
      }
    },
    close() {
      closed = true;
      closing.abort();
      for (const host of opened.values()) void host.then((open) => open.close()).catch(() => undefined);
    },
  };
}

function left(): HostError {
  return new HostError('aborted', 'this setup has been left');
}

/** Where somebody who is not root can keep things, for each context by itself, and nobody else can put anything in the way. */
function personSeat(homeDir: string, context: string): ScriptSeat {
  const state = join(homeDir, '.local', 'state', 'gpuk8s-tui', 'setup', context.replaceAll(/[^\w.-]/g, '_').slice(0, 80));
  return { ...hostSeat, state, backups: join(state, 'backups'), logs: join(state, 'logs'), lock: join(state, 'lock') };
}

function isOwnAddress(address: string, { addresses }: OwnIdentity): boolean {
  return addresses.has(address) || address === 'localhost' || /^127\./.test(address) || address === '::1';
}

const switchedOff = ['SSH is switched off in the settings of this context', { fix: 'set contexts.NAME.hosts.enabled to true in the settings' }] as const;
