import { whyMissing } from '../../../src/state/freshness.js';
import type { GpuSource, MachineGpus } from '../../../src/state/gpu-devices.js';
import type { HostContact } from '../../../src/state/hosts.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';

/** How a machine's GPUs are seen, or why not. */
export type Sight =
  | { readonly seen: true; readonly source: GpuSource; readonly at: number }
  /** `common`: no machine at all can be seen, for this one reason. */
  | { readonly seen: false; readonly why: string; readonly fix: string | null; readonly common: boolean };

/** How nvidia-smi's newest answer came, or why there is none. */
export function sightOf(name: string, { machineGpus, hosts }: Pick<ClusterSnapshot, 'machineGpus' | 'hosts'>): Sight {
  const machine = machineGpus.value?.get(name);
  if (machine !== undefined) return { seen: true, source: machine.source, at: machine.at };
  const host = hosts.value?.get(name);
  if (host !== undefined) return { seen: false, common: false, ...whyNoContact(host.contact) };
  const why = whyMissing(machineGpus);
  return { seen: false, why: why ?? 'nobody has looked at this machine', fix: null, common: why !== null };
}

/** Why a machine tells nothing, and what mends it. */
export function whyNoContact(contact: HostContact): { readonly why: string; readonly fix: string | null } {
  switch (contact.status) {
    case 'connecting':
      return { why: 'connecting', fix: null };
    case 'connected':
      return { why: 'connected, waits for its first answer', fix: null };
    case 'asking':
      return { why: `waits for you: ${contact.question}`, fix: null };
    case 'lost':
    case 'refused':
      return { why: contact.why, fix: contact.fix };
  }
}

const sourceNames = { local: 'here', ssh: 'ssh', 'pod-exec': 'pod', dcgm: 'dcgm', file: 'file' } as const;
/** A sample this old no longer says how things are. */
const oldFromMs = 60_000;

/** `ssh 3s ago`, yellow once it is old. */
export function sampleAge({ source, at }: Pick<MachineGpus, 'source' | 'at'>, now: number): Line {
  return line(['dim', `${sourceNames[source]} `], [now - at >= oldFromMs ? 'warn' : 'dim', `${ageOf(at, now)} ago`]);
}
