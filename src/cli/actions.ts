import type { Flags } from '../config/config.js';
import type { Moment } from './export-range.js';
import type { HostWord } from './setup-words.js';

/** What each command does; the command table only says what it is called and which options it takes. */
export interface Actions {
  tui(options: TuiOptions): Promise<number>;
  check(options: ConnectionOptions & CheckOptions): Promise<number>;
  nodes(options: ConnectionOptions & { output: 'text' | 'json' }): Promise<number>;
  targets(options: ConnectionOptions & { output: 'text' | 'json' }): Promise<number>;
  gpus(options: ConnectionOptions & GpusCommandOptions): Promise<number>;
  latency(options: ConnectionOptions & LatencyCommandOptions): Promise<number>;
  export(options: ConnectionOptions & ExportCommandOptions): Promise<number>;
  journal(options: JournalCommandOptions): Promise<number>;
  cleanEvicted(options: ConnectionOptions & CleanEvictedOptions): Promise<number>;
  cleanDisk(node: string, options: ConnectionOptions & CleanDiskOptions): Promise<number>;
  scale(objects: readonly string[], options: ConnectionOptions & ScaleCommandOptions): Promise<number>;
  experimentRun(file: string, options: ConnectionOptions & ExperimentRunOptions): Promise<number>;
  experimentStatus(named: string | undefined, options: ExperimentStatusOptions): Promise<number>;
  experimentStop(named: string, options: ConnectionOptions): Promise<number>;
  setupList(options: SetupListOptions): Promise<number>;
  setupShow(named: string, options: SetupShowOptions): Promise<number>;
  setupStatus(named: string | undefined, options: ConnectionOptions & SetupStatusOptions): Promise<number>;
  setupPlan(named: string, options: ConnectionOptions & SetupPlanOptions): Promise<number>;
  setupRun(named: string, options: ConnectionOptions & SetupRunOptions): Promise<number>;
  setupUndo(step: string, options: ConnectionOptions & SetupUndoOptions): Promise<number>;
  demo(options: {
    scenario: string;
    pods?: number;
    nodes?: number;
    churn?: number;
    prometheus?: string;
    kubeconfigOut?: string;
    sshConfigOut?: string;
  }): Promise<number>;
  completion(shell: 'bash' | 'zsh' | 'fish'): Promise<number>;
}

export interface ConnectionOptions extends Flags {
  readonly debug?: boolean;
}

export interface TuiOptions extends ConnectionOptions {
  readonly screen?: string;
  readonly ascii?: boolean;
}

export interface GpusCommandOptions {
  readonly output: 'text' | 'json';
  /** A saved answer of nvidia-smi to read instead of asking machines; `-` is stdin. */
  readonly nvidiaSmi?: string;
  /** Seconds between two prints; true for `--watch` alone. */
  readonly watch?: number | true;
  readonly acceptNewHostKeys?: boolean;
}

export interface LatencyCommandOptions {
  readonly output: 'text' | 'json';
  /** Seconds between two prints; true for `--watch` alone. */
  readonly watch?: number | true;
}

export interface ExportCommandOptions {
  readonly from: Moment;
  readonly to: Moment;
  /** ms */
  readonly step: number;
  readonly format: 'csv' | 'json';
  readonly service?: readonly string[];
  readonly file?: string;
  readonly resume?: boolean;
}

export interface CheckOptions {
  readonly output: 'text' | 'json' | 'junit' | 'prometheus';
  readonly outputFile?: string;
  readonly only?: string;
  /** ms */
  readonly wait?: number;
  readonly failOn: 'critical' | 'warning';
  readonly fix?: 'safe' | 'disruptive';
  readonly yes?: boolean;
  /** False for `--no-machines`. */
  readonly machines?: boolean;
}

export interface JournalCommandOptions {
  readonly output: 'text' | 'json' | 'markdown';
  /** ms */
  readonly since?: number;
  readonly context?: string;
}

export interface CleanEvictedOptions {
  readonly output: 'text' | 'json';
  readonly allNamespaces?: boolean;
  readonly reason: string;
  /** A span of time as it was typed. */
  readonly olderThan?: string;
  readonly keep?: number;
  readonly includeJobs?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly confirm?: string;
}

export interface CleanDiskOptions {
  readonly output: 'text' | 'json';
  readonly only?: readonly string[];
  readonly item?: readonly string[];
  readonly target?: string;
  readonly keepJournal?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly confirm?: string;
}

export interface ScaleCommandOptions {
  readonly output: 'text' | 'json';
  readonly replicas: number;
  readonly pinAutoscaler?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export interface ExperimentRunOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly detach?: boolean;
  readonly repeatPhase?: boolean;
}

export interface ExperimentStatusOptions {
  readonly output: 'text' | 'json';
}

export interface SetupListOptions {
  /** names: ids alone. */
  readonly output: 'text' | 'json' | 'names';
}

export interface SetupShowOptions {
  readonly output: 'text' | 'json';
}

/** What is set up where. */
export interface SetupOptions {
  /** Typed in full, or names of those that are known. */
  readonly host?: readonly HostWord[];
  /** A YAML file. */
  readonly inventory?: string;
  /** Name of the cluster, which need not be there yet. */
  readonly cluster?: string;
  readonly set?: Readonly<Record<string, string>>;
  /** Where kubectl runs. */
  readonly kubectl?: 'here' | 'first-control-plane';
  readonly acceptNewHostKeys?: boolean;
}

export interface SetupStatusOptions extends SetupOptions, SetupShowOptions {}

export interface SetupPlanOptions extends SetupOptions {
  readonly format?: 'text' | 'json' | 'script';
  readonly output?: 'text' | 'json';
  /** False for `--no-look`. */
  readonly look: boolean;
}

export interface SetupRunOptions extends SetupOptions, SetupShowOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly confirm?: string;
  readonly overwrite?: boolean;
}

export interface SetupUndoOptions extends SetupOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly confirm?: string;
}
