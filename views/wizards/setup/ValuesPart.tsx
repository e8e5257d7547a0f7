import type { ReactElement } from 'react';
import type { SetupOutline, SetupVariable } from '../../../src/state/setup.js';
import { clean } from '../../../src/text/clean.js';
import { fitLine, type Line, line, lineWidth } from '../../../src/text/line.js';
import { cut, fit, wrap } from '../../../src/text/width.js';
import { counted } from '../../../src/text/wording.js';
import { type Action, type AppState, listState, type Typing } from '../../app-state.js';
import { inputLine } from '../../frame/footer-line.js';
import { useShownRows } from '../../hooks/use-shown-rows.js';
import { useKeyTarget } from '../../key-target.js';
import type { SetupKey } from '../../keys.js';
import { clamp, selectedIndex } from '../../list-state.js';
import type { Column } from '../../widgets/list-layout.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { fieldChange, valueField } from './fields.js';
import { type PartProps, turnPart } from './part-props.js';
import { nextChoice, origins, variableGroups } from './variable-groups.js';

const listId = 'setup-values';
const noColumns: readonly Column<SetupVariable>[] = [];
const noVariables: readonly SetupVariable[] = [];

/** Every variable that a step uses, with where its value comes from, and what is wrong with it as soon as it is typed. */
export function ValuesPart({ draft, outline, detected, typing, list: listOf, head, width, height }: PartProps): ReactElement {
  const worked = outline.status === 'read' ? outline.value : null;
  const all = worked?.variables ?? noVariables;
  const list = listOf(listId);
  const shown = useShownRows(all, list, noColumns, idOf, textOf, 0);
  const groups = variableGroups(shown.rows);
  const ordered = groups.flatMap(({ variables }) => variables);
  const ids = ordered.map(idOf);
  const selected = ordered[selectedIndex(list, ids)];
  const inner = innerWidth(width);
  const secrets = new Set(Object.keys(draft.secrets));
  const about = selected === undefined ? [] : aboutLines(selected, secrets.has(selected.name) || typing?.into === 'field', inner);
  const notes = noteLines(worked, outline.status === 'failed' ? outline.why : null, detected, all, secrets, inner);
  const bottom: readonly Line[] = [line(['dim', '─'.repeat(inner)]), ...about, ...notes];
  const room = Math.max(1, innerHeight(height) - bottom.length);
  useKeyTarget({
    ...(ids.length > 0 || list.filter !== '' ? { list: { id: listId, ids, page: room, sorts: [] } } : {}),
    setup: {
      places: ['draft', 'draft-onward', ...(selected === undefined ? [] : ['draft-values' as const])],
      act: (key, app) => unfilter(key, app) ?? turnPart(key, app) ?? act(key, app, ordered),
      entered: (field, text, next, app) => entered(field, text, next, app, ordered),
    },
  });

  const labels = Math.min(34, Math.max(12, Math.floor(inner * 0.36)));
  const rows: { readonly row: Line; readonly current: boolean }[] = groups.flatMap(({ title, variables }, index) => [
    ...(index === 0 ? [] : [{ row: [], current: false }]),
    { row: heading(title, inner), current: false },
    ...variables.flatMap((variable) => variableRows(variable, secrets.has(variable.name), variable === selected, labels, typing, inner)),
  ]);
  const at = rows.findIndex(({ current }) => current);
  const start = clamp(at - Math.floor(room / 2), 0, Math.max(0, rows.length - room));
  const body = rows.slice(start, start + room).map(({ row }) => row);
  const empty =
    worked === null
      ? '◌ working out what the steps need'
      : list.filter === ''
        ? 'no step needs anything: n goes on'
        : `nothing matches ⟨${list.filter}⟩; esc drops the filter`;
  const filled = [
    ...(body.length === 0 ? [line(['dim', empty])] : body),
    ...Array.from({ length: Math.max(0, room - Math.max(1, body.length)) }, (): Line => []),
  ];
  const title = list.filter === '' ? `Variables ${all.length}` : `Variables ${ids.length} of ${all.length} ⟨${list.filter}⟩`;
  return (
    <Panel
      title={title}
      right={head(title)}
      foot={rows.length > room ? line(['dim', `${start + 1}–${Math.min(rows.length, start + room)} of ${rows.length}`]) : []}
      lines={[...filled, ...bottom]}
      width={width}
      height={height}
    />
  );
}

function idOf({ name }: SetupVariable): string {
  return name;
}

function textOf({ name, title, help, origin, value, problem }: SetupVariable): string {
  return [name, title, help, origin, value ?? '', problem === null ? '' : 'problem'].join(' ');
}

function heading(title: string, width: number): Line {
  return fitLine(line(['title', title], ['dim', ` ${'─'.repeat(Math.max(0, width - title.length - 1))}`]), width);
}

