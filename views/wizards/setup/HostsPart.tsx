import type { ReactElement } from 'react';
import type { SetupHost } from '../../../src/state/setup.js';
import { clean } from '../../../src/text/clean.js';
import { fitLine, type Line, line } from '../../../src/text/line.js';
import { fit, pad, wrap } from '../../../src/text/width.js';
import { type Action, type AppState, listState, type Typing } from '../../app-state.js';
import { inputLine } from '../../frame/footer-line.js';
import { useKeyTarget } from '../../key-target.js';
import type { SetupKey } from '../../keys.js';
import { selectedIndex, windowStart } from '../../list-state.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { changeChoice, roles } from './draft.js';
import { fieldChange, hostField } from './fields.js';
import { hostProblem, profileProblems, wanted } from './host-problems.js';
import { type PartProps, turnPart } from './part-props.js';

const listId = 'setup-hosts';
const fieldDial = 'setup-field';
const fields = 2 + roles.length;

/** The machines: a row each, with name, address and a tick for each role. */
export function HostsPart({ setup, draft, typing, list: listOf, dial, head, width, height }: PartProps): ReactElement {
  const { choice } = draft;
  const change = typing?.into === 'field' ? fieldChange(typing.field, typing.input.text, false) : null;
  const hosts = change === null ? choice.hosts : changeChoice(choice, change).hosts;
  const ids = rowIds(choice.hosts);
  const selected = ids[selectedIndex(listOf(listId), ids)] ?? 'new';
  const field = dial(fieldDial) % fields;
  const profile = setup.catalogue.status === 'read' ? (setup.catalogue.value.profiles.find(({ id }) => id === choice.profile) ?? null) : null;
  const inner = innerWidth(width);
  useKeyTarget({
    list: { id: listId, ids, page: innerHeight(height) - 8, sorts: [], whole: true },
    setup: {
      places: [
        'draft',
        'draft-onward',
        'draft-fields',
        selected === 'seat' ? 'draft-seat' : 'draft-hosts',
        ...(selected === 'new' ? [] : ['draft-ticks' as const]),
      ],
      act: (key, app) => turnPart(key, app) ?? act(key, app),
      entered,
    },
  });

  const ticksWidth = roles.reduce((sum, { title }) => sum + title.length + 1, 0);
  const nameWidth = Math.min(28, Math.max(16, Math.floor((inner - ticksWidth - 6) / 2)));
  const table = { name: nameWidth, address: nameWidth, inner, field, selected, typing };
  const problems = [...hosts.flatMap((_, index) => problemOf(hosts, index)), ...profileProblems(hosts, profile)];
  const problemLines = problems.slice(0, 4).flatMap((text) =>
    wrap(text, inner - 2)
      .slice(0, 2)
      .map((part, index) => line(index === 0 ? ['bad', '✗ '] : '  ', part)),
  );
  const bottom: readonly Line[] = [
    line(['dim', '─'.repeat(inner)]),
    ...(problemLines.length === 0
      ? [
          line(
            ['good', '✓ '],
            `${hosts.length === 0 ? 'no host is needed' : hosts.length === 1 ? 'this host will do' : `these ${hosts.length} hosts will do`}`,
            ['dim', '   n goes on'],
          ),
        ]
      : problemLines),
    ...(problems.length > 4 ? [line(['dim', `and ${problems.length - 4} more`])] : []),
    ...(profile === null || profile.hosts.length === 0
      ? []
      : wrap(`${profile.id}: ${profile.hosts.map(({ role, atLeast, atMost }) => `${wanted(atLeast, atMost)} as ${role}`).join(', ')}`, inner).map((text) =>
          line(['dim', text]),
        )),
  ];
  const room = Math.max(1, innerHeight(height) - bottom.length - 4);
  const rows = ids.filter((id) => id !== 'seat');
  const start = windowStart(0, Math.max(0, rows.indexOf(selected)), room, rows.length);
  const body = [
    headLine(table),
    ...rows.slice(start, start + room).map((id) => (id === 'new' ? newLine(choice.hosts.length, table) : hostLine(hosts, Number(id), table))),
    [],
    seatLine(choice.seat, choice.hosts, selected === 'seat'),
  ];
  const filled = [...body, ...Array.from({ length: Math.max(0, innerHeight(height) - bottom.length - body.length) }, (): Line => [])];
  return <Panel title="Hosts" right={head('Hosts')} lines={[...filled, ...bottom]} width={width} height={height} />;
}

interface Table {
  readonly name: number;
  readonly address: number;
  readonly inner: number;
  readonly field: number;
  readonly selected: string;
  readonly typing: Typing | null;
}

function rowIds(hosts: readonly SetupHost[]): readonly string[] {
  return [...hosts.map((_, index) => String(index)), 'new', 'seat'];
}

function headLine({ name, address, field }: Table): Line {
  const titles = [pad('NAME', name), pad('ADDRESS', address), ...roles.map(({ title }) => title)];
  return line(
    '  ',
    titles.flatMap((title, index) => line([index === field ? 'accent' : 'dim', title], index < 2 ? '  ' : ' ')),
  );
}

