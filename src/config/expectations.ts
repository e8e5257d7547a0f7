import { parseThresholds, type Thresholds } from './thresholds.js';

/** What a person says their cluster has and how grave they take what is wrong with it. All optional. */
export interface Expectations {
  /** Nodes that must be there. */
  readonly nodes?: readonly string[];
  /** Machines that must be reachable by SSH, by the name of their node or of the settings. */
  readonly hosts?: readonly string[];
  /** Accelerators each node must offer to the scheduler, in pieces (every slice or MIG device counts as one). */
  readonly gpus?: Readonly<Record<string, number>>;
  /** Namespaces in which pods must run. */
  readonly namespaces?: readonly string[];
  /** Scrape targets that must be up: a job or `job/instance`, `*` stands for anything. */
  readonly targets?: readonly string[];
  /** A Prometheus, a Grafana must be found; without this, none found counts as none installed. */
  readonly prometheus?: boolean;
  readonly grafana?: boolean;
  /** Findings not to report: `grafana`, or with the object `prometheus-targets:target/kube-scheduler/*` (`*` stands for anything). */
  readonly ignore?: readonly string[];
  /** How grave a check's findings are, by its id or a pattern of ids: `{ "swap-zero": "warning", "host-*": "off" }`; `off` leaves the check out. */
  readonly severity?: Readonly<Record<string, SeverityChoice>>;
  /** Numbers from which something counts as wrong; what is left out keeps its usual value. */
  readonly thresholds?: Thresholds;
}

export type SeverityChoice = (typeof severityChoices)[number];

export const severityChoices = ['critical', 'warning', 'info', 'off'] as const;

/** Reads the `expect` of a context in config.json, an object with the fields of Expectations, or says in one sentence what is wrong with it. */
export function parseExpectations(value: unknown): Expectations | string {
  if (!isRecord(value)) return 'is not an object';
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) return `has an unknown key "${unknown}" (known: ${known.join(', ')})`;
  const { nodes, hosts, gpus, namespaces, targets, prometheus, grafana, ignore, severity } = value;
  if (nodes !== undefined && !isTexts(nodes)) return 'nodes is not a list of node names';
  if (hosts !== undefined && !isTexts(hosts)) return 'hosts is not a list of names of machines';
  if (gpus !== undefined && !isCounts(gpus)) return 'gpus is not an object of node names and whole numbers';
  if (namespaces !== undefined && !isTexts(namespaces)) return 'namespaces is not a list of names';
  if (targets !== undefined && !isTexts(targets)) return 'targets is not a list of JOB or JOB/INSTANCE';
  if (prometheus !== undefined && typeof prometheus !== 'boolean') return 'prometheus is not true or false';
  if (grafana !== undefined && typeof grafana !== 'boolean') return 'grafana is not true or false';
  if (ignore !== undefined && !isTexts(ignore)) return 'ignore is not a list of check ids';
  if (severity !== undefined && !isSeverities(severity)) return `severity is not an object of check ids and one of ${severityChoices.join(', ')}`;
  const thresholds = parseThresholds(value['thresholds']);
  if (typeof thresholds === 'string') return `thresholds ${thresholds}`;
  return { nodes, hosts, gpus, namespaces, targets, prometheus, grafana, ignore, severity, thresholds };
}

const known = ['nodes', 'hosts', 'gpus', 'namespaces', 'targets', 'prometheus', 'grafana', 'ignore', 'severity', 'thresholds'];

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
}

function isCounts(value: unknown): value is Readonly<Record<string, number>> {
  return isRecord(value) && Object.values(value).every((item) => typeof item === 'number' && Number.isInteger(item) && item >= 0);
}

function isSeverities(value: unknown): value is Readonly<Record<string, SeverityChoice>> {
  return isRecord(value) && Object.values(value).every((item) => severityChoices.some((choice) => choice === item));
}
