import type { Risk } from '../state/operations.js';
import type { Role, VariableType } from '../state/setup.js';

/** A playbook as its file has it, checked. The format is `assets/runbooks/playbook.schema.json`. */
export interface Playbook {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** Playbooks of which only one can be chosen: two container runtimes. */
  readonly conflicts: readonly string[];
  readonly variables: Readonly<Record<string, VariableSpec>>;
  readonly steps: readonly StepSpec[];
  /** Null for those of the program. */
  readonly file: string | null;
}

export interface VariableSpec {
  readonly title: string;
  readonly help: string;
  readonly type: VariableType;
  readonly choices: readonly string[];
  /** As typed; null: it has to be given wherever a step uses it. */
  readonly default: string | null;
  /** Narrows the type: the whole value has to match. */
  readonly pattern: string | null;
  /** Asked for when it is needed and kept nowhere; masked wherever it would be shown. */
  readonly secret: boolean;
  /** Name of something that the hosts tell of themselves: see `detected.ts`. */
  readonly detect: string | null;
}

/** Where a step is done. cluster: once, where kubectl runs. */
export type Target = 'all' | 'first-control-plane' | 'other-control-planes' | 'cluster' | Role;

/**
 * The scripts are bash, with the functions of `assets/runbooks/prelude.sh`, and see the variables as shell variables. A check only reads: exit 0 is done, 80 drifted, 81 not applicable, 82 and 127 unknown,
 * anything else missing; the last line of what it says is the reason.
 */
export interface StepSpec {
  readonly id: string;
  readonly title: string;
  /** What it does and why, for somebody who is about to run it. */
  readonly why: string;
  /** Any of them. */
  readonly on: readonly Target[];
  /** Only where each of these variables has one of these values. */
  readonly when: Readonly<Record<string, readonly string[]>>;
  /** Ids of steps; those that are not chosen, or do not apply, are not waited for. Needs of the same host; of all hosts where the step that is needed is done elsewhere. */
  readonly needs: readonly string[];
  /** On one host at a time. */
  readonly serial: boolean;
  readonly risk: Risk;
  /** It takes effect at the next boot: the host is drained, rebooted and awaited before it is verified. */
  readonly reboots: boolean;
  /** Secrets that its apply makes for other steps, told with the prelude's `give`; kept in memory only, and made anew when one is needed. */
  readonly gives: readonly string[];
  readonly files: readonly TemplateFile[];
  readonly check: string;
  /** Null: it only reports. */
  readonly apply: string | null;
  /** Null: the check again. */
  readonly verify: string | null;
  readonly undo: string | null;
  /** How long, in ms, verify is asked again until it is done. */
  readonly patienceMs: number;
  /** How long, in ms, apply may take. */
  readonly timeoutMs: number;
  readonly replaces: string | null;
  /** Signatures that this step mends, by id. */
  readonly mends: readonly string[];
  /** The variables that its scripts, templates or `when` name, with their types: those it sees. */
  readonly variables: Readonly<Record<string, VariableType>>;
}

/** A template of `assets/manifests`, rendered with the variables into `$FILES/<name>`. */
export interface TemplateFile {
  readonly name: string;
  readonly template: string;
}

/** A named stack. */
export interface Profile {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly playbooks: readonly string[];
  /** Steps of those playbooks that it leaves out. */
  readonly without: readonly string[];
  readonly hosts: readonly { readonly role: Role; readonly atLeast: number; readonly atMost: number | null }[];
  readonly values: Readonly<Record<string, string>>;
  readonly file: string | null;
}