function hostLine(hosts: readonly SetupHost[], at: number, table: Table): Line {
  const host = hosts[at];
  if (host === undefined) return [];
  const current = table.selected === String(at);
  const bad = hostProblem(hosts, at) !== null;
  const ticks = roles.flatMap(({ role, title }, index) => {
    const on = host.roles.includes(role);
    const text = pad(on ? '✓' : '·', title.length);
    return line([current && table.field === index + 2 ? 'selected' : on ? 'good' : 'dim', text], ' ');
  });
  return fitLine(
    line(
      current ? ['accent', '▸ '] : bad ? ['bad', '✗ '] : '  ',
      textCell(host.name, hostField(at, 'name'), table.name, current && table.field === 0, table.typing),
      '  ',
      textCell(host.address, hostField(at, 'address'), table.address, current && table.field === 1, table.typing),
      '  ',
      ticks,
    ),
    table.inner,
  );
}

function newLine(at: number, table: Table): Line {
  const current = table.selected === 'new';
  const isTyped = table.typing?.into === 'field' && table.typing.field.startsWith(`host ${at} `);
  if (isTyped) return hostLineTyped(at, table);
  return line(
    current ? ['accent', '▸ '] : '  ',
    [current ? 'selected' : 'dim', '+ add a host'],
    current ? ['dim', '   enter, then type its name; tab goes on to its address'] : '',
  );
}

function hostLineTyped(at: number, table: Table): Line {
  return line(
    ['accent', '▸ '],
    textCell('', hostField(at, 'name'), table.name, true, table.typing),
    '  ',
    textCell('', hostField(at, 'address'), table.address, false, table.typing),
  );
}

function textCell(text: string, field: string, width: number, selected: boolean, typing: Typing | null): Line {
  if (typing?.into === 'field' && typing.field === field) return fitLine(inputLine(typing.input), width);
  return line([selected ? 'selected' : 'plain', fit(text === '' ? '–' : clean(text), width)]);
}

function seatLine(seat: 'here' | 'first-control-plane', hosts: readonly SetupHost[], current: boolean): Line {
  const first = hosts.find(({ roles: own }) => own.includes('control-plane'))?.name ?? 'the first control plane';
  const words = seat === 'here' ? 'on this machine, with the context in use' : `on ${clean(first)}, with its own admin.conf`;
  return line(
    current ? ['accent', '▸ '] : '  ',
    ['dim', 'kubectl runs  '],
    [current ? 'selected' : 'plain', words],
    current ? ['dim', '   space changes it'] : '',
  );
}

function problemOf(hosts: readonly SetupHost[], at: number): readonly string[] {
  const problem = hostProblem(hosts, at);
  return problem === null ? [] : [`host ${at + 1}${hosts[at]?.name ? ` (${clean(hosts[at]?.name ?? '')})` : ''}: ${clean(problem)}`];
}

function act(key: SetupKey, app: AppState): readonly Action[] {
  const choice = app.draft?.choice;
  if (choice === undefined) return [];
  const ids = rowIds(choice.hosts);
  const selected = ids[selectedIndex(listState(app, listId), ids)] ?? 'new';
  const field = (app.dials[fieldDial] ?? 0) % fields;
  const at = selected === 'new' ? choice.hosts.length : Number(selected);
  const host = choice.hosts[at];
  const role = roles[field - 2]?.role;
  switch (key) {
    case 'cell-left':
    case 'cell-right':
      return [{ type: 'dial', dial: fieldDial, of: fields, by: key === 'cell-left' ? -1 : 1 }];
    case 'draft-tick':
      if (selected === 'seat') return [{ type: 'draft', change: { do: 'seat' } }];
      return role === undefined || host === undefined ? [] : [{ type: 'draft', change: { do: 'role', at, role } }];
    case 'draft-edit':
      if (selected === 'seat') return [{ type: 'draft', change: { do: 'seat' } }];
      if (host === undefined) return [toField(0), { type: 'field', field: hostField(at, 'name'), value: '', secret: false }];
      if (role !== undefined) return [{ type: 'draft', change: { do: 'role', at, role } }];
      return [{ type: 'field', field: hostField(at, field === 0 ? 'name' : 'address'), value: field === 0 ? host.name : host.address, secret: false }];
    case 'draft-remove':
      return host === undefined ? [] : [{ type: 'draft', change: { do: 'remove', at } }];
    case 'draft-raise':
      if (at === 0 || host === undefined) return [];
      return [
        { type: 'draft', change: { do: 'raise', at } },
        { type: 'select', list: listId, ids, page: ids.length, to: at - 1 },
      ];
    default:
      return [];
  }
}

/** After a name its address is typed, after an address the next host. */
function entered(field: string, text: string, next: boolean, app: AppState): readonly Action[] {
  const change = fieldChange(field, text, false);
  const choice = app.draft?.choice;
  if (change?.do !== 'host' || choice === undefined) return [];
  const { hosts } = changeChoice(choice, change);
  const kept: Action = { type: 'draft', change };
  const { at } = change;
  const host = hosts[at];
  const ids = rowIds(hosts);
  const chosen: Action = { type: 'select', list: listId, ids, page: ids.length, to: at };
  if (host === undefined) return [kept];
  // A new host's address is wanted next, however its name was ended.
  if (change.field === 'name' && (next || host.address === ''))
    return [kept, chosen, toField(1), { type: 'field', field: hostField(at, 'address'), value: host.address, secret: false }];
  if (!next) return [kept, chosen];
  const after = hosts[at + 1];
  return [
    kept,
    { type: 'select', list: listId, ids, page: ids.length, to: at + 1 },
    toField(0),
    { type: 'field', field: hostField(at + 1, 'name'), value: after?.name ?? '', secret: false },
  ];
}

function toField(field: number): Action {
  return { type: 'set-dial', dial: fieldDial, to: field };
}
