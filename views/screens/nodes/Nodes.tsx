import { type ReactElement, useMemo } from 'react';
import { whyMissing } from '../../../src/state/freshness.js';
import { line } from '../../../src/text/line.js';
import { List } from '../../widgets/List.js';
import type { ScreenProps } from '../screen-props.js';
import { nodeColumns } from './node-columns.js';
import { type NodeRow, nodeRows, signs } from './node-rows.js';

/** All nodes, with readiness, GPUs and versions. */
export function Nodes({ snapshot, list, now, width, height }: ScreenProps): ReactElement {
  const { nodes, gpus, pods } = snapshot;
  const rows = useMemo(() => nodeRows(nodes, gpus, pods), [nodes, gpus, pods]);
  const ready = rows.filter(({ status }) => status.text.startsWith('Ready')).length;
  const podsMissing = nodes.value === null ? null : whyMissing(pods);
  return (
    <List
      id="nodes"
      title="Nodes"
      slice={nodes}
      rows={rows}
      columns={nodeColumns}
      idOf={idOf}
      textOf={textOf}
      signOf={({ status }) => signs[status.tone]}
      none="this cluster has no nodes"
      list={list('nodes')}
      now={now}
      width={width}
      height={height}
      right={line(
        podsMissing === null || podsMissing === 'loading' ? '' : ['warn', `pods: ${podsMissing} `],
        rows.length === 0 ? '' : [ready === rows.length ? 'good' : 'warn', `${ready} of ${rows.length} ready`],
      )}
      open={(name) => ({ page: { kind: 'node', object: name } })}
      object={(name) => `node/${name}`}
    />
  );
}

function idOf({ node }: NodeRow): string {
  return node.name;
}

function textOf({ node, status, gpus }: NodeRow): string {
  const labels = [...node.labels].map(([key, value]) => `${key}=${value}`);
  return [
    node.name,
    ...node.roles,
    status.text,
    ...Object.values(node.info),
    ...node.addresses.map(({ address }) => address),
    gpus?.product ?? '',
    ...labels,
  ].join(' ');
}
