import { makeReport } from '../../src/checks/report.js';
import type { Expectations } from '../../src/config/expectations.js';
import type { MachineGpus } from '../../src/state/gpu-devices.js';
import type { HostContact, HostFacts } from '../../src/state/hosts.js';
import type { CheckReport, Finding } from '../../src/state/report.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aHost, hostsOf, known, soundFacts } from '../builders/host.js';
import { aMachine, anIdleGpu, machines } from '../builders/machine-gpus.js';
import { now } from '../builders/snapshot.js';
import { aLab } from './lab.js';

export interface MachineChanges {
  readonly facts?: Partial<HostFacts>;
  readonly contact?: HostContact;
  /** Never answered. */
  readonly silent?: boolean;
  readonly gpus?: MachineGpus | null;
  /** Outside of the cluster. */
  readonly alone?: boolean;
}

/** The lab with its three machines (controlplane with one GPU, two workers with eight) looked at over SSH, some of them changed; others are added. */
export function labOfMachines(changes: Readonly<Record<string, MachineChanges>> = {}, overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const names = [...new Set(['controlplane', 'gpu-1', 'gpu-2', ...Object.keys(changes)])];
  const hosts = names.map((name) => {
    const { facts, contact, silent = false, alone = false } = changes[name] ?? {};
    const cards = alone ? 0 : name === 'controlplane' ? 1 : 8;
    return aHost({
      name,
      node: alone ? null : name,
      ...(contact === undefined ? {} : { contact }),
      facts: silent ? null : soundFacts({ pciGpus: known(cards), ...facts }),
    });
  });
  const gpus = names.flatMap((name) => {
    const own = changes[name]?.gpus;
    if (own !== undefined) return own === null ? [] : [own];
    if (changes[name]?.alone === true) return [];
    return [
      aMachine(
        name,
        Array.from({ length: name === 'controlplane' ? 1 : 8 }, (_, index) => anIdleGpu({ index })),
      ),
    ];
  });
  return aLab({ hosts: hostsOf(...hosts), machineGpus: machines(...gpus), at: now, ...overrides });
}

/** gpu-1 with some facts changed. */
export function withFacts(facts: Partial<HostFacts>, overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return labOfMachines({ 'gpu-1': { facts } }, overrides);
}

export function reportOn(snapshot: ClusterSnapshot, expectations: Expectations = {}): CheckReport {
  return makeReport(snapshot, expectations, now);
}

export function findings(id: string, snapshot: ClusterSnapshot, expectations: Expectations = {}): readonly Finding[] {
  return reportOn(snapshot, expectations).findings.filter((finding) => finding.id === id);
}

/** `status severity object: message` of what a check found. */
export function told(id: string, snapshot: ClusterSnapshot, expectations: Expectations = {}): readonly string[] {
  return findings(id, snapshot, expectations).map(({ status, severity, object, message }) => `${status} ${severity} ${object}: ${message}`);
}

/** What is bad or unknown of some object. What a check could not see at all is not of interest here. */
export function troubles(snapshot: ClusterSnapshot, expectations: Expectations = {}): readonly string[] {
  return reportOn(snapshot, expectations)
    .findings.filter(({ status, object }) => status !== 'pass' && status !== 'skipped' && !(status === 'unknown' && object === 'cluster'))
    .map(({ id, object, status }) => `${status} ${id} ${object}`);
}

export const lostAt = { status: 'lost', since: now - 180_000, why: 'connection timed out', fix: null, nextTryAt: now + 5000 } as const;
