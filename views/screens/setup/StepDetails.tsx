import { type ReactElement, useMemo } from 'react';
import type { Setup, SetupStep } from '../../../src/state/setup.js';
import { clean } from '../../../src/text/clean.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import type { Action } from '../../app-state.js';
import type { SetupKey } from '../../keys.js';
import { freshnessNote } from '../../widgets/freshness-note.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { sectionLines } from '../../widgets/sections.js';
import { TextPage } from '../../widgets/TextPage.js';
import type { SetupControl } from '../../wizards/setup/use-setup.js';
import { useStepPage } from '../../wizards/setup/use-step-pages.js';
import type { PageProps } from '../screen-props.js';
import { actOnCell, cellPlaces } from './cell-keys.js';
import { beside, cellKey, playbookTitle, usedColumns } from './matrix-rows.js';
import { columnDial, useSpinner } from './SetupMatrix.js';
import { aboutSections, scriptSections, stateSections } from './step-sections.js';

const twoColumnsFrom = 110;

/** A step on one host: how it stands and why, what it does, exactly what runs, and what it said. */
export function StepDetails({ snapshot, setup, now, page, width, height }: PageProps & { readonly setup: SetupControl }): ReactElement {
  const [id = '', ...rest] = page.object.split(' ');
  const column = rest.join(' ');
  const open = snapshot.setup.value;
  const step = open?.outline.steps.find((one) => one.id === id) ?? null;
  const cell = open?.cells.get(cellKey(id, column)) ?? null;
  const read = useStepPage(setup.desk, id, column, cell);
  const state = cell?.state ?? (read.status === 'read' ? read.value.state : unseen);
  const spinning = useSpinner(state.state === 'running' || state.state === 'checking');
  const catalogue = setup.catalogue.status === 'read' ? setup.catalogue.value : null;
  const inner = innerWidth(width);
  const lines = useMemo(() => {
    if (step === null) return [line(['warn', '! '], `The setup that is open has no step ${clean(id)}.`)];
    const known = { step, state, at: cell?.at ?? null, playbook: playbookTitle(step.playbook, catalogue) };
    const scripts = read.status === 'read' ? scriptSections(read.value, step.reportOnly) : [];
    const waiting: readonly Line[] =
      read.status === 'loading'
        ? [[], line(['dim', '◌ filling the values in'])]
        : read.status === 'failed'
          ? [[], ...wrap(read.why, inner - 2).map((text) => line(['bad', '✗ '], text))]
          : [];
    const top = inner < twoColumnsFrom ? [...stateSections(known, now, spinning), ...aboutSections(known)] : [];
    const head = top.length > 0 ? sectionLines(top, [], inner) : sectionLines(stateSections(known, now, spinning), aboutSections(known), inner);
    return [...head, ...waiting, ...(scripts.length === 0 ? [] : [[], ...sectionLines(scripts, [], inner)])];
  }, [step, id, state, cell, read, catalogue, now, spinning, inner]);
  return (
    <TextPage
      title={step === null ? id : `${step.id} on ${clean(column)}: ${clean(step.title)}`}
      right={freshnessNote(snapshot.setup.freshness, now)}
      lines={lines}
      page={page}
      {...(step === null || open === null
        ? {}
        : {
            setup: { places: ['cell-page' as const, ...cellPlaces(step, column, state, false)], act: (key: SetupKey) => act(key, open, step, column, setup) },
          })}
      {...(read.status === 'read' ? { copy: `${read.value.apply.join('\n')}\n` } : {})}
      width={width}
      height={height}
    />
  );
}

const unseen = { state: 'unknown', why: null } as const;

/** To the same step on the host beside it, else what any cell's keys do. */
function act(key: SetupKey, open: Setup, step: SetupStep, column: string, setup: SetupControl): readonly Action[] {
  if (key !== 'cell-left' && key !== 'cell-right') return actOnCell(key, step, column, open.cells.get(cellKey(step.id, column))?.state ?? null, setup);
  const columns = usedColumns(open.outline);
  const next = beside(step, columns, column, key === 'cell-left' ? -1 : 1);
  if (next === column) return [];
  // The cursor of the matrix goes along.
  return [
    { type: 'set-dial', dial: columnDial, to: columns.indexOf(next) },
    { type: 'replace', page: { kind: 'setup-step', object: `${step.id} ${next}` } },
  ];
}
