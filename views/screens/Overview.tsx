import { Box } from 'ink';
import { type ReactElement, useMemo } from 'react';
import { line } from '../../src/text/line.js';
import { useKeyTarget } from '../key-target.js';
import { Panel } from '../widgets/Panel.js';
import { Rows } from '../widgets/Rows.js';
import { fixesOf } from './findings/finding-rows.js';
import { overviewLayout } from './overview/layout.js';
import { visitLine } from './overview/visit.js';
import type { ScreenProps } from './screen-props.js';

/** Did everything come back? The verdict, the road back, and the parts: nodes, GPUs, monitoring, workloads. */
export function Overview({ snapshot, now, width, height }: ScreenProps): ReactElement {
  const { visit } = snapshot;
  const since = useMemo(() => (visit.value === null ? [] : visitLine(visit.value, now, width - 2)), [visit, now, width]);
  const room = since.length === 0 ? height : height - 1;
  const rows = useMemo(() => overviewLayout(snapshot, now, width, room), [snapshot, now, width, room]);
  const fixes = useMemo(() => (snapshot.report.value === null ? [] : fixesOf(snapshot.report.value)), [snapshot.report]);
  const [first] = fixes;
  useKeyTarget({
    page: { kind: 'report', object: '' },
    fixes,
    ...(first === undefined ? {} : { fix: first }),
    ...(visit.value?.offer == null ? {} : { offer: visit.value.offer.fields }),
  });
  return (
    <Box flexDirection="column" width={width} height={height}>
      {rows.map((panels) => (
        <Box key={panels.map(({ frame }) => frame.title).join()} width={width} flexShrink={0}>
          {panels.map(({ frame, lines, width: own, height: rowsOf }) => (
            <Panel key={frame.title} {...frame} lines={lines} width={own} height={rowsOf} />
          ))}
        </Box>
      ))}
      {since.length === 0 ? null : <Rows lines={[line(' ', since)]} width={width} />}
    </Box>
  );
}
