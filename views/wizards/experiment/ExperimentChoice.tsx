import { type ReactElement, useMemo } from 'react';
import { stageWords } from '../../../src/state/experiment-words.js';
import type { ExperimentWorkload, SeenExperiment } from '../../../src/state/experiments.js';
import { live } from '../../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import type { ListState } from '../../list-state.js';
import { List } from '../../widgets/List.js';
import type { Column } from '../../widgets/list-layout.js';
import { experimentObject } from './experiment-object.js';

/** What to experiment with: those that run or ran from here, and each workload by the guides' procedure. */
export function ExperimentChoice({
  snapshot,
  seen,
  list,
  now,
  width,
  height,
}: {
  readonly snapshot: ClusterSnapshot;
  readonly seen: readonly SeenExperiment[] | null;
  readonly list: ListState;
  readonly now: number;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const { deployments, statefulSets } = snapshot;
  const rows = useMemo(
    () => [
      ...(seen ?? []).map(
        ({ state, alive }): Choice => ({
          id: `status ${state.spec.name}`,
          name: state.spec.name,
          what: 'experiment',
          detail: detailOf(state, alive),
          at: state.startedAt,
        }),
      ),
      ...[...(deployments.value?.values() ?? []), ...(statefulSets.value?.values() ?? [])].flatMap(
        ({ kind, namespace, name, desired, ready }): readonly Choice[] => {
          if (kind === 'DaemonSet') return [];
          const workload: ExperimentWorkload = { kind, namespace, name };
          return [
            {
              id: experimentObject({ workload }),
              name: `${namespace}/${name}`,
              what: kind.toLowerCase(),
              detail: `${ready} of ${desired} ready`,
              at: null,
            },
          ];
        },
      ),
    ],
    [seen, deployments.value, statefulSets.value],
  );
  return (
    <List
      id="experiment"
      title="Experiments"
      slice={rows.length > 0 && deployments.value === null ? live(rows, now) : deployments}
      rows={rows}
      columns={columns}
      idOf={({ id }) => id}
      textOf={({ name, what, detail }) => `${name} ${what} ${detail}`}
      signOf={({ at }) => line(at === null ? ['dim', '·'] : ['accent', '◌'])}
      none="there is no workload with replicas to experiment with"
      list={list}
      now={now}
      width={width}
      height={height}
      right={line(['dim', 'enter: 1, 3 and 8 replicas, an hour each'])}
      open={(id) => ({ page: { kind: 'experiment', object: id } })}
    />
  );
}

interface Choice {
  readonly id: string;
  readonly name: string;
  readonly what: string;
  readonly detail: string;
  readonly at: number | null;
}

function detailOf({ status, phase, phases, stage, why }: SeenExperiment['state'], alive: boolean): string {
  if (status !== 'running') return `${status}${why === null ? '' : `: ${why}`}`;
  return `${alive ? '' : 'broke off in '}phase ${phase + 1} of ${phases.length}, ${stageWords[stage]}`;
}

const columns: readonly Column<Choice>[] = [
  { id: 'name', title: 'NAME', least: 20, most: 44, sortKey: 'N', cell: ({ name }) => line(name), sortValue: ({ name }) => name },
  { id: 'what', title: 'KIND', least: 10, sortKey: 'K', cell: ({ what }) => line(['dim', what]), sortValue: ({ what }) => what },
  { id: 'age', title: 'BEGAN', align: 'right', from: 100, cell: ({ at }, now) => line(at === null ? '' : ageOf(at, now)) },
  { id: 'detail', title: 'STANDS', grow: true, cell: ({ detail }) => line(detail) },
];
