import { jsonAnswer } from './answers.js';
import { textAt } from './json.js';
import { createLimit, type Limit } from './limit.js';
import { MonitoringError } from './monitoring-error.js';
import { type LabelledSeries, labelSetsIn, notesIn, rangesIn, type Sample, samplesIn, type Told, textsIn } from './query-answers.js';
import { aligned, joined, type Range, sliced } from './range.js';
import { type Answer, type Query, queryText, type Road } from './road.js';

/** How a question is asked. */
export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default 20 s; the server is told to give up a little earlier. */
  readonly timeoutMs?: number;
}

/** The query API of Prometheus and its relatives. All reject with MonitoringError. No more than a few questions are under way at once, whoever asks. */
export interface Queries {
  /** At `at` (ms since the epoch, by Prometheus' clock), or at its own now. */
  query(expr: string, options?: AskOptions & { readonly at?: number }): Promise<Told<readonly Sample[]>>;
  /** On the multiples of the step within the range, in as many questions as it takes. */
  queryRange(expr: string, range: Range, options?: AskOptions): Promise<Told<readonly LabelledSeries[]>>;
  /** The label sets of the series that match any of the selectors, in the last hour or the span given. */
  series(selectors: readonly string[], options?: AskOptions & Span): Promise<Told<readonly ReadonlyMap<string, string>[]>>;
  labelNames(selectors: readonly string[], options?: AskOptions & Span): Promise<Told<readonly string[]>>;
  labelValues(label: string, selectors: readonly string[], options?: AskOptions & Span): Promise<Told<readonly string[]>>;
}

interface Span {
  readonly startAt?: number;
  readonly endAt?: number;
}

export function createQueries(road: Road, limit: Limit = createLimit(mostAtOnce)): Queries {
  const send = createSender(road);

  async function ask(path: string, parameters: Query, { signal, timeoutMs = 20_000 }: AskOptions): Promise<unknown> {
    const answer = await limit(() => send(path, parameters, timeoutMs, signal), signal);
    const body = jsonAnswer(answer, road, 'Prometheus');
    if (textAt(body, 'status') !== 'success') throw new MonitoringError('not-prometheus', `${road.name} answers, but not as Prometheus does`);
    return body;
  }

  const lists = (selectors: readonly string[], { startAt = Date.now() - hour, endAt = Date.now() }: Span): Query => ({
    'match[]': selectors,
    start: seconds(startAt),
    end: seconds(endAt),
  });

  return {
    async query(expr, options = {}) {
      const { at, timeoutMs = 20_000 } = options;
      const body = await ask('/api/v1/query', { query: expr, ...(at === undefined ? {} : { time: seconds(at) }), timeout: serverLimit(timeoutMs) }, options);
      return { value: samplesIn(body), notes: notesIn(body) };
    },
    async queryRange(expr, range, options = {}) {
      const whole = aligned(range);
      if (whole === null) return { value: [], notes: [] };
      const timeout = serverLimit(options.timeoutMs ?? 20_000);
      const bodies = await Promise.all(
        sliced(whole).map(({ startAt, endAt, stepMs }) =>
          ask('/api/v1/query_range', { query: expr, start: seconds(startAt), end: seconds(endAt), step: seconds(stepMs), timeout }, options),
        ),
      );
      return { value: joined(whole, bodies.map(rangesIn)), notes: [...new Set(bodies.flatMap(notesIn))] };
    },
    async series(selectors, options = {}) {
      const body = await ask('/api/v1/series', lists(selectors, options), options);
      return { value: labelSetsIn(body), notes: notesIn(body) };
    },
    async labelNames(selectors, options = {}) {
      const body = await ask('/api/v1/labels', lists(selectors, options), options);
      return { value: textsIn(body), notes: notesIn(body) };
    },
    async labelValues(label, selectors, options = {}) {
      const body = await ask(`/api/v1/label/${encodeURIComponent(label)}/values`, lists(selectors, options), options);
      return { value: textsIn(body), notes: notesIn(body) };
    },
  };
}

type Sender = (path: string, parameters: Query, timeoutMs: number, signal: AbortSignal | undefined) => Promise<Answer>;

/**
 * Long questions go as a form: URLs longer than 8 KB are refused by many servers. Where POST is not served, or the API server's proxy lets this user only `get`, they
 * are asked by GET after all, and so are those after them.
 */
function createSender(road: Road): Sender {
  let formsRefused = false;
  return async (path, parameters, timeoutMs, signal) => {
    const isLong = queryText(parameters).length > longQuery;
    // Label values are served by GET only.
    if (isLong && !formsRefused && !path.endsWith('/values')) {
      const answer = await road.send('POST', path, { form: parameters, timeoutMs, signal });
      if (answer.status !== 405 && answer.status !== 403 && answer.status !== 501) return answer;
      formsRefused = true;
    }
    return road.get(path, { query: parameters, timeoutMs, signal });
  };
}

/** Seconds as Prometheus takes them, for moments and steps in ms. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(3).replace(/\.?0+$/, '');
}

/** The server gives up before we do, so that it says why. */
function serverLimit(timeoutMs: number): string {
  return `${Math.max(100, Math.round(timeoutMs * 0.9))}ms`;
}

const longQuery = 2_000;
const mostAtOnce = 6;
const hour = 3_600_000;
