import { type ReactElement, useMemo } from 'react';
import type { Cause, CheckReport, Finding } from '../../../src/state/report.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { freshnessNote } from '../../widgets/freshness-note.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { type Section, sectionLines } from '../../widgets/sections.js';
import { TextPage } from '../../widgets/TextPage.js';
import { signs } from '../overview/panel-content.js';
import type { PageProps } from '../screen-props.js';
import { findingId } from './finding-rows.js';

/** One finding whole: what, why, the evidence, what mends it, and what it hangs together with. */
export function FindingDetails({ snapshot: { report }, now, page, width, height }: PageProps): ReactElement {
  const finding = report.value?.findings.find((one) => findingId(one) === page.object);
  const inner = innerWidth(width);
  const lines = useMemo(
    () => (finding === undefined || report.value === null ? [line(['good', '✓ '], 'This is not found any more.')] : findingLines(finding, report.value, inner)),
    [finding, report, inner],
  );
  const object = finding === undefined || !/^(node|pod|daemonset|deployment|statefulset)\//.test(finding.object) ? undefined : finding.object;
  return (
    <TextPage
      title={page.object}
      right={freshnessNote(report.freshness, now)}
      lines={lines}
      page={page}
      {...(object === undefined ? {} : { object })}
      {...(finding?.fix?.operation === undefined ? {} : { fix: finding.fix.operation })}
      width={width}
      height={height}
    />
  );
}

function findingLines(finding: Finding, { causes }: CheckReport, width: number): readonly Line[] {
  const { status, severity, message, evidence = [], fix } = finding;
  const own = causes.find((cause) => cause.finding === finding);
  const root = causes.find(({ follows }) => follows.includes(finding));
  const sections: Section[] = [
    {
      title: 'What',
      right: line(['dim', `${status}, ${severity}`]),
      lines: (room) => wrap(message, room - 2).map((text, index) => line(index === 0 ? signs[status] : ' ', ' ', ['strong', text])),
    },
    ...(root === undefined ? [] : [{ title: 'Because of', lines: (room: number) => messageLines([root.finding], room) }]),
    ...(evidence.length === 0
      ? []
      : [
          {
            title: 'Seen',
            lines: (room: number) => evidence.flatMap(({ source, text }) => [line(['dim', source]), ...wrap(text, room - 2).map((part) => line('  ', part))]),
          },
        ]),
    ...(fix === null
      ? []
      : [
          {
            title: 'Fix',
            ...(fix.operation === undefined ? {} : { right: line(['accent', 'f'], ' does it from here') }),
            lines: (room: number) => [
              ...wrap(fix.summary, room).map((text) => line(text)),
              ...(fix.command === null ? [] : wrap(fix.command, room - 2).map((text) => line('  ', ['accent', text]))),
            ],
          },
        ]),
    ...(own === undefined || own.follows.length === 0 ? [] : [followsSection(own)]),
  ];
  return sectionLines(sections, [], width);
}

function followsSection({ follows }: Cause): Section {
  return { title: 'Follows from it', right: line(['dim', count(follows.length)]), lines: (room) => messageLines(follows, room) };
}

function messageLines(findings: readonly Finding[], width: number): readonly Line[] {
  return findings.flatMap(({ status, message }) => wrap(message, width - 2).map((text, index) => line(index === 0 ? signs[status] : ' ', ' ', text)));
}
