import { type ReactElement, useMemo } from 'react';
import type { Probe } from '../../../src/state/probes.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { seconds } from '../../../src/text/seconds.js';
import { wrap } from '../../../src/text/width.js';
import { areaChart } from '../../widgets/area-chart.js';
import { freshnessNote } from '../../widgets/freshness-note.js';
import { roundHigh, valueLabels } from '../../widgets/line-chart.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { facts, sectionLines } from '../../widgets/sections.js';
import { TextPage } from '../../widgets/TextPage.js';
import type { PageProps } from '../screen-props.js';
import { certificateCell, probeSigns } from './probe-rows.js';

/** One probe: its last round trips enlarged, what went wrong, its certificate. */
export function ProbeDetails({ snapshot: { probes }, now, page, width, height }: PageProps): ReactElement {
  const probe = probes.value?.find(({ name }) => name === page.object);
  const inner = innerWidth(width);
  const lines = useMemo(
    () => (probe === undefined ? [line(['warn', '! '], 'This is no longer asked.')] : probeLines(probe, now, inner, height >= 30 ? 12 : 6)),
    [probe, now, inner, height],
  );
  return <TextPage title={`Probe ${page.object}`} right={freshnessNote(probes.freshness, now)} lines={lines} page={page} width={width} height={height} />;
}

function probeLines(probe: Probe, now: number, width: number, rows: number): readonly Line[] {
  const { status, httpStatus, why, url, roundTripMs, history, certificateEndsAt, at } = probe;
  const known = history.filter((ms) => ms !== null);
  const lost = history.length - known.length;
  return sectionLines(
    [
      {
        title: 'Round trips from here',
        right: line(['dim', `${history.length}${lost === 0 ? '' : `, ${lost} without an answer`}`]),
        lines: (own) => (known.length === 0 ? [line(['dim', history.length === 0 ? '◌ not asked yet' : 'none was answered'])] : chart(history, own, rows)),
      },
      ...(why === null ? [] : [{ title: 'What is wrong', lines: (own: number) => wrap(why, own).map((text) => line(['bad', text])) }]),
      {
        title: 'Probe',
        lines: (own) =>
          facts(
            [
              ['state', line(probeSigns[status], ` ${status}${httpStatus === null ? '' : `, answers ${httpStatus}`}`)],
              ['address', url],
              ['last took', roundTripMs === null ? line(['dim', 'no answer']) : seconds(roundTripMs / 1000)],
              ['last asked', at === null ? line(['dim', 'not yet']) : `${ageOf(at, now)} ago`],
              [
                'certificate',
                certificateEndsAt === null
                  ? line(['dim', 'none to be seen'])
                  : line(certificateCell(probe, now), ['dim', `  until ${new Date(certificateEndsAt).toISOString().slice(0, 10)}`]),
              ],
            ],
            own,
          ),
      },
    ],
    [],
    width,
  );
}

/** Newest at the right; each round trip is as wide as the room allows. */
function chart(history: readonly (number | null)[], width: number, rows: number): readonly Line[] {
  const labels = 10;
  const columns = width - labels;
  const each = Math.max(1, Math.floor((columns * 2) / 60));
  const high = roundHigh(history);
  const drawn = areaChart(
    history.flatMap((ms) => Array.from({ length: each }, () => ms)),
    columns,
    rows,
    { high },
  );
  const values = valueLabels(rows, high, labels, (ms) => seconds(ms / 1000));
  return drawn.map((text, index) => line(values[index] ?? [], ['accent', text]));
}
