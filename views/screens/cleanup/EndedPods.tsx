import { Box } from 'ink';
import { type ReactElement, useMemo } from 'react';
import type { Session } from '../../../src/session.js';
import type { EndedPodGroup } from '../../../src/state/ended-pods.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { counted } from '../../../src/text/wording.js';
import { useEndedPods } from '../../hooks/use-ended-pods.js';
import { useShownRows } from '../../hooks/use-shown-rows.js';
import type { ListState } from '../../list-state.js';
import { operationObject } from '../../operation-object.js';
import { List } from '../../widgets/List.js';
import { Panel } from '../../widgets/Panel.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { ages, chosenGroups, cleanWish, keeps, pressedWish } from './choice.js';
import { groupColumns, groupText } from './group-columns.js';
import { causeLines, choiceLine } from './summary.js';

/** Pods that have ended and lie about: why there are so many, in groups to tick, and what a clean-up of those would delete. */
export function EndedPods({
  snapshot,
  session,
  list,
  dial,
  focused = true,
  panels = 1,
  now,
  width,
  height,
}: {
  readonly snapshot: ClusterSnapshot;
  readonly session: Session | null;
  readonly list: ListState;
  readonly dial: (name: string) => number;
  /** Keys go here. */
  readonly focused?: boolean;
  /** How many panels `tab` goes round. */
  readonly panels?: number;
  readonly now: number;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const slice = useEndedPods(session, snapshot);
  const groups = slice.value?.groups ?? none;
  const shown = useShownRows(groups, list, groupColumns, idOf, groupText, now);
  const readOnly = session?.readOnly ?? true;
  const inner = innerWidth(width);
  const choice = { age: ages[dial('clean-age') % ages.length] ?? ages[0], keep: keeps[dial('clean-keep') % keeps.length] ?? 0 };
  const chosen = useMemo(() => chosenGroups(groups, shown.rows, list.marks), [groups, shown, list.marks]);
  const ids = useMemo(() => new Set(chosen.map(idOf)), [chosen]);
  const summary =
    slice.value === null
      ? []
      : [...causeLines(slice.value, now, inner, height < 14 || width < 100), choiceLine(chosen, choice, now, { ticked: list.marks.size > 0, readOnly })];
  const top = summary.length === 0 ? 0 : summary.length + 2;
  const total = groups.reduce((sum, { endedAt, terminating }) => sum + endedAt.length + terminating, 0);
  return (
    <Box flexDirection="column" width={width} height={height}>
      {top === 0 ? null : <Panel title="Why they lie about" lines={summary} width={width} height={top} />}
      <List
        id="ended-pods"
        title="Ended pods, groups"
        slice={slice}
        rows={groups}
        columns={groupColumns}
        idOf={idOf}
        textOf={groupText}
        signOf={(group) => signOf(ids.has(group.id))}
        none="no pod has ended and lies about: nothing to clean up"
        list={list}
        now={now}
        width={width}
        height={height - top}
        focused={focused}
        panels={panels}
        right={total === 0 ? [] : line(['dim', counted(total, 'pod')])}
        about={(group, room) => aboutGroup(group, room)}
        open={(id) =>
          readOnly
            ? null
            : {
                page: {
                  kind: 'operation',
                  object: operationObject([
                    cleanWish(
                      groups.filter((group) => group.id === id),
                      choice,
                    ),
                  ]),
                },
              }
        }
        clean={{
          wish: chosen.length === 0 ? null : cleanWish(chosen, choice),
          disk: pressedWish(slice.value?.pressures ?? []),
          ages: ages.length,
          keeps: keeps.length,
        }}
      />
    </Box>
  );
}

const none: readonly EndedPodGroup[] = [];

function idOf({ id }: EndedPodGroup): string {
  return id;
}

function signOf(goes: boolean): Line {
  return goes ? line(['accent', '✓']) : line(['dim', '·']);
}

/** What became of the work of the selected group, in words. */
function aboutGroup({ words, fate, endedAt, terminating }: EndedPodGroup, width: number): readonly Line[] {
  const notes = { replaced: 'ghosts: ', unreplaced: '', history: 'kept unless ticked: ', bare: 'goes only when ticked: ' }[fate];
  const going = terminating === 0 ? '' : `; ${count(terminating)} being deleted already`;
  return [
    line(['dim', '─'.repeat(width)]),
    line(['dim', notes], [fate === 'replaced' ? 'plain' : 'warn', `${counted(endedAt.length, 'pod')}, ${words}${going}`]),
  ];
}
