import { whyMissing } from '../../../src/state/freshness.js';
import type { GpuDevice } from '../../../src/state/gpu-devices.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { targetNodes } from '../../../src/state/target-nodes.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { seconds } from '../../../src/text/seconds.js';
import { wrap } from '../../../src/text/width.js';
import type { Section } from '../../widgets/sections.js';

/** What Prometheus gets to know of a GPU, how old it is, and which of its panels have no data and why. */
export function telemetry(node: string, device: GpuDevice, snapshot: ClusterSnapshot, now: number): Section {
  return {
    title: 'In Prometheus',
    lines: (width) => [...exporterLines(node, snapshot, now, width), ...blindSpots(device).flatMap((text) => told(line(['dim', '· ']), text, width))],
  };
}

function exporterLines(node: string, snapshot: ClusterSnapshot, now: number, width: number): readonly Line[] {
  const { targets } = snapshot;
  if (targets.value === null) return told(line(['dim', '· ']), `not known: ${whyMissing(targets) ?? ''}`, width);
  const nodeOf = targetNodes(snapshot);
  const own = targets.value.filter((target) => /dcgm/.test(`${target.job} ${target.pool}`) && nodeOf(target) === node);
  const old = targets.freshness.status === 'stale' ? ', as last known' : '';
  if (own.length === 0)
    return told(
      line(['warn', '! ']),
      `no DCGM exporter of this node is scraped${old}: panels of its GPUs have no data, which is not the same as no load`,
      width,
    );
  return own.flatMap(({ health, lastError, lastScrapeAt, scrapeIntervalSeconds, instance }) => {
    if (health === 'down')
      return told(
        line(['bad', '✗ ']),
        `its DCGM exporter ${instance} cannot be scraped${old}: ${lastError ?? 'no reason given'}; its panels end where that began`,
        width,
      );
    const every = scrapeIntervalSeconds === null ? '' : `, every ${seconds(scrapeIntervalSeconds)}`;
    const when = lastScrapeAt === null ? 'not scraped yet' : `scraped ${ageOf(lastScrapeAt, now)} ago${every}`;
    return told(health === 'up' ? line(['good', '✓ ']) : line(['warn', '! ']), `DCGM exporter ${instance}, ${when}${old}`, width);
  });
}

/**
 * Counters that no exporter gives for a card like this: DCGM's profiling counters need a data-center GPU of Volta or later with the card to itself, utilisation is not counted for MIG
 * devices, and throttling and ECC are not among the exporter's default counters.
 */
function blindSpots({ name, mig, virtualization }: GpuDevice): readonly string[] {
  const profiled = 'tensor cores, memory traffic and PCIe traffic (DCGM_FI_PROF_*)';
  return [
    ...(/vgpu/i.test(virtualization ?? '') ? [`no ${profiled}: DCGM's profiling is not to be had in a virtual GPU`] : []),
    ...(/GeForce|TITAN|Quadro|Tesla [KMP]\d/.test(name ?? '') ? [`no ${profiled}: DCGM's profiling needs a data-center GPU of Volta or later`] : []),
    ...(mig.mode === 'on'
      ? ['no load of its MIG devices (DCGM_FI_DEV_GPU_UTIL): how busy their engines are (DCGM_FI_PROF_GR_ENGINE_ACTIVE) is shown instead']
      : []),
    'no throttling and ECC errors, unless the exporter was told to count them: they are not in its default set',
  ];
}

function told(sign: Line, text: string, width: number): readonly Line[] {
  return wrap(text, width - 2).map((piece, index) => (index === 0 ? line(sign, piece) : line('  ', piece)));
}
