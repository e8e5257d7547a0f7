import type { Host } from '../hosts/host.js';
import type { KubeClient, KubeRequest } from '../kube/client.js';
import type { Plan, PlanItem, Verification } from '../state/operations.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import type { Pace } from './pace.js';

/** Something that can be changed from here. One file for each, one line in `registry.ts`. */
export interface Operation {
  readonly id: string;
  /** What it does, in a few words: "restart a systemd unit". */
  readonly title: string;
  /**
   * Reads only. Rejects with an Error whose message is a sentence for the screen where not even a plan can be made (no such node, nothing to change);
   * what keeps a plan from being run belongs into its `blockers`.
   */
  plan(input: Readonly<Record<string, string>>, world: World): Promise<PlannedOperation>;
}

/** A plan with what it takes to carry it out. */
export interface PlannedOperation {
  readonly plan: Plan;
  /** By the plan's items, in the same order. */
  readonly steps: readonly Step[];
  /** How many steps may be under way at once. 1: one after another, and one that fails keeps the ones after it from being done. */
  readonly concurrency: number;
  /** How many of them at any moment, up to `concurrency`: for thousands of steps of one kind. */
  readonly pace?: Pace;
  /** A step that fails keeps none after it from being done, although they are done one after another. */
  readonly goesOn?: boolean;
  /** Looks at the world again until the goal is seen, or it is clear that it will not be. `signal` ends it early. */
  verify(world: World, signal: AbortSignal): Promise<Verification>;
}

/** One change: the item as it is shown, and the action that it is. */
export interface Step {
  readonly item: PlanItem;
  readonly action: Action;
}

export type Action = RequestAction | CommandAction | WaitAction | CallAction;

export interface RequestAction {
  readonly do: 'request';
  readonly path: string;
  readonly request: KubeRequest;
  /** HTTP statuses besides 2xx that count as done, with what to say: 404 of a delete is "already gone". */
  readonly alsoDone?: Readonly<Record<number, string>>;
  /** Asked again every `everyMs` for `forMs` while the server answers with this status: an eviction that a disruption budget does not allow yet. */
  readonly retry?: { readonly status: number; readonly everyMs: number; readonly forMs: number };
}

export interface CommandAction {
  readonly do: 'command';
  /** Name of the node or host. */
  readonly host: string;
  /** One program and its arguments; nothing is pasted into a shell line. */
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly sudo: boolean;
  readonly timeoutMs?: number;
  /** Exit codes besides 0 that count as done, with what to say. */
  readonly alsoDone?: Readonly<Record<number, string>>;
  /** For commands that take the connection with them (a reboot): what to say when it ends before they do, which counts as done. */
  readonly cutOff?: string;
}

/** Changes nothing: the steps after it need what it waits for. */
export interface WaitAction {
  readonly do: 'wait';
  /** What is waited for: "gpu-2 is Ready again". */
  readonly text: string;
  readonly condition: (snapshot: ClusterSnapshot) => boolean;
  readonly timeoutMs: number;
}

/** A change that takes more than one request or command, or is to something with a login of its own: a Grafana. */
export interface CallAction {
  readonly do: 'call';
  /** Resolves to what there is to say of it; rejects with an Error whose message is a sentence. What it has done is taken back when `signal` ends it. `tell` says how far it is. */
  readonly perform: (signal: AbortSignal, tell?: (said: string) => void) => Promise<string | CallOutcome | null>;
}

/** More than what there is to say: that nothing had to be done after all, or how much was won back. */
export interface CallOutcome {
  readonly said: string;
  readonly skipped?: boolean;
  readonly bytes?: number;
}

/** What plans and verifications look at, and what steps act on. */
export interface World {
  snapshot(): ClusterSnapshot;
  /** Resolves true once a published snapshot fulfils the condition, false when `timeoutMs` are over or `signal` ended it. Asks the feeds to look again meanwhile. */
  until(condition: (snapshot: ClusterSnapshot) => boolean, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
  /** Name of the context in use, for confirmations. */
  readonly context: string;
  /** Rejects with KubeError, and with an Error that says so where there is no API server. */
  readonly client: KubeClient;
  /** A machine to run commands on. Rejects with HostError where nobody can log in to it. */
  host(name: string): Promise<Host>;
  /** Whether the user may do that, as a SelfSubjectAccessReview says; kept for a while. `resource` as in `daemonsets.apps` or `pods/eviction`. */
  access(verb: string, resource: string, namespace: string | null): Promise<'yes' | 'no' | 'unknown'>;
}
