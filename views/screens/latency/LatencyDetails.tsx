import { type ReactElement, useMemo, useState } from 'react';
import type { Session } from '../../../src/session.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import type { Page } from '../../app-state.js';
import { useKeyTarget } from '../../key-target.js';
import { dimmed } from '../../widgets/freshness-note.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { chartColumns, historyLines } from './history-lines.js';
import { useLatencyHistory } from './use-latency-history.js';

const minute = 60_000;
const ranges = [
  { name: '15m', ms: 15 * minute },
  { name: '1h', ms: 60 * minute },
  { name: '6h', ms: 360 * minute },
  { name: '24h', ms: 1440 * minute },
] as const;

/** One service enlarged: its quantiles over 15 minutes to a day, against the GPUs, throttling and rollouts of that time. */
export function LatencyDetails({
  snapshot: { latency },
  session,
  now,
  page,
  width,
  height,
}: {
  readonly snapshot: ClusterSnapshot;
  readonly session: Session | null;
  readonly now: number;
  readonly page: Page;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const [range, setRange] = useState(1);
  const [cursor, setCursor] = useState<number | null>(null);
  const { name, ms } = ranges[range] ?? ranges[1];
  const { history, why, isLoading } = useLatencyHistory(session, page.object, ms, now);
  const service = latency.value?.services.find(({ id }) => id === page.object);
  const inner = innerWidth(width);
  const columns = chartColumns(inner);
  // The screen may have become narrower.
  const at = cursor === null ? null : Math.min(cursor, columns - 1);

  useKeyTarget({
    chart: {
      act({ do: wish, by }) {
        if (wish === 'range') {
          setRange((current) => Math.max(0, Math.min(ranges.length - 1, current + by)));
          setCursor(null);
        } else {
          setCursor((current) => Math.max(0, Math.min(columns - 1, current === null ? columns - 1 : Math.min(current, columns - 1) + by)));
        }
      },
    },
  });

  const room = innerHeight(height);
  const lines = useMemo(() => {
    if (history === null) return why === null ? [line(['dim', `◌ asking for the last ${name}`])] : failedLines(why, inner);
    const trouble = why === null ? [] : failedLines(why, inner).slice(0, 2);
    const drawn = historyLines(history, service?.sloSeconds ?? null, at, inner, room - trouble.length);
    return [...trouble, ...(why === null && !isLoading ? drawn : drawn.map(dimmed))];
  }, [history, why, isLoading, name, service?.sloSeconds, at, inner, room]);

  return (
    <Panel
      title={`Latency of ${page.object}`}
      right={line(service?.why == null ? [] : ['warn', `${service.why}   `], isLoading && history !== null ? ['dim', '◌ '] : [], rangeNames(range))}
      lines={lines}
      width={width}
      height={height}
    />
  );
}

function rangeNames(chosen: number): Line {
  return ranges.flatMap(({ name }, index) => line(index === 0 ? '' : ' ', index === chosen ? ['accent', `[${name}]`] : ['dim', name]));
}

function failedLines(why: string, width: number): readonly Line[] {
  return wrap(why, width - 2).map((text, index) => line(index === 0 ? ['bad', '✗ '] : '  ', text));
}
