import type { Alert, Alerts } from '../state/alerts.js';
import { clean } from '../text/clean.js';
import { jsonAnswer } from './answers.js';
import { isRecord, type JsonRecord, listAt, recordAt, textAt } from './json.js';
import { notesIn, numberIn } from './query-answers.js';
import type { Road } from './road.js';

/**
 * What `GET /api/v1/rules` says: `data.groups[].rules[]` of type `alerting` (with their alerts) and `recording`. Relatives without rules answer with no groups.
 * Firing alerts come first, then pending ones, the oldest first.
 */
export function parseRules(body: unknown): Alerts {
  const rules = listAt(recordAt(body, 'data'), 'groups').flatMap((group) =>
    listAt(group, 'rules').flatMap((rule) => (isRecord(rule) ? [{ group: clean(textAt(group, 'name') ?? '', 200), rule }] : [])),
  );
  const brokenRules = rules.flatMap(({ group, rule }) => {
    if (textAt(rule, 'health') !== 'err') return [];
    return [{ group, name: clean(textAt(rule, 'name') ?? '', 200), error: clean(textAt(rule, 'lastError') ?? 'no reason given', 1000) }];
  });
  const alerts = rules.flatMap(({ rule }) => listAt(rule, 'alerts').flatMap((alert) => (isRecord(alert) ? (alertIn(alert) ?? []) : [])));
  return { alerts: alerts.sort(mostPressing), brokenRules, rules: rules.length, notes: notesIn(body) };
}

/** Names of the groups of rules that a Prometheus has loaded. Rejects with MonitoringError. */
export async function ruleGroupsIn({ road }: { readonly road: Road }, signal?: AbortSignal): Promise<readonly string[]> {
  const body = jsonAnswer(await road.get('/api/v1/rules', { signal }), road, 'Prometheus');
  return listAt(recordAt(body, 'data'), 'groups').flatMap((group) => clean(textAt(group, 'name') ?? '', 200) || []);
}

/** `{labels, annotations, state, activeAt, value:"2.5e+01"}`; null for the state `inactive` and for anything else. */
function alertIn(raw: JsonRecord): Alert | null {
  const state = textAt(raw, 'state');
  if (state !== 'firing' && state !== 'pending') return null;
  const labels = new Map(
    Object.entries(recordAt(raw, 'labels') ?? {}).flatMap(([name, value]) =>
      typeof value === 'string' ? [[clean(name, 200), clean(value, 500)] as const] : [],
    ),
  );
  const annotations = recordAt(raw, 'annotations');
  const summary = textAt(annotations, 'summary') ?? textAt(annotations, 'message') ?? textAt(annotations, 'description');
  const activeAt = Date.parse(textAt(raw, 'activeAt') ?? '');
  return {
    name: labels.get('alertname') ?? '',
    state,
    severity: labels.get('severity') ?? null,
    labels,
    summary: summary === null ? null : clean(summary, 1000),
    activeAt: Number.isNaN(activeAt) || activeAt <= 0 ? null : activeAt,
    value: numberIn(raw['value']),
  };
}

function mostPressing(a: Alert, b: Alert): number {
  if (a.state !== b.state) return a.state === 'firing' ? -1 : 1;
  return (a.activeAt ?? Number.POSITIVE_INFINITY) - (b.activeAt ?? Number.POSITIVE_INFINITY) || (a.name < b.name ? -1 : 1);
}
