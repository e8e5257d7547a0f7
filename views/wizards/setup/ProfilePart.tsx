import { Box } from 'ink';
import type { ReactElement } from 'react';
import type { PlaybookSummary, ProfileSummary, SetupCatalogue } from '../../../src/state/setup.js';
import { clean } from '../../../src/text/clean.js';
import { fitLine, type Line, line } from '../../../src/text/line.js';
import { cut, wrap } from '../../../src/text/width.js';
import { counted } from '../../../src/text/wording.js';
import { type Action, type AppState, listState } from '../../app-state.js';
import { useKeyTarget } from '../../key-target.js';
import type { SetupKey } from '../../keys.js';
import { selectedIndex, windowStart } from '../../list-state.js';
import { flowing } from '../../widgets/flowing.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { wanted } from './host-problems.js';
import { type PartProps, turnPart } from './part-props.js';

const listId = 'setup-profiles';

/** The profiles, and the playbooks for those who choose themselves: what each sets up, and on which hosts. */
export function ProfilePart({ setup, draft, list: listOf, head, width, height }: PartProps): ReactElement {
  const catalogue = setup.catalogue.status === 'read' ? setup.catalogue.value : nothing;
  const ids = [...catalogue.profiles.map(({ id }) => `profile ${id}`), ...catalogue.playbooks.map(({ id }) => `playbook ${id}`)];
  const list = preselected(listOf(listId), draft.choice.profile);
  const selected = selectedIndex(list, ids);
  const isWide = width >= 90;
  const left = isWide ? 42 : width;
  const top = isWide ? height : Math.min(catalogue.profiles.length + 5, Math.floor(height * 0.46));
  const room = innerHeight(top);
  useKeyTarget({
    list: { id: listId, ids, page: room, sorts: [], whole: true },
    setup: {
      places: ['draft', 'draft-onward', 'draft-profiles', ...(ids[selected]?.startsWith('playbook ') === true ? ['draft-ticks' as const] : [])],
      act: (key, app) => turn(key, app) ?? choose(key, app, ids, catalogue),
    },
  });
  const rows = entryRows(catalogue, draft.choice.profile, draft.choice.playbooks, ids[selected] ?? '', innerWidth(left));
  const at = rows.findIndex(({ current }) => current);
  const start = windowStart(0, Math.max(0, at), room, rows.length);
  const about = aboutEntry(catalogue, ids[selected] ?? '', innerWidth(isWide ? width - left : width), innerHeight(isWide ? height : height - top));
  const trouble =
    setup.catalogue.status === 'read' ? [] : [line(['dim', setup.catalogue.status === 'loading' ? '◌ reading the playbooks' : setup.catalogue.why])];
  return (
    <Box width={width} height={height} flexDirection={isWide ? 'row' : 'column'}>
      <Panel
        title="What to set up"
        right={head('What to set up')}
        lines={[...trouble, ...rows.slice(start, start + room).map(({ row }) => row)]}
        width={left}
        height={top}
        focused={isWide}
      />
      <Panel
        title={about.title}
        lines={about.lines}
        foot={about.lines.length > innerHeight(isWide ? height : height - top) ? line(['dim', '…']) : []}
        width={isWide ? width - left : width}
        height={isWide ? height : height - top}
      />
    </Box>
  );
}

const nothing: SetupCatalogue = { profiles: [], playbooks: [], problems: [] };

/** Where nobody has moved yet, the profile that was chosen before. */
function preselected<State extends { readonly selected: string | null }>(list: State, profile: string | null): State {
  return list.selected === null && profile !== null ? { ...list, selected: `profile ${profile}` } : list;
}

interface EntryRow {
  readonly row: Line;
  readonly current: boolean;
}

function entryRows(
  { profiles, playbooks }: SetupCatalogue,
  profile: string | null,
  ticked: readonly string[],
  selected: string,
  width: number,
): readonly EntryRow[] {
  const entry = (id: string, sign: Line, text: string, note: string): EntryRow => {
    const current = id === selected;
    const shown = `${cut(clean(text), width - 4 - note.length)}`;
    const gap = ' '.repeat(Math.max(1, width - 4 - shown.length - note.length));
    if (current) return { current, row: [{ text: `▸ ${sign.map((one) => one.text).join('')}${shown}${gap}${note}`, tone: 'selected' }] };
    return { current, row: fitLine(line('  ', sign, shown, gap, ['dim', note]), width) };
  };
  const tick = (on: boolean): Line => line(on ? ['good', '✓ '] : '  ');
  return [
    ...profiles.map(({ id, hosts }) => entry(`profile ${id}`, tick(id === profile), id, hostsNote(hosts))),
    { current: false, row: [] },
    { current: false, row: line(['dim', 'or single playbooks, ticked with space']) },
    ...playbooks.map(({ id, steps }) => entry(`playbook ${id}`, ticked.includes(id) ? tick(true) : line(['dim', '· ']), id, counted(steps.length, 'step'))),
  ];
}

