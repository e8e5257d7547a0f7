import type { Slice } from './freshness.js';
import type { Risk } from './operations.js';

/** What a host does in a cluster; `gpu` and `worker` are nodes with GPUs and without, `build` is where images are built. */
export type Role = 'control-plane' | 'gpu' | 'worker' | 'load-balancer' | 'nfs-server' | 'build';

/** A machine that is set up, and how it is known. How to log in to it stands in the settings of the machines, by the same name. */
export interface SetupHost {
  /** As it is named in the cluster: a DNS name in lower case. */
  readonly name: string;
  /** IP address or name under which it is reached. */
  readonly address: string;
  readonly roles: readonly Role[];
}

/** What is to be set up where: plain data, kept in the settings by the cluster's name. Secrets are never in it. */
export interface SetupChoice {
  /** Id of a profile; null where single playbooks were chosen. */
  readonly profile: string | null;
  /** Ids of playbooks; empty: those of the profile. */
  readonly playbooks: readonly string[];
  /** In the order they were given; the first control plane is the one that is initialised. */
  readonly hosts: readonly SetupHost[];
  /** Values that were set, as they were typed; all others have their defaults. */
  readonly values: Readonly<Record<string, string>>;
  /**
   * Where kubectl runs. here: on this machine with the context in use, for a cluster that is there already. first-control-plane: on that host with its own admin.conf.
   */
  readonly seat: 'here' | 'first-control-plane';
}

/** One field of the wizard, with what is wrong with its value. */
export interface SetupVariable {
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly type: VariableType;
  /** For `choice`. */
  readonly choices: readonly string[];
  /** What it has now; null for a secret, and where it has no value. */
  readonly value: string | null;
  readonly origin: 'set' | 'detected' | 'profile' | 'default' | 'none';
  readonly secret: boolean;
  /** A sentence; null where the value can be used. */
  readonly problem: string | null;
}

export type VariableType =
  | 'cidr'
  | 'address'
  /** DNS name in lower case. */
  | 'hostname'
  /** One DNS label: a Kubernetes object's name. */
  | 'name'
  /** A Linux user. */
  | 'user'
  | 'port'
  | 'number'
  /** yes or no */
  | 'flag'
  | 'choice'
  | 'version'
  /** Absolute. */
  | 'path'
  /** Kubernetes quantity: `50Gi`. */
  | 'quantity'
  | 'url'
  /** An image: `registry/name:tag`. */
  | 'image'
  /** One line of anything. */
  | 'text';

/** What there is to choose from. */
export interface SetupCatalogue {
  readonly profiles: readonly ProfileSummary[];
  readonly playbooks: readonly PlaybookSummary[];
  /** What is wrong with the person's own playbooks, with file, line and column; those are left out. */
  readonly problems: readonly string[];
}

export interface ProfileSummary {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly playbooks: readonly string[];
  /** What it takes of each role: `control-plane: 3`. */
  readonly hosts: readonly { readonly role: Role; readonly atLeast: number; readonly atMost: number | null }[];
}

export interface PlaybookSummary {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** Where it came from: null for those of the program, else the file. */
  readonly file: string | null;
  readonly steps: readonly { readonly id: string; readonly title: string; readonly risk: Risk }[];
}

/** A choice worked out: which steps on which hosts, and whether that can be done. Nothing has been asked of any host. */
export interface SetupOutline {
  /** Name of the cluster that is set up: what is kept is kept under it, and it is typed to confirm what destroys. */
  readonly cluster: string;
  readonly choice: SetupChoice;
  readonly variables: readonly SetupVariable[];
  /** What contradicts itself, in sentences: with any, nothing runs. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** In an order in which they can be done. */
  readonly steps: readonly SetupStep[];
  /** Columns of the matrix: the hosts in the order of the inventory, then `cluster` where any step is done in the cluster. */
  readonly columns: readonly string[];
}

export interface SetupStep {
  readonly id: string;
  readonly playbook: string;
  readonly title: string;
  readonly why: string;
  readonly risk: Risk;
  /** Steps of this outline that must be done before it. */
  readonly needs: readonly string[];
  /** The columns it is done in. */
  readonly on: readonly string[];
  /** It only looks and reports: there is nothing that could be done by a program. */
  readonly reportOnly: boolean;
  readonly reboots: boolean;
  readonly canUndo: boolean;
  /** What of the older guides it replaces, and why; null where it is as they had it. */
  readonly replaces: string | null;
}

/** A step on a host. */
export interface Cell {
  readonly step: string;
  readonly column: string;
  readonly state: CellState;
  /** ms since the epoch when that was seen. */
  readonly at: number;
}

