import type { Alert, Alerts } from '../../../src/state/alerts.js';
import { type Line, line, type Tone } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { wrap } from '../../../src/text/width.js';
import type { Column } from '../../widgets/list-layout.js';

/** A row of the alerts: an alert, or a rule that cannot be evaluated and so can raise none. */
export type AlertRow =
  | { readonly kind: 'alert'; readonly id: string; readonly alert: Alert }
  | { readonly kind: 'rule'; readonly id: string; readonly rule: Alerts['brokenRules'][number] };

/** Firing alerts, then rules in error, then pending ones; those that always fire, to show that alerts work at all, last. */
export function alertRows({ alerts, brokenRules }: Alerts): readonly AlertRow[] {
  const rows = alerts.map((alert): AlertRow => ({ kind: 'alert', id: alertId(alert), alert }));
  const rules = brokenRules.map((rule): AlertRow => ({ kind: 'rule', id: `rule ${rule.group} ${rule.name}`, rule }));
  return [...rows, ...rules].sort((a, b) => rank(a) - rank(b));
}

/** How many alerts fire, without those that always do. */
export function firing({ alerts }: Alerts): readonly Alert[] {
  return alerts.filter((alert) => alert.state === 'firing' && !isProofOfLife(alert));
}

/** Identity of an alert: its name and labels. */
function alertId({ name, labels }: Alert): string {
  return [name, ...[...labels].map(([key, value]) => `${key}=${value}`)].join(' ');
}

/** kube-prometheus' Watchdog and InfoInhibitor, which have the severity none. */
function isProofOfLife({ severity }: Alert): boolean {
  return severity === 'none';
}

function rank(row: AlertRow): number {
  if (row.kind === 'rule') return 1;
  if (isProofOfLife(row.alert)) return 3;
  return row.alert.state === 'firing' ? 0 : 2;
}

function alertTone(row: AlertRow): Tone {
  if (row.kind === 'rule') return 'warn';
  const { alert } = row;
  if (isProofOfLife(alert)) return 'dim';
  if (alert.state === 'pending') return 'warn';
  return /^(?:info|warning|warn|low|minor)$/i.test(alert.severity ?? '') ? 'warn' : 'bad';
}

export function alertSign(row: AlertRow): Line {
  const tone = alertTone(row);
  return line([tone, tone === 'bad' ? '✗' : tone === 'warn' ? '!' : '·']);
}

export const alertColumns: readonly Column<AlertRow>[] = [
  {
    id: 'state',
    title: 'STATE',
    sortKey: 'T',
    cell: (row) => line([alertTone(row), row.kind === 'rule' ? 'broken' : row.alert.state]),
    sortValue: (row) => rank(row),
  },
  { id: 'alert', title: 'ALERT', least: 14, most: 44, sortKey: 'A', cell: (row) => line(nameOf(row)), sortValue: nameOf },
  {
    id: 'severity',
    title: 'SEVERITY',
    most: 12,
    from: 90,
    sortKey: 'V',
    cell: (row) => line(['dim', row.kind === 'rule' ? '–' : (row.alert.severity ?? '–')]),
    sortValue: (row) => (row.kind === 'rule' ? null : row.alert.severity),
  },
  {
    id: 'age',
    title: 'SINCE',
    align: 'right',
    sortKey: 'S',
    cell: (row, now) => line(row.kind === 'rule' ? ['dim', '–'] : ageOf(row.alert.activeAt, now)),
    sortValue: (row) => (row.kind === 'rule' ? null : row.alert.activeAt),
  },
  {
    id: 'labels',
    title: 'LABELS',
    least: 12,
    most: 200,
    grow: true,
    cell: (row) => line(row.kind === 'rule' ? ['bad', row.rule.error] : labelText(row.alert)),
  },
];

function nameOf(row: AlertRow): string {
  return row.kind === 'rule' ? row.rule.name : row.alert.name;
}

/** Its labels without those that stand in columns of their own. */
function labelText({ labels }: Alert): string {
  return [...labels]
    .filter(([key]) => key !== 'alertname' && key !== 'severity')
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

/** What the selected alert says, below the table. */
export function aboutAlert(row: AlertRow, width: number): readonly Line[] {
  const said = row.kind === 'rule' ? `${row.rule.group}: ${row.rule.error}` : row.alert.summary;
  if (said === null) return [];
  return [
    line(['dim', '─'.repeat(width)]),
    ...wrap(said, width)
      .slice(0, 2)
      .map((text) => line(row.kind === 'rule' ? ['bad', text] : text)),
  ];
}

export function alertText(row: AlertRow): string {
  return row.kind === 'rule'
    ? `broken rule ${row.rule.group} ${row.rule.name} ${row.rule.error}`
    : [row.alert.state, row.alert.severity ?? '', row.alert.summary ?? '', row.id].join(' ');
}

/** `1 firing · 2 pending · 1 rule broken`, and of how many rules where there is room. */
export function alertTotals(value: Alerts, withRules: boolean): Line {
  const fire = firing(value).length;
  const pending = value.alerts.filter(({ state }) => state === 'pending').length;
  const broken = value.brokenRules.length;
  return line(
    fire === 0 ? ['good', 'none firing'] : ['bad', `${fire} firing`],
    pending === 0 ? '' : ['warn', ` · ${pending} pending`],
    broken === 0 ? '' : ['warn', ` · ${broken} ${broken === 1 ? 'rule' : 'rules'} broken`],
    withRules ? ['dim', ` · ${value.rules} rules`] : '',
  );
}