function variableRows(
  variable: SetupVariable,
  given: boolean,
  current: boolean,
  labels: number,
  typing: Typing | null,
  width: number,
): readonly { readonly row: Line; readonly current: boolean }[] {
  const { title, value, origin, secret } = variable;
  const editing = typing?.into === 'field' && typing.field === valueField(variable.name) ? typing : null;
  const problem = given ? null : variable.problem;
  const sign: Line = current ? line(['accent', '▸ ']) : problem === null ? line('  ') : line(['bad', '✗ ']);
  const label = line(sign, [current ? 'selected' : 'plain', fit(clean(title), labels)], '  ');
  if (editing !== null) {
    const shown = secret ? line(['strong', '•'.repeat(Array.from(editing.input.text).length)], ['accent', '▏']) : inputLine(editing.input);
    const told = problem === null || (secret && editing.input.text !== '') ? [] : wrap(clean(problem), width - labels - 4).slice(0, 2);
    return [
      { row: fitLine(line(label, shown), width), current },
      ...told.map((text) => ({ row: line(' '.repeat(labels + 4), ['bad', text]), current: false })),
    ];
  }
  const from = line(['dim', given ? 'kept nowhere' : origins[origin]]);
  const text = given
    ? line(['strong', '••••••••'])
    : value === null
      ? line([problem === null ? 'dim' : 'bad', problem === null ? '–' : 'to be given'])
      : value === ''
        ? line(['dim', 'none'])
        : line([origin === 'set' ? 'strong' : 'plain', clean(value)]);
  const room = width - lineWidth(label) - lineWidth(from) - 1;
  return [{ row: line(label, fitLine(text, Math.max(1, room)), ' ', from), current }];
}

/** The variable under the cursor: what it is, its name in scripts, and what is wrong with it. */
function aboutLines({ name, help, type, choices, problem, secret }: SetupVariable, told: boolean, width: number): readonly Line[] {
  const kind = type === 'choice' ? choices.join(', ') : type === 'flag' ? 'yes, no' : type;
  return [
    line(['strong', name], ['dim', `  ${cut(secret ? `${kind}; asked for, and kept nowhere` : kind, width - name.length - 2)}`]),
    ...wrap(clean(help), width)
      .slice(0, 2)
      .map((text) => line(text)),
    ...(problem === null || told
      ? []
      : wrap(clean(problem), width - 2)
          .slice(0, 2)
          .map((text, index) => line(index === 0 ? ['bad', '✗ '] : '  ', ['bad', text]))),
  ];
}

function noteLines(
  outline: SetupOutline | null,
  failed: string | null,
  { asking, why }: PartProps['detected'],
  all: readonly SetupVariable[],
  secrets: ReadonlySet<string>,
  width: number,
): readonly Line[] {
  const wrong = all.filter(({ problem, name }) => problem !== null && !secrets.has(name)).length;
  return [
    ...(failed === null
      ? []
      : wrap(failed, width - 2)
          .slice(0, 2)
          .map((text, index) => line(index === 0 ? ['bad', '✗ '] : '  ', text))),
    ...(asking ? [line(['dim', '◌ asking the hosts for their networks, users and GPUs'])] : []),
    ...(why === null ? [] : [line(['warn', '! '], cut(`what the hosts tell themselves is not known: ${clean(why)}`, width - 2))]),
    ...(outline === null
      ? []
      : [
          wrong === 0
            ? line(['good', '✓ '], 'all of them can be used', ['dim', '   n goes on'])
            : line(['bad', '✗ '], `${counted(wrong, 'variable')} cannot be used yet`),
        ]),
  ];
}

/** `esc` drops a filter before it goes back. */
function unfilter(key: SetupKey, app: AppState): readonly Action[] | null {
  return key === 'draft-back' && listState(app, listId).filter !== '' ? [{ type: 'filter', list: listId }, { type: 'cancel' }] : null;
}

function act(key: SetupKey, app: AppState, ordered: readonly SetupVariable[]): readonly Action[] {
  const variable = ordered[selectedIndex(listState(app, listId), ordered.map(idOf))];
  if (variable === undefined) return [];
  const { name, secret } = variable;
  if (key === 'draft-unset') return [{ type: 'draft', change: { do: 'value', name, text: '', secret } }];
  if (key !== 'draft-edit') return [];
  const next = nextChoice(variable);
  if (next !== null) return [{ type: 'draft', change: { do: 'value', name, text: next, secret } }];
  return [typeInto(variable)];
}

function entered(field: string, text: string, next: boolean, app: AppState, ordered: readonly SetupVariable[]): readonly Action[] {
  const at = ordered.findIndex(({ name }) => valueField(name) === field);
  const change = fieldChange(field, text, ordered[at]?.secret === true);
  if (change === null) return [];
  const kept: Action = { type: 'draft', change };
  const after = ordered[at + 1];
  if (!next || after === undefined) return [kept];
  const ids = ordered.map(idOf);
  const chosen: Action = { type: 'select', list: listId, ids, page: listState(app, listId).offset, to: at + 1 };
  return [kept, chosen, ...(nextChoice(after) === null ? [typeInto(after)] : [])];
}

/** The field begins with what was set, or with what holds otherwise, to be changed; a secret begins empty. */
function typeInto({ name, value, secret }: SetupVariable): Action {
  return { type: 'field', field: valueField(name), value: secret ? '' : (value ?? ''), secret };
}
