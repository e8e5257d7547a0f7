import { listAt, textAt, textsAt } from '../../../src/demo/fields.js';
import { startDemoMonitoring } from '../../../src/demo/monitoring/start.js';
import { startedAt, type TestWorld } from './world.js';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Asking {
  readonly prometheusUrl: string;
  readonly grafanaUrl: string;
  readonly alertmanagerUrl: string;
  readonly exporters: readonly { readonly job: string; readonly instance: string; readonly url: string }[];
  get(path: string): Promise<Answer>;
  /** Values of an instant query by the values of their labels, joined; the query's time is the world's now. */
  values(query: string): Promise<Map<string, number>>;
  /** The points of a range query over the last seconds, by the values of the labels. */
  chart(query: string, seconds: number, step?: number): Promise<Map<string, readonly number[]>>;
  close(): Promise<void>;
}

/** Starts the monitoring of a world and asks its Prometheus. */
export async function ask(world: TestWorld): Promise<Asking> {
  const monitoring = await startDemoMonitoring(world);
  const now = (): number => (world.now?.() ?? startedAt) / 1000;
  const get = async (path: string): Promise<Answer> => {
    const response = await fetch(monitoring.prometheusUrl + path, { redirect: 'manual' });
    const text = await response.text();
    return { status: response.status, body: response.headers.get('content-type') === 'application/json' ? JSON.parse(text) : text };
  };
  return {
    prometheusUrl: monitoring.prometheusUrl,
    grafanaUrl: monitoring.grafanaUrl,
    alertmanagerUrl: monitoring.alertmanagerUrl,
    get exporters() {
      return monitoring.exporters;
    },
    get,
    async values(query) {
      const { body } = await get(`/api/v1/query?${new URLSearchParams({ query, time: String(now()) })}`);
      return new Map(listAt(body, 'data', 'result').map((row) => [nameOf(row), Number(listAt(row, 'value')[1])]));
    },
    async chart(query, seconds, step = 15) {
      const parameters = new URLSearchParams({ query, start: String(now() - seconds), end: String(now()), step: String(step) });
      const { body } = await get(`/api/v1/query_range?${parameters}`);
      if (textAt(body, 'status') !== 'success') throw new Error(JSON.stringify(body));
      return new Map(
        listAt(body, 'data', 'result').map((row) => [
          nameOf(row),
          listAt(row, 'values').map((point) => (Array.isArray(point) ? Number(point[1]) : Number.NaN)),
        ]),
      );
    },
    close: () => monitoring.close(),
  };
}

function nameOf(row: unknown): string {
  return Object.values(textsAt(row, 'metric')).join(' ');
}
