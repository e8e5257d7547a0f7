import type { DemoStorage } from '../demo-storage.js';
import { ParseError } from '../promql/errors.js';
import { parseSelector } from '../promql/parse.js';
import { type Alert, type EvaluatedRule, evaluateRules } from '../rules.js';
import { json, type Reply } from './reply.js';

/** `/api/v2/alerts`: what Prometheus has sent, which is what fires; `filter=name="value"` and `active=false` leave out. */
export function alertmanagerAlerts(storage: DemoStorage, parameters: URLSearchParams): Reply {
  const filters = parameters.getAll('filter');
  try {
    const matchers = filters.flatMap((filter) => [...parseSelector(`{${filter}}`).matchers]);
    const now = storage.model.now();
    const alerts = evaluateRules(storage).flatMap((rule) =>
      rule.alerts.flatMap((alert) => {
        const isWanted = matchers.every(({ label, matches }) => matches(alert.labels[label] ?? ''));
        return alert.state === 'firing' && isWanted ? [sent(rule, alert, now)] : [];
      }),
    );
    return json(200, parameters.get('active') === 'false' ? [] : alerts);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return json(400, `bad matcher format: ${filters.join(',')}`);
  }
}

function sent(rule: EvaluatedRule, { labels, annotations, activeAt }: Alert, now: number): unknown {
  const sentAt = now - (now % sendEvery);
  return {
    annotations,
    // Prometheus sends again in time; one that it forgets is over four rounds later.
    endsAt: new Date((sentAt + 4 * sendEvery) * 1000).toISOString(),
    fingerprint: fingerprint(labels),
    receivers: [{ name: 'null' }],
    startsAt: new Date(Date.parse(activeAt) + rule.duration * 1000).toISOString(),
    status: { inhibitedBy: [], mutedBy: [], silencedBy: [], state: 'active' },
    updatedAt: new Date(sentAt * 1000).toISOString(),
    generatorURL: `http://prometheus-kps-prometheus-0:9090/graph?${new URLSearchParams({ 'g0.expr': rule.query, 'g0.tab': '1' })}`,
    labels,
  };
}

/** Seconds. */
const sendEvery = 60;

/** FNV-1a over names and values, as Prometheus' client library makes it. */
function fingerprint(labels: Alert['labels']): string {
  let hash = 0xcbf29ce484222325n;
  const add = (byte: number) => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  };
  for (const [name, value] of Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const part of [name, value]) {
      for (const byte of Buffer.from(part)) add(byte);
      add(0xff);
    }
  }
  return hash.toString(16).padStart(16, '0');
}
