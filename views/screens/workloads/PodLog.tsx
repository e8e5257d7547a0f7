import { type ReactElement, useMemo } from 'react';
import type { LogLine, Session } from '../../../src/session.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { type Line, line } from '../../../src/text/line.js';
import { clockTime } from '../../../src/text/moment.js';
import { wrap } from '../../../src/text/width.js';
import type { Page } from '../../app-state.js';
import { type PodLogState, usePodLog } from '../../hooks/use-pod-log.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { TextPage } from '../../widgets/TextPage.js';

/** The end of a container's log, newest line first: what it said last is what is asked for. */
export function PodLog({
  snapshot: { pods },
  session,
  page,
  width,
  height,
}: {
  readonly snapshot: ClusterSnapshot;
  readonly session: Session | null;
  readonly page: Page;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const [namespace = '', name = '', container = ''] = page.object.split('/');
  const pod = pods.value?.get(`${namespace}/${name}`);
  const restarts = pod?.containers.find((one) => one.name === container)?.restarts ?? 0;
  const log = usePodLog(session, page.object, restarts > 0);
  const inner = innerWidth(width);
  const lines = useMemo(() => linesOf(log, restarts, inner), [log, restarts, inner]);
  const right = line(['dim', log.status === 'read' ? `newest first${restarts > 0 ? `, ${restarts} restarts` : ''}` : '']);
  return (
    <TextPage title={`Log of ${name} ${container}`} right={right} lines={lines} page={page} object={`pod/${namespace}/${name}`} width={width} height={height} />
  );
}

function linesOf(log: PodLogState, restarts: number, width: number): readonly Line[] {
  switch (log.status) {
    case 'loading':
      return [line(['dim', '◌ reading it from its node'])];
    case 'failed':
      return wrap(log.why, width - 2).map((row, index) => line(index === 0 ? ['bad', '✗ '] : '  ', row));
    case 'read':
      return [
        ...(log.lines.length === 0 ? [line(['dim', 'it has said nothing'])] : rowsOf(log.lines, width)),
        ...(log.before.length === 0 ? [] : [[], line(['title', `Before its last restart (of ${restarts})`]), ...rowsOf(log.before, width)]),
      ];
  }
}

function rowsOf(lines: readonly LogLine[], width: number): readonly Line[] {
  return [...lines].reverse().flatMap(({ at, text }) => {
    const stamp = at === null ? '' : `${clockTime(at)} `;
    return wrap(text === '' ? ' ' : text, Math.max(20, width - stamp.length)).map((part, index) =>
      line(['dim', index === 0 ? stamp : ' '.repeat(stamp.length)], part),
    );
  });
}
