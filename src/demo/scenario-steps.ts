import type { KubeObject } from './api/object-store.js';
import { type Fields, fieldsAt, isFields, listAt, numberAt, textAt } from './fields.js';

/** Something that happens to the demo cluster, `at` seconds from its start (negative: before). */
export type Step = { readonly at: number } & Happening;

export type Happening =
  /** The machine is shut down and comes up again by itself, in about fifteen seconds. */
  | { readonly do: 'reboot'; readonly node: string }
  /** The machine goes down: no heartbeat any more. */
  | { readonly do: 'node-down'; readonly node: string }
  /** The machine's system starts with a new boot id: people can log in, its kubelet is still to come. */
  | { readonly do: 'boot'; readonly node: string }
  /** Another version of the driver's libraries is installed than the kernel has loaded, as an unattended upgrade does it. */
  | { readonly do: 'driver'; readonly node: string; readonly module: string; readonly library: string }
  /** The kernel reports an Xid error of a GPU; 79 means that it fell off the bus. */
  | { readonly do: 'xid'; readonly node: string; readonly gpu: number; readonly code: number; readonly text: string }
  /** The machine's kubelet comes up again or tries to, with a new boot id unless it was booted before, and perhaps a new kernel. */
  | { readonly do: 'node-up'; readonly node: string; readonly kernel: string | null }
  | { readonly do: 'pressure'; readonly node: string; readonly type: 'DiskPressure' | 'MemoryPressure' | 'PIDPressure'; readonly on: boolean }
  /** A JSON merge patch (RFC 7386) on an object; `resource` as in `daemonsets.apps`. */
  | { readonly do: 'patch'; readonly resource: string; readonly namespace: string | null; readonly name: string; readonly merge: Fields }
  /** Containers of an app stop working. */
  | {
      readonly do: 'break';
      readonly namespace: string;
      readonly app: string;
      readonly node: string | null;
      readonly state: 'crash' | 'unready';
      readonly exitCode: number;
      readonly message: string | null;
      readonly log: readonly string[];
      /** `replaced`: pods that take the place of those there are now do not have it. */
      readonly until: 'mended' | 'replaced';
    }
  | { readonly do: 'mend'; readonly namespace: string; readonly app: string }
  /** The API server drops all connections and refuses new ones, or accepts them again. */
  | { readonly do: 'api'; readonly accepting: boolean }
  /** The API server forgets all changes so far, as etcd's compaction does: a watch that goes on from one of them is told 410. */
  | { readonly do: 'forget' }
  /** What Prometheus and Grafana themselves and the network between them and their targets do. */
  | { readonly do: 'monitoring'; readonly prometheusDown: boolean; readonly grafanaDown: boolean; readonly targetsDown: Readonly<Record<string, string>> }
  /** A swap file is in use, and a line of fstab brings it back at each boot. */
  | { readonly do: 'swap'; readonly node: string; readonly path: string; readonly gigabytes: number }
  /** The root file system fills up to a part of its size, by so many GB of journal, package files and images that nothing uses, and by other things. */
  | { readonly do: 'fill'; readonly node: string; readonly share: number; readonly journal: number; readonly packages: number; readonly images: number }
  /** The network configuration in /etc/cni/net.d is gone. */
  | { readonly do: 'cni-lost'; readonly node: string }
  /** A file belongs to somebody else. */
  | { readonly do: 'owner'; readonly node: string; readonly path: string; readonly owner: string; readonly mode: string }
  /** What kubeadm has issued ends in so many days; that of the API server, too, which it shows from the start. */
  | { readonly do: 'certificates'; readonly node: string; readonly days: number }
  /** A unit of a machine is stopped, and perhaps disabled or masked. */
  | { readonly do: 'unit'; readonly node: string; readonly unit: string; readonly enabled: 'enabled' | 'disabled' | 'masked' }
  | { readonly do: 'create'; readonly resource: string; readonly object: KubeObject }
  | { readonly do: 'remove'; readonly resource: string; readonly namespace: string | null; readonly name: string }
  /** Pods that the kubelet of a node evicted, left behind by their ReplicaSets. */
  | { readonly do: 'evict'; readonly node: string; readonly count: number; readonly days: number; readonly owners: readonly EvictedShare[] }
  /** A single pod that ended in some way and was never cleaned up. */
  | {
      readonly do: 'ghost';
      readonly namespace: string;
      readonly name: string;
      readonly node: string;
      readonly phase: 'Failed' | 'Succeeded';
      readonly reason: string;
      readonly message: string;
    };

export interface EvictedShare {
  readonly namespace: string;
  readonly deployment: string;
  /** Part of the whole, 0 to 1. */
  readonly share: number;
}

