import type { Fact, HostFacts, XidEvent } from '../state/hosts.js';
import { factOf, known } from './fact.js';
import { certificates, kubeconfigs } from './facts-access.js';
import { filesystems, usage } from './facts-disks.js';
import { driver, pciGpus, xidLines } from './facts-nvidia.js';
import { aptHistory, nodePackages, packageHolds } from './facts-packages.js';
import { cdi, lowLevelRuntimes, runtimeBinaries, runtimeConfig } from './facts-runtime.js';
import { failedUnits, rebootRequired, services, timeSynchronized } from './facts-services.js';
import { modulesAtBoot, mounts, swapSetup } from './facts-setup.js';
import { bootedAt, bootId, cgroup, clock, load, memory, modules, pressure, swap, sysctls, systemField } from './facts-system.js';
import type { ProbeAnswer } from './probe-stream.js';

export interface ProbeTimes {
  /** ms since the epoch when the answer was complete, this machine's clock. */
  readonly at: number;
  readonly tookMs: number;
  /** ms since the epoch when the host's clock arrived here. */
  readonly clockAt: number;
}

/**
 * Everything that one answer of the probe says, each fact by itself: one that is missing takes no other along. `readXids` gets lines as
 * `journalctl -o short-unix` prints them.
 */
export function hostFacts(answer: ProbeAnswer, times: ProbeTimes, readXids: (lines: readonly string[]) => readonly XidEvent[]): HostFacts {
  const booted = factOf(answer, 'boot', bootedAt);
  const disks = factOf(answer, 'filesystems', filesystems);
  return {
    at: times.at,
    tookMs: times.tookMs,
    bootId: factOf(answer, 'boot', bootId),
    bootedAt: booted,
    clockSkewMs: mapped(factOf(answer, 'clock', clock), (theirs) => Math.round(theirs - times.clockAt)),
    hostname: factOf(answer, 'system', systemField('hostname')),
    osName: factOf(answer, 'system', systemField('os')),
    kernel: factOf(answer, 'system', systemField('kernel')),
    rebootRequired: factOf(answer, 'reboot-required', rebootRequired),
    timeSynchronized: factOf(answer, 'time-sync', timeSynchronized),
    failedUnits: factOf(answer, 'failed-units', failedUnits),
    services: factOf(answer, 'services', services),
    swap: factOf(answer, 'swap', swap),
    swapSetup: factOf(answer, 'swap-setup', swapSetup),
    modules: factOf(answer, 'modules', modules),
    modulesAtBoot: factOf(answer, 'modules-load', modulesAtBoot),
    sysctls: factOf(answer, 'sysctls', sysctls),
    cgroup: factOf(answer, 'cgroup', cgroup),
    runtimeBinaries: factOf(answer, 'runtime-binaries', runtimeBinaries),
    runtimeConfig: factOf(answer, 'runtime-config', runtimeConfig),
    lowLevelRuntimes: factOf(answer, 'low-level-runtimes', lowLevelRuntimes),
    cdi: factOf(answer, 'cdi', cdi),
    driver: factOf(answer, 'driver', (lines) => driver(lines, answer.sections.get('system')?.lines ?? [])),
    pciGpus: factOf(answer, 'pci', pciGpus),
    xids: mapped(
      factOf(answer, 'xids', (lines) => known(xidLines(lines, booted.known ? booted.value : null))),
      readXids,
    ),
    filesystems: disks,
    mounts: factOf(answer, 'mounts', mounts),
    usage: usage(answer, disks),
    certificates: factOf(answer, 'certificates', certificates),
    kubeconfigs: factOf(answer, 'kubeconfigs', kubeconfigs),
    packageHolds: factOf(answer, 'holds', packageHolds),
    nodePackages: factOf(answer, 'packages', nodePackages),
    aptHistory: factOf(answer, 'apt-history', aptHistory),
    load: factOf(answer, 'load', load),
    memory: factOf(answer, 'memory', memory),
    pressure: factOf(answer, 'pressure', pressure),
  };
}

/**
 * The facts, with those that need root as they were when root was last asked: sudo writes a line to the host's log at each call, so it is
 * asked less often. Nothing is carried over a reboot.
 */
export function withEarlierRootFacts(facts: HostFacts, earlier: HostFacts | null): HostFacts {
  if (earlier === null || !sameBoot(facts, earlier)) return facts;
  const kept = <T>(now: Fact<T>, before: Fact<T>): Fact<T> => (!now.known && before.known && now.why.startsWith('needs root') ? before : now);
  return {
    ...facts,
    runtimeConfig: kept(facts.runtimeConfig, earlier.runtimeConfig),
    xids: kept(facts.xids, earlier.xids),
    certificates: keptWhole(facts.certificates, earlier.certificates),
    kubeconfigs: keptWhole(facts.kubeconfigs, earlier.kubeconfigs),
    usage: usageKept(facts.usage, earlier.usage),
  };
}

/** Whether the machine was booted between the two; what root knew of it then is gone. */
export function bootedSince(facts: HostFacts, earlier: HostFacts | null): boolean {
  return earlier !== null && facts.bootId.known && earlier.bootId.known && !sameBoot(facts, earlier);
}

function sameBoot(one: HostFacts, other: HostFacts): boolean {
  return one.bootId.known && other.bootId.known && one.bootId.value === other.bootId.value;
}

/** Lists of which an ordinary user sees a part. */
function keptWhole<T extends { readonly path: string }>(now: Fact<readonly T[]>, before: Fact<readonly T[]>): Fact<readonly T[]> {
  if (!before.known) return now;
  if (!now.known) return now.why.startsWith('needs root') ? before : now;
  const seen = new Set(now.value.map(({ path }) => path));
  return known([...now.value, ...before.value.filter(({ path }) => !seen.has(path))]);
}

function usageKept(now: Fact<Readonly<Record<string, number>>>, before: Fact<Readonly<Record<string, number>>>): Fact<Readonly<Record<string, number>>> {
  return now.known && before.known ? known({ ...before.value, ...now.value }) : now;
}

function mapped<T, U>(fact: Fact<T>, change: (value: T) => U): Fact<U> {
  return fact.known ? known(change(fact.value)) : fact;
}