function hostsNote(hosts: ProfileSummary['hosts']): string {
  const least = hosts.filter(({ role }) => role !== 'gpu' || hosts.length === 1).reduce((sum, { atLeast }) => sum + atLeast, 0);
  return least <= 1 ? '' : `${least}+ hosts`;
}

function aboutEntry(catalogue: SetupCatalogue, id: string, width: number, room: number): { readonly title: string; readonly lines: readonly Line[] } {
  const [kind = '', name = ''] = id.split(' ');
  const profile = kind === 'profile' ? catalogue.profiles.find((one) => one.id === name) : undefined;
  if (profile !== undefined) return { title: clean(profile.title), lines: profileLines(profile, catalogue, width, room) };
  const playbook = catalogue.playbooks.find((one) => one.id === name);
  return playbook === undefined ? { title: '', lines: [] } : { title: clean(playbook.title), lines: playbookLines(playbook, width, room) };
}

function profileLines({ about, hosts, playbooks }: ProfileSummary, catalogue: SetupCatalogue, width: number, room: number): readonly Line[] {
  const known = playbooks.map((id) => catalogue.playbooks.find((one) => one.id === id) ?? { id, title: id, steps: [] });
  const steps = known.reduce((sum, one) => sum + one.steps.length, 0);
  const said = wrap(clean(about), width).map((text) => line(text));
  const heading = line(['title', 'Playbooks'], ['dim', `  ${counted(steps, 'step')}`]);
  const full = [
    ...said,
    [],
    line(['title', 'Hosts']),
    ...(hosts.length === 0
      ? [line(['dim', '  none: kubectl does it all from here'])]
      : hosts.map(({ role, atLeast, atMost }) => line(`  ${role}`.padEnd(18), ['dim', wanted(atLeast, atMost)]))),
    [],
    heading,
    ...known.map(({ title, steps: own }) => fitLine(line(['accent', '  › '], cut(clean(title), width - 14), ['dim', `  ${own.length}`]), width)),
  ];
  if (full.length <= room) return full;
  // Where there is little room, all of it in a few rows rather than some of it in many.
  const needs =
    hosts.length === 0
      ? [line(['dim', 'none: kubectl does it all from here'])]
      : hosts.map(({ role, atLeast, atMost }) => line(`${wanted(atLeast, atMost)} as `, ['strong', role]));
  const names = known.map(({ title, steps: own }) => line(['accent', '› '], clean(title), ['dim', ` ${own.length}`]));
  return [...said, [], line(['title', 'Hosts']), ...flowing(needs, width), [], heading, ...flowing(names, width, '  ')];
}

function playbookLines({ about, steps, file }: PlaybookSummary, width: number, room: number): readonly Line[] {
  const top = [
    ...wrap(clean(about), width).map((text) => line(text)),
    ...(file === null ? [] : wrap(`yours: ${clean(file)}`, width).map((text) => line(['dim', text]))),
    [],
  ];
  const each = steps.map(({ title, risk }) =>
    fitLine(line(['accent', '  › '], cut(clean(title), width - 18), ['dim', risk === 'safe' ? '' : `  ${risk}`]), width),
  );
  if (top.length + each.length < room) return [...top, line(['title', 'Steps']), ...each];
  const names = steps.map(({ id }) => line(['accent', '› '], clean(id)));
  return [...top, line(['title', 'Steps'], ['dim', `  ${steps.length}`]), ...flowing(names, width, '  ')];
}

function turn(key: SetupKey, app: AppState): readonly Action[] | null {
  const { choice } = app.draft ?? {};
  if (key === 'draft-next' && choice?.profile === null && choice.playbooks.length === 0)
    return [{ type: 'notice', notice: { text: 'choose a profile first: enter takes the one under the cursor', tone: 'plain' } }];
  return turnPart(key, app);
}

function choose(key: SetupKey, app: AppState, ids: readonly string[], { profiles }: SetupCatalogue): readonly Action[] {
  const [kind, id = ''] = (ids[selectedIndex(preselected(listState(app, listId), app.draft?.choice.profile ?? null), ids)] ?? '').split(' ');
  const onward: Action = { type: 'draft', change: { do: 'turn', by: 1 } };
  if (kind === 'profile')
    return key === 'draft-pick'
      ? [{ type: 'draft', change: { do: 'profile', profile: id, hostless: profiles.some((one) => one.id === id && one.hosts.length === 0) } }, onward]
      : [];
  const ticked = app.draft?.choice.playbooks.includes(id) === true;
  const tick: Action = { type: 'draft', change: { do: 'playbook', playbook: id } };
  if (key === 'draft-tick') return [tick];
  return key === 'draft-pick' ? (ticked ? [onward] : [tick, onward]) : [];
}
