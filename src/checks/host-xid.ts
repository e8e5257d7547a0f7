import type { XidEvent } from '../state/hosts.js';
import { age } from '../text/age.js';
import { defineHostCheck, type Seen } from './host-check.js';
import { rebootFix } from './host-driver.js';
import { gpuTags } from './host-kernel.js';
import { type Machine, told } from './host-machine.js';
import type { Sight } from './sight.js';
import { clause, counted } from './wording.js';

/** Complaints of the NVIDIA driver in the kernel log of this boot. */
export const gpuXid = defineHostCheck({
  id: 'gpu-xid',
  title: 'the driver reports no Xid errors',
  severity: 'critical',
  about: 'gpus',
  good: 'no Xid error since the boot',
  look(machine, sight) {
    const events = told(machine.facts.xids);
    if (events.length === 0) return { status: 'pass' };
    const worst = worstOf(events);
    const { severity, code } = worst;
    const others = new Set(events.filter((event) => event.code !== code).map((event) => event.code)).size;
    const said = {
      message: `${sentence(worst, events, machine, sight)}${others === 0 ? '' : `; and ${counted(others, 'other Xid code')}`}`,
      evidence: events.slice(-3).map(({ line }) => ({ source: `kernel log of ${machine.name}`, text: withoutStamp(line) })),
    };
    return { ...said, ...consequences(severity, worst, machine, sight) };
  },
});

/** A line of journalctl -o short-unix without its time and machine, which are told beside it. */
function withoutStamp(line: string): string {
  return line.replace(/^\d{9,11}\.\d{1,9} \S{1,255} (?=\S)/, '');
}

interface Graded extends XidEvent {
  readonly severity: 'application' | 'warning' | 'critical';
}

/** The newest of the worst kind. */
function worstOf(events: readonly XidEvent[]): Graded {
  const graded = events.map((event): Graded => ({ ...event, severity: event.severity ?? (applications.has(event.code) ? 'application' : 'critical') }));
  const order = ['critical', 'warning', 'application'] as const;
  const worst = order.flatMap((severity) => graded.findLast((event) => event.severity === severity) ?? [])[0];
  if (worst === undefined) throw new Error('there is no Xid to grade');
  return worst;
}

/** Faults of programs, which leave the GPU healthy: the device plugin does not count them either. */
const applications = new Set([13, 31, 43, 45, 68, 109]);

function sentence({ code, pciBusId, at, meaning, pod }: Graded, events: readonly XidEvent[], { name }: Machine, sight: Sight): string {
  const times = events.filter((event) => event.code === code).length;
  const where = `${pciBusId === null ? 'a GPU' : `GPU ${pciBusId}`} of ${name}`;
  const when = at === null ? '' : ` ${age(at, sight.now)} ago`;
  return `Xid ${code} on ${where}${when}${times > 1 ? `, ${times} times` : ''}${pod === undefined ? '' : ` in ${pod}`}${meaning === undefined ? '' : `: ${clause(meaning)}`}`;
}

function consequences(
  severity: Graded['severity'],
  { action }: Graded,
  machine: Machine,
  sight: Sight,
): Pick<Extract<Seen, { message: string }>, 'status' | 'severity' | 'fix' | 'explains'> {
  const fix = { summary: capital(clause(action ?? "look the code up in NVIDIA's Xid catalogue")), command: null };
  if (severity === 'application') return { status: 'warn', severity: 'info', fix };
  if (severity === 'warning') return { status: 'warn', severity: 'warning', fix };
  const again = answersAgain(machine, sight);
  return {
    status: again ? 'warn' : 'fail',
    severity: again ? 'warning' : 'critical',
    fix: rebootFix(machine, fix.summary),
    explains: gpuTags(machine),
  };
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** All GPUs answer, and all are offered: it was reset since, or the error has passed. */
function answersAgain({ name, facts, node }: Machine, sight: Sight): boolean {
  const report = sight.peek('machineGpus')?.get(name)?.report;
  if (report?.status !== 'ok' || report.devices.some(({ lost }) => lost !== null)) return false;
  if (facts.pciGpus.known && report.devices.length < facts.pciGpus.value) return false;
  const capacity = node?.capacity.get('nvidia.com/gpu');
  return capacity === undefined || (node?.allocatable.get('nvidia.com/gpu') ?? 0) >= capacity;
}