/** Checks one step. `fail` gets the end of a sentence on what is wrong with it. */
export function parseStep(step: unknown, fail: (what: string) => never): Step {
  if (!isFields(step)) return fail('must be an object');
  const moment = numberAt(step, 'at') ?? fail('needs "at", its seconds from the start');
  const text = (field: string) => textAt(step, field) ?? fail(`needs "${field}", a text`);
  const flag = (field: string, otherwise?: boolean) => {
    const value = step[field] ?? otherwise;
    return typeof value === 'boolean' ? value : fail(`needs "${field}", true or false`);
  };
  const number = (field: string) => numberAt(step, field) ?? fail(`needs "${field}", a number`);
  return { at: moment, ...happening() };

  function happening(): Happening {
    switch (step === undefined ? '' : textAt(step, 'do')) {
      case 'reboot':
        return { do: 'reboot', node: text('node') };
      case 'node-down':
        return { do: 'node-down', node: text('node') };
      case 'boot':
        return { do: 'boot', node: text('node') };
      case 'driver':
        return { do: 'driver', node: text('node'), module: text('module'), library: text('library') };
      case 'xid':
        return { do: 'xid', node: text('node'), gpu: number('gpu'), code: number('code'), text: text('text') };
      case 'node-up':
        return { do: 'node-up', node: text('node'), kernel: textAt(step, 'kernel') };
      case 'pressure':
        return { do: 'pressure', node: text('node'), type: oneOf('type', ['DiskPressure', 'MemoryPressure', 'PIDPressure']), on: flag('on') };
      case 'patch':
        return { do: 'patch', resource: text('resource'), namespace: textAt(step, 'namespace'), name: text('name'), merge: fieldsAt(step, 'merge') };
      case 'break':
        return {
          do: 'break',
          namespace: text('namespace'),
          app: text('app'),
          node: textAt(step, 'node'),
          state: oneOf('state', ['crash', 'unready']),
          exitCode: numberAt(step, 'exitCode') ?? 1,
          message: textAt(step, 'message'),
          until: textAt(step, 'until') === null ? 'mended' : oneOf('until', ['mended', 'replaced']),
          log: listAt(step, 'log').map((line) => (typeof line === 'string' ? line : fail('has a "log" line that is no text'))),
        };
      case 'mend':
        return { do: 'mend', namespace: text('namespace'), app: text('app') };
      case 'api':
        return { do: 'api', accepting: flag('accepting') };
      case 'forget':
        return { do: 'forget' };
      case 'monitoring':
        return { do: 'monitoring', prometheusDown: flag('prometheusDown', false), grafanaDown: flag('grafanaDown', false), targetsDown: targets() };
      case 'swap':
        return { do: 'swap', node: text('node'), path: text('path'), gigabytes: number('gigabytes') };
      case 'fill':
        return { do: 'fill', node: text('node'), share: number('share'), journal: number('journal'), packages: number('packages'), images: number('images') };
      case 'cni-lost':
        return { do: 'cni-lost', node: text('node') };
      case 'owner':
        return { do: 'owner', node: text('node'), path: text('path'), owner: text('owner'), mode: text('mode') };
      case 'certificates':
        return { do: 'certificates', node: text('node'), days: number('days') };
      case 'unit':
        return { do: 'unit', node: text('node'), unit: text('unit'), enabled: oneOf('enabled', ['enabled', 'disabled', 'masked']) };
      case 'create':
        return { do: 'create', resource: text('resource'), object: object() };
      case 'remove':
        return { do: 'remove', resource: text('resource'), namespace: textAt(step, 'namespace'), name: text('name') };
      case 'evict':
        return { do: 'evict', node: text('node'), count: number('count'), days: number('days'), owners: listAt(step, 'owners').map(share) };
      case 'ghost':
        return {
          do: 'ghost',
          namespace: text('namespace'),
          name: text('name'),
          node: text('node'),
          phase: oneOf('phase', ['Failed', 'Succeeded']),
          reason: text('reason'),
          message: textAt(step, 'message') ?? '',
        };
      default:
        return fail(`has an unknown "do" (${JSON.stringify(fieldsAt({ step }, 'step')['do'])}); known are ${kinds.join(', ')}`);
    }
  }

  function oneOf<const Choice extends string>(field: string, choices: readonly Choice[]): Choice {
    const value = textAt(step, field);
    return choices.find((choice) => choice === value) ?? fail(`needs "${field}", one of ${choices.join(', ')}`);
  }

  function object(): KubeObject {
    const given = fieldsAt(step, 'object');
    const metadata = fieldsAt(given, 'metadata');
    const name = textAt(metadata, 'name') ?? fail('needs an "object" with a name');
    const namespace = textAt(metadata, 'namespace');
    const named = { ...metadata, name, ...(namespace === null ? {} : { namespace }) };
    return { ...given, apiVersion: textAt(given, 'apiVersion') ?? 'v1', kind: textAt(given, 'kind') ?? fail('needs an "object" with a kind'), metadata: named };
  }

  function targets(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(fieldsAt(step, 'targetsDown')).map(([target, error]) => [
        target,
        typeof error === 'string' ? error : fail(`has no text for the target "${target}"`),
      ]),
    );
  }

  function share(owner: unknown): EvictedShare {
    return {
      namespace: textAt(owner, 'namespace') ?? fail('has an owner without "namespace"'),
      deployment: textAt(owner, 'deployment') ?? fail('has an owner without "deployment"'),
      share: numberAt(owner, 'share') ?? fail('has an owner without "share", its part from 0 to 1'),
    };
  }
}

const kinds = [
  ...['node-down', 'boot', 'node-up', 'driver', 'xid', 'pressure', 'patch', 'break', 'mend', 'api', 'monitoring', 'swap', 'fill', 'cni-lost'],
  ...['owner', 'certificates', 'unit', 'create', 'remove', 'evict', 'ghost', 'reboot', 'forget'],
];
