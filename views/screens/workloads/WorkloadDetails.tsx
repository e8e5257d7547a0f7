import { type ReactElement, useMemo } from 'react';
import { line } from '../../../src/text/line.js';
import { freshnessNote } from '../../widgets/freshness-note.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { sectionLines } from '../../widgets/sections.js';
import { TextPage } from '../../widgets/TextPage.js';
import type { PageProps } from '../screen-props.js';
import { podsByWorkload } from './own-pods.js';
import { scalable, yamlOf } from './Workloads.js';
import { tellingLog, workloadRow } from './workload-rows.js';
import { workloadSections } from './workload-sections.js';

const twoColumnsFrom = 116;

/** All about one workload on one page. */
export function WorkloadDetails({ snapshot, now, page, width, height }: PageProps): ReactElement {
  const [kind = '', namespace = '', name = ''] = page.object.split('/');
  const slice = kind === 'Deployment' ? snapshot.deployments : kind === 'StatefulSet' ? snapshot.statefulSets : snapshot.daemonSets;
  const workload = slice.value?.get(`${namespace}/${name}`);
  const { pods, events } = snapshot;
  const inner = innerWidth(width);
  const row = useMemo(() => (workload === undefined ? undefined : workloadRow(workload, podsByWorkload(pods.value), pods.value !== null)), [workload, pods]);
  const lines = useMemo(() => {
    if (row === undefined) return [line(['warn', '! '], `${kind.toLowerCase()} ${namespace}/${name} is no longer there.`)];
    const { state, make, related } = workloadSections(row, pods, events, now);
    if (inner < twoColumnsFrom) return sectionLines([...state, ...related, ...make], [], inner);
    return [...sectionLines(state, make, inner), [], ...sectionLines(related, [], inner)];
  }, [row, pods, events, now, inner, kind, namespace, name]);
  const target = scalable(row);
  const log = tellingLog(row?.pods ?? []);
  return (
    <TextPage
      title={`${kind} ${namespace}/${name}`}
      right={freshnessNote(slice.freshness, now)}
      lines={lines}
      page={page}
      object={yamlOf(page.object)}
      {...(target === null ? {} : { scale: target })}
      {...(log === null ? {} : { log })}
      width={width}
      height={height}
    />
  );
}
