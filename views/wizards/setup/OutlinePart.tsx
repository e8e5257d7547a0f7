import { type ReactElement, useMemo } from 'react';
import type { SetupCatalogue, SetupOutline, SetupStep } from '../../../src/state/setup.js';
import { clean } from '../../../src/text/clean.js';
import { type Line, line } from '../../../src/text/line.js';
import { cut, fit, wrap } from '../../../src/text/width.js';
import { counted, listed } from '../../../src/text/wording.js';
import type { Action } from '../../app-state.js';
import { useKeyTarget } from '../../key-target.js';
import type { SetupKey } from '../../keys.js';
import { groupsOf } from '../../screens/setup/matrix-rows.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { scrolled } from '../../widgets/TextPage.js';
import { riskTones } from '../plan-lines.js';
import { type PartProps, turnPart } from './part-props.js';

/** What comes of the choice: what stands in its way, what to know, and every step with where it is done. Nothing has run. */
export function OutlinePart({ setup, draft, outline, page, head, width, height }: PartProps): ReactElement {
  const worked = outline.status === 'read' ? outline.value : null;
  const catalogue = setup.catalogue.status === 'read' ? setup.catalogue.value : null;
  const inner = innerWidth(width);
  const body = useMemo(() => (worked === null ? [] : outlineLines(worked, catalogue, inner)), [worked, catalogue, inner]);
  const wrong = (worked?.variables ?? []).filter(({ problem, name }) => problem !== null && draft.secrets[name] === undefined);
  // A secret can be given later as well: until then only what needs it does not run.
  const secrets = wrong.filter(({ secret }) => secret);
  const missing = wrong.length - secrets.length;
  const ready = worked !== null && worked.problems.length === 0 && missing === 0 && setup.busy === null;
  const bottom: readonly Line[] = [
    line(['dim', '─'.repeat(inner)]),
    ...(setup.problem === null
      ? []
      : wrap(setup.problem, inner - 2)
          .slice(0, 3)
          .map((text, index) => line(index === 0 ? ['bad', '✗ '] : '  ', text))),
    ...(secrets.length === 0 || !ready
      ? []
      : [
          line(
            ['warn', '! '],
            cut(`not given yet: ${listed(secrets.map(({ name }) => name))}; what needs ${secrets.length === 1 ? 'it' : 'them'} does not run before`, inner - 2),
          ),
        ]),
    closing(worked, missing, setup.busy, inner),
  ];
  const room = innerHeight(height) - bottom.length;
  const { at, furthest, found, shown: visible, searched } = scrolled(body, page, room);
  useKeyTarget({
    text: { at, total: body.length, page: room, found },
    setup: {
      places: ['draft', ...(ready ? ['draft-outline' as const] : [])],
      act: (key, app) => turnPart(key, app) ?? open(key, app.draft?.choice ?? null, setup, app.draft?.secrets ?? {}),
    },
  });
  const waiting =
    outline.status === 'failed'
      ? wrap(outline.why, inner - 2).map((text, index) => line(index === 0 ? ['bad', '✗ '] : '  ', text))
      : [line(['dim', '◌ working it out'])];
  const shown = worked === null ? waiting : visible;
  const title = worked === null ? 'Outline' : `Outline: ${counted(worked.steps.length, 'step')} on ${counted(draft.choice.hosts.length, 'host')}`;
  return (
    <Panel
      title={title}
      right={searched.length > 0 ? searched : head(title)}
      foot={furthest === 0 ? [] : line(['dim', `${at + 1}–${Math.min(body.length, at + room)} of ${body.length}`])}
      lines={[...shown, ...Array.from({ length: Math.max(0, room - shown.length) }, (): Line => []), ...bottom]}
      width={width}
      height={height}
    />
  );
}

function closing(outline: SetupOutline | null, missing: number, busy: string | null, width: number): Line {
  if (busy !== null) return line(['dim', `◌ ${busy} …`]);
  if (outline === null) return line(['dim', 'esc goes back']);
  if (outline.problems.length > 0) return line(['bad', 'cannot be done like this'], ['dim', '   esc goes back to mend it']);
  if (missing > 0) return line(['bad', `${counted(missing, 'variable')} cannot be used yet`], ['dim', '   esc goes back to them']);
  return line(['accent', 'enter'], ' opens it', ['dim', cut('   looks at every step on every host; nothing is changed', width - 14)]);
}

function outlineLines({ problems, warnings, steps, columns }: SetupOutline, catalogue: SetupCatalogue | null, width: number): readonly Line[] {
  const told = (sign: string, tone: 'bad' | 'warn', text: string) =>
    wrap(clean(text), width - 2).map((part, index) => line(index === 0 ? [tone, `${sign} `] : '  ', part));
  const groups = groupsOf(
    steps.map((step) => ({ step, states: [] })),
    catalogue,
  );
  const ids = Math.min(30, Math.max(10, ...steps.map(({ id }) => id.length)));
  const hosts = columns.filter((column) => column !== 'cluster');
  return [
    ...problems.flatMap((text) => told('✗', 'bad', text)),
    ...warnings.flatMap((text) => told('!', 'warn', text)),
    ...(problems.length + warnings.length > 0 ? [[]] : []),
    ...groups.flatMap(({ title, rows }, index) => [
      ...(index === 0 ? [] : [[]]),
      line(['title', title], ['dim', ` ${'─'.repeat(Math.max(1, width - title.length - 1))}`]),
      ...rows.map(({ step }) => stepRow(step, ids, hosts, width)),
    ]),
  ];
}

function stepRow({ id, title, risk, on }: SetupStep, ids: number, hosts: readonly string[], width: number): Line {
  const where =
    on.length > 1 && hosts.every((host) => on.includes(host))
      ? `all ${hosts.length} hosts`
      : listed(
          on.map((column) => clean(column)),
          3,
        );
  const room = width - ids - stakes - 6;
  const places = room >= 40 ? Math.max(12, Math.floor(room * 0.42)) : room;
  const named = room - places - 2;
  const name = named < 12 ? '' : `${fit(clean(title), named)}  `;
  return line('  ', fit(id, ids), '  ', ['dim', name], fit(where, places), '  ', [riskTones[risk], risk === 'safe' ? '' : risk]);
}

/** Columns of the longest risk. */
const stakes = 'needs-reboot'.length;

function open(
  key: SetupKey,
  choice: PartProps['draft']['choice'] | null,
  setup: PartProps['setup'],
  secrets: Readonly<Record<string, string>>,
): readonly Action[] {
  if (key === 'draft-open' && choice !== null && setup.busy === null) setup.open(choice, secrets);
  return [];
}
