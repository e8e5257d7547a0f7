import type { ClusterEvent } from '../../../src/state/events.js';
import { whyMissing } from '../../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { age } from '../../../src/text/age.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { fit } from '../../../src/text/width.js';
import type { PanelContent } from './panel-content.js';

/** The cluster's own event log, newest first: its warnings, and below them, while there is room, what went well. */
export function eventsPanel(snapshot: ClusterSnapshot, now: number, width: number, room: number): PanelContent {
  const events = snapshot.events.value;
  if (events === null) return { frame: { title: 'Events' }, lines: [line(['dim', whyMissing(snapshot.events) ?? ''])] };
  const newest = [...events.values()].sort((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0));
  const warnings = newest.filter(({ type }) => type === 'Warning');
  const shown = [...warnings, ...newest.filter(({ type }) => type === 'Normal')].slice(0, Math.max(0, room));
  const right = line([
    warnings.length === 0 ? 'dim' : 'warn',
    warnings.length === 0 ? 'no warnings' : `${count(warnings.length)} warning${warnings.length === 1 ? '' : 's'}`,
  ]);
  return { frame: { title: 'Events', right }, lines: shown.map((event) => eventLine(event, now, width)) };
}

function eventLine({ type, lastAt, object, reason, message }: ClusterEvent, now: number, width: number): Line {
  const when = fit(lastAt === null ? '' : age(lastAt, now), 6);
  const what = fit(`${object.kind.toLowerCase()}/${object.name}`, Math.min(32, Math.floor(width / 3)));
  return line(['dim', when], what, ' ', [type === 'Warning' ? 'warn' : 'plain', reason], ['dim', ` ${message}`]);
}
