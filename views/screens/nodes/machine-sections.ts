import type { Slice } from '../../../src/state/freshness.js';
import type { Fact, HostFacts, HostState } from '../../../src/state/hosts.js';
import type { Collection } from '../../../src/state/snapshot.js';
import { duration } from '../../../src/text/age.js';
import { bytes, count } from '../../../src/text/amount.js';
import { bar } from '../../../src/text/bar.js';
import { type Line, line, type Tone } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { wrap } from '../../../src/text/width.js';
import { missingLines } from '../../widgets/freshness-note.js';
import { facts, type Section, table } from '../../widgets/sections.js';
import { xidLines } from '../gpus/xid-lines.js';
import { certificateSection, diskSection } from './machine-storage.js';

export interface MachineSections {
  /** How the machine is reached, and what on it is out of order. */
  readonly state: readonly Section[];
  /** What it has. */
  readonly make: readonly Section[];
}

/** What the machine under a node says of itself over a shell. What is not known says why. */
export function machineSections(name: string, hosts: Slice<Collection<HostState>>, now: number): MachineSections {
  const host = hosts.value?.get(name);
  if (host === undefined) {
    const none = line(['dim', '· it is not among the machines that are looked at: see :settings']);
    return { state: [{ title: 'Machine', lines: (width) => (hosts.value === null ? missingLines(hosts, 'machines', width) : [none]) }], make: [] };
  }
  const contact: Section = { title: 'Machine', right: contactNote(host, now), lines: (width) => contactLines(host, now, width) };
  const known = host.facts;
  if (known === null) return { state: [contact], make: [] };
  return {
    state: [contact, systemSection(known), serviceSection(known), xidSection(known, now)],
    make: [diskSection(known), loadSection(known), certificateSection(known, now)],
  };
}

function contactNote({ facts: known, contact }: HostState, now: number): Line {
  if (known === null) return [];
  const old = contact.status !== 'connected';
  return line([old ? 'warn' : 'dim', `seen ${ageOf(known.at, now)} ago`]);
}

function contactLines({ road, contact }: HostState, now: number, width: number): readonly Line[] {
  const said = (tone: Tone, sign: string, text: string) => wrap(text, width - 2).map((one, index) => line(index === 0 ? [tone, sign] : '  ', one));
  const fixed = (fix: string | null) => (fix === null ? [] : wrap(`Fix: ${fix}`, width - 2).map((text) => line('  ', ['accent', text])));
  switch (contact.status) {
    case 'connected':
      return [line(['good', '✓ '], road, ['dim', `  ${Math.round(contact.roundTripMs)} ms, connected ${ageOf(contact.since, now)}`])];
    case 'connecting':
      return [line(['warn', '◌ '], `connecting: ${road}`, ['dim', `  ${ageOf(contact.since, now)}`])];
    case 'asking':
      return said('warn', '! ', `waits for you: ${contact.question}`);
    case 'lost': {
      const wait = line(['dim', `  lost ${ageOf(contact.since, now)} ago, next try in ${duration(Math.max(0, contact.nextTryAt - now))}`]);
      return [...said('bad', '✗ ', contact.why), ...fixed(contact.fix), wait];
    }
    case 'refused':
      return [...said('bad', '✗ ', contact.why), ...fixed(contact.fix), line(['dim', '  not tried again by itself: r tries anew'])];
  }
}

function systemSection(known: HostFacts): Section {
  const { clockSkewMs, bootedAt, at } = known;
  // The host's own clock says when it booted: its skew is taken out.
  const bootedAgo = bootedAt.known ? duration(at + (clockSkewMs.known ? clockSkewMs.value : 0) - bootedAt.value) : null;
  return {
    title: 'System',
    lines: (width) =>
      facts(
        [
          ['up', bootedAgo ?? unknown(bootedAt)],
          ['boot id', shown(known.bootId, (id) => line(id))],
          ['system', shown(known.osName, (name) => line(name))],
          ['kernel', shown(known.kernel, (name) => line(name))],
          [
            'reboot',
            shown(known.rebootRequired, (required) => (required ? line(['warn', '! '], 'required by updates') : line(['good', '✓'], ' not required'))),
          ],
          ['failed units', shown(known.failedUnits, (units) => (units.length === 0 ? line(['good', '✓'], ' none') : line(['bad', `✗ ${units.join(', ')}`])))],
          ['swap', shown(known.swap, swapLine)],
          ['clock', shown(known.timeSynchronized, (synchronized) => clockLine(synchronized, clockSkewMs))],
          ['NVIDIA driver', shown(known.driver, driverLine)],
          ['GPUs on the bus', shown(known.pciGpus, (gpus) => line(String(gpus)))],
          ['cgroup', shown(known.cgroup, (version) => line(version))],
        ],
        width,
      ),
  };
}

