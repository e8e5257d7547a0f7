/** A histogram of a service of one's own, one of `contexts.NAME.latency` in config.json. */
export interface LatencySource {
  /** How its kind is called on the screen. */
  readonly name: string;
  readonly namespace?: string;
  /** The histogram's name, without `_bucket`. */
  readonly metric: string;
  /** Label matchers as PromQL has them, without braces: `app="ranker"`. */
  readonly selector?: string;
  readonly unit: 'seconds' | 'milliseconds' | 'microseconds';
  /** Counters of requests and of failed ones, and a gauge of those that wait. */
  readonly requests?: string;
  readonly errors?: string;
  readonly queue?: string;
}

/** Reads the list of a context's own latency sources, or says in one sentence what is wrong with it. */
export function parseLatencySources(value: unknown): readonly LatencySource[] | string {
  if (!Array.isArray(value)) return 'is not a list';
  const sources: LatencySource[] = [];
  for (const [index, entry] of value.entries()) {
    const parsed = parseSource(entry);
    if (typeof parsed === 'string') return `entry ${index + 1} ${parsed}`;
    if (sources.some(({ name }) => name === parsed.name)) return `entry ${index + 1} has the name "${parsed.name}" of another one`;
    sources.push(parsed);
  }
  return sources;
}

/** Reads `{ NAME or namespace/name: seconds }`, the most that 95 of 100 requests may take, or says in one sentence what is wrong with it. */
export function parseSlos(value: unknown): Readonly<Record<string, number>> | string {
  if (!isRecord(value)) return 'is not an object of services and seconds';
  const slos: Record<string, number> = {};
  for (const [service, seconds] of Object.entries(value)) {
    if (!/^(?:[a-z0-9][a-z0-9-]*\/)?[^\s/]\S*$/.test(service)) return `"${service}" is not the name of a service, as NAME or namespace/name`;
    if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= 86_400)) return `${service} is not a number of seconds above 0`;
    slos[service] = seconds;
  }
  return slos;
}

const known = ['name', 'namespace', 'metric', 'selector', 'unit', 'requests', 'errors', 'queue'];
const units = ['seconds', 'milliseconds', 'microseconds'] as const;

function parseSource(entry: unknown): LatencySource | string {
  if (!isRecord(entry)) return 'is not an object';
  const unknown = Object.keys(entry).find((key) => !known.includes(key));
  if (unknown !== undefined) return `has an unknown key "${unknown}" (known: ${known.join(', ')})`;
  const { name, namespace, metric, selector, requests, errors, queue } = entry;
  const unit = units.find((candidate) => candidate === entry['unit']);
  if (typeof name !== 'string' || !/^\S.{0,40}$/.test(name)) return 'has no name of up to 40 characters';
  if (typeof metric !== 'string' || !metricForm.test(metric)) return 'has no metric: the name of a histogram, without _bucket';
  if (/_(?:bucket|sum|count)$/.test(metric)) return `has the metric ${metric}: give the histogram's name without _bucket, _sum and _count`;
  if (unit === undefined) return `has no unit: one of ${units.join(', ')}`;
  if (namespace !== undefined && !(typeof namespace === 'string' && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(namespace))) return 'has a namespace that is none';
  if (selector !== undefined && !(typeof selector === 'string' && matchersForm.test(selector))) return selectorHelp;
  for (const [key, given] of Object.entries({ requests, errors, queue })) {
    if (given !== undefined && !(typeof given === 'string' && selectorForm.test(given)))
      return `has ${key} that are no name of a metric, with label matchers in braces where needed`;
  }
  return {
    name,
    metric,
    unit,
    ...texts({ namespace, selector, requests, errors, queue }),
  };
}

function texts(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).flatMap(([key, value]) => (typeof value === 'string' && value !== '' ? [[key, value]] : [])));
}

const matcher = String.raw`[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\.)*"`;
const matchers = String.raw`\s*(?:${matcher}(?:\s*,\s*${matcher})*\s*,?)?\s*`;
const metricForm = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const matchersForm = new RegExp(`^${matchers}$`);
const selectorForm = new RegExp(String.raw`^[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{${matchers}\})?$`);
const selectorHelp = 'has a selector that is none: give label matchers without braces, such as app="ranker",path!="/health"';

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
