import { type ReactElement, useMemo } from 'react';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { wrap } from '../../../src/text/width.js';
import { freshnessNote } from '../../widgets/freshness-note.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { facts, sectionLines } from '../../widgets/sections.js';
import { TextPage } from '../../widgets/TextPage.js';
import type { PageProps } from '../screen-props.js';
import { type AlertRow, alertRows, alertSign } from './alert-rows.js';

/** All that Prometheus says of one alert, or of a rule that it cannot evaluate. */
export function AlertDetails({ snapshot: { alerts }, now, page, width, height }: PageProps): ReactElement {
  const row = useMemo(() => (alerts.value === null ? [] : alertRows(alerts.value)).find(({ id }) => id === page.object), [alerts, page.object]);
  const inner = innerWidth(width);
  const lines = useMemo(
    () => (row === undefined ? [line(['good', '✓ '], 'This alert is over: it is neither firing nor pending any more.')] : alertLines(row, now, inner)),
    [row, now, inner],
  );
  const title = row === undefined ? 'Alert' : row.kind === 'rule' ? `Rule ${row.rule.name}` : `Alert ${row.alert.name}`;
  return <TextPage title={title} right={freshnessNote(alerts.freshness, now)} lines={lines} page={page} width={width} height={height} />;
}

function alertLines(row: AlertRow, now: number, width: number): readonly Line[] {
  if (row.kind === 'rule') {
    const { group, error } = row.rule;
    return sectionLines(
      [
        { title: 'Rule', lines: (own) => facts([['group', group]], own) },
        { title: 'Why it cannot be evaluated', lines: (own) => wrap(error, own).map((text) => line(['bad', text])) },
      ],
      [],
      width,
    );
  }
  const { state, severity, summary, activeAt, value, labels } = row.alert;
  return sectionLines(
    [
      ...(summary === null ? [] : [{ title: 'What it says', lines: (own: number) => wrap(summary, own).map((text) => line(text)) }]),
      {
        title: 'State',
        lines: (own: number) =>
          facts(
            [
              ['state', line(alertSign(row), ` ${state}`)],
              ['since', `${ageOf(activeAt, now)} ago`],
              ['severity', severity ?? line(['dim', 'not given'])],
              ['value', value === null ? line(['dim', 'not a number']) : String(Number(value.toPrecision(6)))],
            ],
            own,
          ),
      },
      { title: 'Labels', lines: (own: number) => facts([...labels], own) },
    ],
    [],
    width,
  );
}