function swapLine(swaps: readonly { readonly device: string; readonly bytes: number }[]): Line {
  if (swaps.length === 0) return line(['good', '✓'], ' off');
  // The kubelet refuses to start with swap on unless it is told otherwise.
  return line(['warn', '! on: '], swaps.map(({ device, bytes: size }) => `${device} ${bytes(size)}`).join(', '));
}

function clockLine(synchronized: boolean, skew: Fact<number>): Line {
  const off =
    skew.known && Math.abs(skew.value) >= 2000
      ? line(['warn', `  ${duration(Math.abs(skew.value))} ${skew.value > 0 ? 'ahead of' : 'behind'} this machine`])
      : [];
  return line(synchronized ? ['good', '✓'] : ['warn', '!'], synchronized ? ' synchronized' : ' not synchronized', off);
}

function driverLine({ module, library, nextKernel }: Extract<HostFacts['driver'], { known: true }>['value']): Line {
  const differs = module !== null && library !== null && module !== library;
  const versions = module === null ? line(['bad', '✗ not loaded']) : differs ? line(['bad', `✗ module ${module}, library ${library}`]) : line(module);
  const next = nextKernel !== null && !nextKernel.hasModule ? line(['warn', `  none for ${nextKernel.kernel}, which boots next`]) : [];
  return line(versions, next);
}

function serviceSection({ services }: HostFacts): Section {
  return {
    title: 'Services',
    lines: (width) => {
      if (!services.known) return [line(unknown(services))];
      if (services.value.length === 0) return [line(['dim', 'none of those that matter here'])];
      const rows = services.value.map(({ name, enabled, active }) => {
        const up = active === 'active';
        return [
          line(up ? ['good', '✓'] : active === 'failed' ? ['bad', '✗'] : ['warn', '!']),
          line(name),
          line([up ? 'plain' : active === 'failed' ? 'bad' : 'warn', active]),
          line([enabled === 'disabled' || enabled === 'masked' ? 'warn' : 'dim', enabled]),
        ];
      });
      return table(['', 'UNIT', 'ACTIVE', 'AT BOOT'], rows, width);
    },
  };
}

function loadSection({ load, memory, pressure }: HostFacts): Section {
  return {
    title: 'Load and pressure',
    lines: (width) =>
      facts(
        [
          [
            'load',
            shown(load, ({ one, five, fifteen, cpus }) => line([one > cpus ? 'warn' : 'plain', `${one}`], ` ${five} ${fifteen}`, ['dim', `  on ${cpus} CPUs`])),
          ],
          [
            'memory',
            shown(memory, ({ totalBytes, availableBytes }) =>
              level(1 - availableBytes / totalBytes, `${bytes(availableBytes)} of ${bytes(totalBytes)} available`),
            ),
          ],
          ...(pressure.known ? pressurePairs(pressure.value) : [['pressure', whyUnknown(pressure.why)] as const]),
        ],
        width,
      ),
  };
}

function pressurePairs({ cpuSome, memorySome, memoryFull, ioSome, ioFull }: Extract<HostFacts['pressure'], { known: true }>['value']) {
  return [
    ['waits for CPU', percent(cpuSome)],
    ['for memory', line(percent(memorySome), ['dim', `, all at once ${memoryFull}%`])],
    ['for disks', line(percent(ioSome), ['dim', `, all at once ${ioFull}%`])],
  ] as const;
}

function xidSection({ xids }: HostFacts, now: number): Section {
  return {
    title: 'GPU errors of this boot (Xid)',
    right: xids.known ? line(['dim', count(xids.value.length)]) : [],
    lines: (width) => (xids.known ? (xids.value.length === 0 ? [line(['good', '✓'], ' none')] : xidLines(xids.value, now, width)) : [line(unknown(xids))]),
  };
}

function percent(value: number): Line {
  return line([value >= 40 ? 'bad' : value >= 10 ? 'warn' : 'plain', `${value}%`]);
}

function level(fraction: number, text: string): Line {
  const tone: Tone = fraction >= 0.95 ? 'bad' : fraction >= 0.85 ? 'warn' : 'good';
  return line([tone, bar(fraction, 10)], ` ${text}`);
}

/** A fact's value, or why it is not known in its place. */
function shown<T>(fact: Fact<T>, draw: (value: T) => Line): Line | string {
  return fact.known ? draw(fact.value) : whyUnknown(fact.why);
}

function whyUnknown(why: string): string {
  return `not known: ${why}`;
}

function unknown(fact: Fact<unknown>): Line {
  return line(['dim', fact.known ? '' : whyUnknown(fact.why)]);
}
