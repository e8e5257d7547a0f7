import type { ClusterEvent } from '../../../src/state/events.js';
import { whyMissing } from '../../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { age } from '../../../src/text/age.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { fit } from '../../../src/text/width.js';
import { atMost, type PanelContent } from './panel-content.js';

/** The newest warnings of the cluster's own event log. */
export function warningsPanel(snapshot: ClusterSnapshot, now: number, width: number, room: number): PanelContent {
  const events = snapshot.events.value;
  if (events === null) return { frame: { title: 'Latest warnings' }, lines: [line(['dim', whyMissing(snapshot.events) ?? ''])] };
  const warnings = [...events.values()].filter(({ type }) => type === 'Warning').sort((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0));
  const lines = warnings.slice(0, Math.max(0, room)).map((event) => warningLine(event, now, width));
  return {
    frame: { title: 'Latest warnings', right: line(['dim', warnings.length === 0 ? 'none in the last hour' : `${count(warnings.length)} in the last hour`]) },
    lines: atMost(lines, room, ''),
  };
}

function warningLine({ lastAt, object, reason, message }: ClusterEvent, now: number, width: number): Line {
  const when = fit(lastAt === null ? '' : age(lastAt, now), 6);
  const what = fit(`${object.kind.toLowerCase()}/${object.name}`, Math.min(32, Math.floor(width / 3)));
  return line(['dim', when], what, ' ', ['warn', reason], ['dim', ` ${message}`]);
}
