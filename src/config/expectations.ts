/** What a person says their cluster has, so that something that vanished without a trace is still missed. All optional. */
export interface Expectations {
  /** Nodes that must be there. */
  readonly nodes?: readonly string[];
  /** Accelerators each node must offer to the scheduler, in pieces (every slice or MIG device counts as one). */
  readonly gpus?: Readonly<Record<string, number>>;
  /** A Prometheus, a Grafana must be found; without this, none found counts as none installed. */
  readonly prometheus?: boolean;
  readonly grafana?: boolean;
  /** Findings not to report: `grafana`, or with the object `prometheus-targets:target/kube-scheduler/*` (`*` stands for anything). */
  readonly ignore?: readonly string[];
}

/** Reads `{ nodes?: string[], gpus?: { NODE: number }, prometheus?: boolean, grafana?: boolean, ignore?: string[] }`, or says in one sentence what is wrong with it. */
export function parseExpectations(value: unknown): Expectations | string {
  if (!isRecord(value)) return 'is not an object';
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) return `has an unknown key "${unknown}" (known: ${known.join(', ')})`;
  const { nodes, gpus, prometheus, grafana, ignore } = value;
  if (nodes !== undefined && !isTexts(nodes)) return 'nodes is not a list of node names';
  if (gpus !== undefined && !isCounts(gpus)) return 'gpus is not an object of node names and whole numbers';
  if (prometheus !== undefined && typeof prometheus !== 'boolean') return 'prometheus is not true or false';
  if (grafana !== undefined && typeof grafana !== 'boolean') return 'grafana is not true or false';
  if (ignore !== undefined && !isTexts(ignore)) return 'ignore is not a list of check ids';
  return { nodes, gpus, prometheus, grafana, ignore };
}

const known = ['nodes', 'gpus', 'prometheus', 'grafana', 'ignore'];

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isCounts(value: unknown): value is Readonly<Record<string, number>> {
  return isRecord(value) && Object.values(value).every((item) => typeof item === 'number' && Number.isInteger(item) && item >= 0);
}
