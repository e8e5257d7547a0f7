import { type ReactElement, useContext, useMemo } from 'react';
import { whyMissing } from '../../../src/state/freshness.js';
import { line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { GpuHistoryContext } from '../../hooks/use-gpu-history.js';
import { missingLines } from '../../widgets/freshness-note.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { sectionLines } from '../../widgets/sections.js';
import { TextPage } from '../../widgets/TextPage.js';
import type { PageProps } from '../screen-props.js';
import { gpuRows } from './device-rows.js';
import { gpuSections } from './gpu-sections.js';
import { gpuCharts } from './one-gpu.js';
import { sampleAge, sightOf } from './sight.js';
import { telemetry } from './telemetry.js';

const twoColumnsFrom = 110;
const noRows: readonly never[] = [];

/** All about one GPU on one page: its history, every value or why it has none, who is on it, what its log says. */
export function GpuDetails({ snapshot, now, page, width, height }: PageProps): ReactElement {
  const { machineGpus, hosts, pods } = snapshot;
  const history = useContext(GpuHistoryContext);
  const node = page.object.replace(/\/\d+$/, '');
  const rows = useMemo(() => gpuRows({ machineGpus, pods, hosts }, noRows), [machineGpus, pods, hosts]);
  const row = rows.find(({ id, kind }) => kind === 'device' && id === page.object);
  const inner = innerWidth(width);
  const lines = useMemo(() => {
    if (row === undefined || row.kind !== 'device') {
      if (whyMissing(machineGpus) !== null) return missingLines(machineGpus, 'GPUs', inner);
      const blind = rows.find((one) => one.kind === 'blind' && one.node === node);
      const sight = sightOf(node, { machineGpus, hosts });
      const why = blind?.kind === 'blind' ? blind.why : sight.seen ? 'nvidia-smi no longer lists this GPU: it may have fallen off the bus' : sight.why;
      return wrap(why, inner - 2).map((text, index) => line(index === 0 ? ['bad', '✗ '] : '  ', text));
    }
    const made = gpuSections(row, hosts.value?.get(node) ?? null, pods.value, now);
    const sections = { ...made, make: [...made.make, telemetry(node, row.device, snapshot, now)] };
    const charts = row.device.lost === null ? gpuCharts(row, history, now, inner, height < 30 ? 3 : 5, height >= 36) : [];
    if (inner < twoColumnsFrom) return [...charts, ...sectionLines([...sections.trouble, ...sections.use, ...sections.make], [], inner)];
    const first = sections.trouble.length === 0 ? [] : [...sectionLines(sections.trouble, [], inner), []];
    return [...charts, ...first, ...sectionLines(sections.use, [], inner), [], ...sectionLines(sections.make.slice(0, 2), sections.make.slice(2), inner)];
  }, [row, rows, snapshot, machineGpus, hosts, pods, history, node, now, inner, height]);
  return (
    <TextPage
      title={`GPU ${page.object.slice(node.length + 1)} of ${node}`}
      right={row?.kind === 'device' ? sampleAge(row.machine, now) : []}
      lines={lines}
      page={page}
      object={`node/${node}`}
      nvidiaSmi={node}
      width={width}
      height={height}
    />
  );
}
