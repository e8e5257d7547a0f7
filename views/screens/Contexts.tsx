import { type ReactElement, useMemo } from 'react';
import type { ContextSummary, Session } from '../../src/session.js';
import { absent, live } from '../../src/state/freshness.js';
import { line } from '../../src/text/line.js';
import type { ListState } from '../list-state.js';
import { List } from '../widgets/List.js';
import type { Column } from '../widgets/list-layout.js';

/** The kubeconfig's contexts, to go to one of them. */
export function Contexts({
  session,
  list,
  now,
  width,
  height,
}: {
  readonly session: Session | null;
  readonly list: ListState;
  readonly now: number;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const rows = useMemo(() => session?.contexts() ?? [], [session]);
  return (
    <List
      id="contexts"
      title="Contexts"
      slice={rows.length === 0 ? absent('the kubeconfig has no contexts') : live(rows, now)}
      rows={rows}
      columns={columns}
      idOf={({ name }) => name}
      textOf={({ name, server, namespace }) => `${name} ${server} ${namespace ?? ''}`}
      signOf={({ current }) => line(current ? ['good', '●'] : ' ')}
      none="the kubeconfig has no contexts"
      list={list}
      now={now}
      width={width}
      height={height}
      right={line(['dim', 'enter goes there'])}
      open={(name) => ({ command: { do: 'context', name } })}
    />
  );
}

const columns: readonly Column<ContextSummary>[] = [
  { id: 'name', title: 'NAME', most: 50, least: 16, sortKey: 'N', cell: ({ name }) => line(name), sortValue: ({ name }) => name },
  { id: 'server', title: 'SERVER', most: 80, least: 16, sortKey: 'S', cell: ({ server }) => line(server), sortValue: ({ server }) => server },
  { id: 'namespace', title: 'NAMESPACE', most: 40, cell: ({ namespace }) => line(namespace ?? ['dim', '–']) },
];
