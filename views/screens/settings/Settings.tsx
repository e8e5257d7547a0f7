import type { ReactElement } from 'react';
import type { ContextSettingsView, Session, SettingField } from '../../../src/session.js';
import { fitLine, type Line, line } from '../../../src/text/line.js';
import { pad, wrap } from '../../../src/text/width.js';
import type { Typing } from '../../app-state.js';
import { inputLine } from '../../frame/footer-line.js';
import { useShownRows } from '../../hooks/use-shown-rows.js';
import { useKeyTarget } from '../../key-target.js';
import { clamp, type ListState, selectedIndex } from '../../list-state.js';
import type { Column } from '../../widgets/list-layout.js';
import { Panel } from '../../widgets/Panel.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';

const noColumns: readonly Column<SettingField>[] = [];
const noSettings: ContextSettingsView = { context: '', file: '', fields: [] };

/** How this context's machines are reached and what they should have: a line for each field, edited where it stands. */
export function Settings({
  session,
  typing,
  list,
  now,
  width,
  height,
}: {
  readonly session: Session | null;
  readonly typing: Typing | null;
  readonly list: ListState;
  readonly now: number;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const { context, file, fields } = session?.settings() ?? noSettings;
  const readOnly = session?.readOnly ?? true;
  const shown = useShownRows(fields, list, noColumns, pathOf, textOf, now);
  const selected = selectedIndex(list, shown.ids);
  const inner = innerWidth(width);
  const room = innerHeight(height) - 3;
  useKeyTarget({
    list: {
      id: 'settings',
      ids: shown.ids,
      page: room,
      sorts: [],
      open: (path) => (readOnly ? null : { edit: { path, value: fields.find((field) => field.path === path)?.value ?? '' } }),
    },
  });

  const editing = typing?.into === 'setting' ? typing : null;
  const labels = Math.min(28, Math.max(8, ...shown.rows.map(({ label }) => label.length)));
  const rows: Line[] = [];
  let at = 0;
  for (const [index, field] of shown.rows.entries()) {
    const { group } = field;
    if (group !== shown.rows[index - 1]?.group) rows.push(...(index === 0 ? [] : [[]]), heading(group, inner));
    if (index === selected) at = rows.length;
    rows.push(fieldLine(field, labels, inner, index === selected, editing?.path === field.path ? editing : null));
    if (editing?.path === field.path && editing.why !== null)
      rows.push(...wrap(editing.why, inner - labels - 6).map((text) => line(' '.repeat(labels + 4), ['bad', text])));
  }
  const start = clamp(at - Math.floor(room / 2), 0, Math.max(0, rows.length - room));
  const empty = fields.length === 0 ? 'there is no context whose settings could be shown' : `nothing matches ⟨${list.filter}⟩; esc drops the filter`;
  const body = rows.length === 0 ? [line(['dim', empty])] : rows.slice(start, start + room);
  const filled = [...body, ...Array.from({ length: Math.max(0, room - body.length) }, (): Line => [])];
  const hint = readOnly
    ? line(['warn', '! '], 'read-only: nothing can be changed here')
    : line(['dim', 'enter edits; an empty value goes back to what holds otherwise']);
  return (
    <Panel
      title={`Settings of ${context}`}
      right={line(['dim', list.filter === '' ? file : `⟨${list.filter}⟩ ${shown.rows.length} of ${fields.length}`])}
      foot={rows.length > room ? line(['dim', `${start + 1}–${Math.min(rows.length, start + room)} of ${rows.length}`]) : []}
      lines={[...filled, line(['dim', '─'.repeat(inner)]), hint, line(['dim', 'Passwords and passphrases are asked for when they are needed and never kept.'])]}
      width={width}
      height={height}
    />
  );
}

function heading(group: string, width: number): Line {
  return fitLine(line(['title', group], ['dim', ` ${'─'.repeat(Math.max(0, width - group.length - 1))}`]), width);
}

function fieldLine(
  { label, value, otherwise }: SettingField,
  labels: number,
  width: number,
  selected: boolean,
  editing: { readonly input: Parameters<typeof inputLine>[0] } | null,
): Line {
  const head = line(selected ? ['accent', '▸ '] : '  ', [selected ? 'selected' : 'plain', pad(label, labels)], '  ');
  if (editing !== null) return fitLine(line(head, inputLine(editing.input)), width);
  return fitLine(line(head, value === '' ? ['dim', `· ${otherwise}`] : ['strong', value]), width);
}

function pathOf({ path }: SettingField): string {
  return path;
}

function textOf({ group, label, value, otherwise }: SettingField): string {
  return `${group} ${label} ${value} ${otherwise}`;
}