export type CellState =
  /** Not looked at yet, or it could not be looked at. */
  | { readonly state: 'unknown'; readonly why: string | null }
  | { readonly state: 'checking' }
  | { readonly state: 'done'; readonly said: string | null }
  | { readonly state: 'missing'; readonly why: string | null }
  /** It was done once and is not any more. `diff`: of a file that was changed, as `diff -u` writes it. */
  | { readonly state: 'drifted'; readonly why: string | null; readonly diff: readonly string[] }
  | { readonly state: 'not-applicable'; readonly why: string }
  /** It is to be done, after those. */
  | { readonly state: 'waiting'; readonly for: string }
  /** `said`: the last line of output. */
  | { readonly state: 'running'; readonly phase: 'apply' | 'verify' | 'undo'; readonly since: number; readonly said: string | null }
  | { readonly state: 'rebooting'; readonly since: number; readonly seen: string }
  /** Somebody else is at work on that host. */
  | { readonly state: 'held'; readonly by: string; readonly since: number }
  /** A file was edited by hand since it was written from here: write it anew, or leave it? */
  | { readonly state: 'asks'; readonly question: string; readonly diff: readonly string[] }
  | { readonly state: 'failed'; readonly why: string; readonly diagnosis: StepDiagnosis | null }
  | { readonly state: 'skipped'; readonly why: string };

/** What a known line of the output means. */
export interface StepDiagnosis {
  /** Id of the failure signature. */
  readonly signature: string;
  readonly line: string;
  readonly cause: string;
  /** Id of the step that mends it; null where none does. */
  readonly step: string | null;
  /** What to do, in words. */
  readonly remedy: string | null;
}

/** The slice of a setup that is open. */
export interface Setup {
  readonly outline: SetupOutline;
  /** By `step column`. */
  readonly cells: ReadonlyMap<string, Cell>;
  /** paused: a step failed or asks; what does not need it has gone on. */
  readonly run: 'idle' | 'checking' | 'running' | 'paused' | 'stopping' | 'ended';
  /** ms since the epoch; null where nothing has run. */
  readonly startedAt: number | null;
}

export type SetupSlice = Slice<Setup>;

/** One step on one host, before it runs or after. */
export interface StepPage {
  readonly step: SetupStep;
  readonly column: string;
  readonly state: CellState;
  /** The commands with their values filled in and secrets masked. */
  readonly check: readonly string[];
  readonly apply: readonly string[];
  readonly verify: readonly string[];
  readonly undo: readonly string[];
  /** Files that it writes, rendered. */
  readonly files: readonly { readonly name: string; readonly lines: readonly string[] }[];
  /** The end of what it said when it last ran, oldest first. */
  readonly output: readonly string[];
}

/** What the person says to a cell that failed or asks. */
export type CellAnswer = 'retry' | 'skip' | 'undo' | 'overwrite';

export interface RunWish {
  /** Steps to do; null: all that are missing or drifted. Their needs are done too. */
  readonly steps: readonly string[] | null;
  /** Columns; null: all. */
  readonly columns: readonly string[] | null;
  /** Waits before each step for `next`. */
  readonly stepByStep: boolean;
  /** For risks that need it: what was typed. Destructive steps run only where it is the cluster's name. */
  readonly typed: string | null;
}

/** Guided setup as screens and commands use it. Rejections are sentences for the screen. */
export interface SetupDesk {
  catalogue(): Promise<SetupCatalogue>;
  /** What is kept of an earlier time, or else made from the nodes of the cluster in use; null where there is neither. */
  lastChoice(): Promise<SetupChoice | null>;
  outline(choice: SetupChoice): Promise<SetupOutline>;
  /** Values that the hosts tell themselves (their networks, users, GPUs), by variable. */
  detect(choice: SetupChoice): Promise<Readonly<Record<string, string>>>;
  /** Shows the choice as the slice `setup`, with everything unknown, and keeps it for the next time, unless it is only looked at. `secrets` stay in memory. */
  open(choice: SetupChoice, secrets: Readonly<Record<string, string>>, how?: { readonly keep: boolean }): Promise<void>;
  /** Looks at the cells again, all or those named; changes nothing. */
  check(cells?: readonly { readonly step: string; readonly column: string }[]): Promise<void>;
  page(step: string, column: string): Promise<StepPage>;
  /** Resolves once the run has begun; it outlives the screen. */
  run(wish: RunWish): Promise<void>;
  /** For step by step: the next one may begin. */
  next(): void;
  answer(step: string, column: string, answer: CellAnswer): Promise<void>;
  /** Takes a step back on a host. */
  undo(step: string, column: string, typed: string | null): Promise<void>;
  /** No further step begins. */
  stop(): void;
  /** The command that logs in to a column's host, to be run in the terminal. */
  shell(column: string): Promise<readonly string[]>;
  /** The whole as a shell script that a person could run by hand. */
  script(choice: SetupChoice): Promise<string>;
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
