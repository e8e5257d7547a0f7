import { readFileSync } from 'node:fs';
import { assetsPath } from './assets-path.js';
import { parseDcgmMetrics } from './gpu/dcgm-metrics.js';
import { nativePage } from './gpu/native-page.js';
import { parseNvidiaSmi } from './gpu/nvidia-smi.js';
import { withPods } from './gpu/processes.js';
import { parseXidLog, xidMeaning } from './gpu/xid.js';
import type { GpuReader } from './hosts/gpu-reader.js';
import type { Host } from './hosts/host.js';
import { type HostFeedOptions, startHostFeed } from './hosts/host-feed.js';
import type { XidEvent } from './state/hosts.js';

/** The machines of a cluster, as the session holds them. */
export interface Machines {
  /** The page that nvidia-smi prints, for a machine's newest sample; null where there is none. */
  nvidiaSmiPage(name: string): readonly string[] | null;
  /** A machine to run commands on; rejects with HostError. */
  host(name: string): Promise<Host>;
  refresh(): void;
  close(): void;
}

/** Starts looking at the machines: what src/hosts fetches, src/gpu makes sense of. Loaded only when machines are to be looked at. */
export function startMachines(options: Omit<HostFeedOptions, 'probeScript' | 'gpus'>): Machines {
  const feed = startHostFeed({ ...options, probeScript: readFileSync(assetsPath('probe/probe.sh'), 'utf8'), gpus: gpuReader });
  return {
    nvidiaSmiPage(name) {
      const seen = options.store.snapshot().machineGpus.value?.get(name);
      return seen === undefined ? null : nativePage(seen.report, seen.at);
    },
    host: feed.host,
    refresh: feed.refresh,
    close: feed.close,
  };
}

const gpuReader: GpuReader = {
  nvidiaSmi: (text, end) => parseNvidiaSmi(text, end),
  dcgm: parseDcgmMetrics,
  withPods,
  xids: (lines) => parseXidLog(lines.join('\n')).map(translated),
};

function translated(event: XidEvent): XidEvent {
  const { meaning, cause, action, severity } = xidMeaning(event.code);
  return { ...event, meaning: `${meaning} (${cause})`, action, severity };
}
