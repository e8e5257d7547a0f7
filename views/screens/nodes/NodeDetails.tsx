import { type ReactElement, useMemo } from 'react';
import { whyMissing } from '../../../src/state/freshness.js';
import { line } from '../../../src/text/line.js';
import { freshnessNote, missingLines } from '../../widgets/freshness-note.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { sectionLines } from '../../widgets/sections.js';
import { TextPage } from '../../widgets/TextPage.js';
import type { PageProps } from '../screen-props.js';
import { machineSections } from './machine-sections.js';
import { podAndEventSections } from './node-relations.js';
import { nodeSections } from './node-sections.js';

const twoColumnsFrom = 116;

/** All about one node on one page. */
export function NodeDetails({ snapshot, now, page, width, height }: PageProps): ReactElement {
  const { nodes, pods, events, gpus, hosts, machineGpus } = snapshot;
  const node = nodes.value?.get(page.object) ?? null;
  const inner = innerWidth(width);
  const lines = useMemo(() => {
    if (node === null) {
      return whyMissing(nodes) === null
        ? [line(['warn', '! '], `The node ${page.object} is no longer part of the cluster.`)]
        : missingLines(nodes, 'nodes', inner);
    }
    const own = nodeSections(node, gpus, now);
    const machine = machineSections(node.name, hosts, now);
    const related = podAndEventSections(node, pods, events, now);
    if (inner < twoColumnsFrom) return sectionLines([...own.state, ...machine.state, ...related, ...machine.make, ...own.make, ...own.notes], [], inner);
    const [labels, annotations] = own.notes;
    return [
      ...sectionLines(own.state, own.make, inner),
      [],
      ...sectionLines(machine.state, machine.make, inner),
      [],
      ...sectionLines(related, [], inner),
      [],
      ...sectionLines([labels], [annotations], inner),
    ];
  }, [node, nodes, gpus, pods, events, hosts, now, inner, page.object]);
  return (
    <TextPage
      title={`Node ${page.object}`}
      right={freshnessNote(nodes.freshness, now)}
      lines={lines}
      page={page}
      object={`node/${page.object}`}
      {...(gpus.value?.nodes.has(page.object) === true || machineGpus.value?.has(page.object) === true ? { nvidiaSmi: page.object } : {})}
      width={width}
      height={height}
    />
  );
}
