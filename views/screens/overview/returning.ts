import type { NodeRecovery, RecoveryStep } from '../../../src/state/recovery.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { age, clock, clockOffset } from '../../../src/text/age.js';
import { fitLine, type Line, line, lineWidth, type Segment, spread } from '../../../src/text/line.js';
import { fit } from '../../../src/text/width.js';
import { atMost, type PanelContent } from './panel-content.js';

/** The nodes on their way back, or back for less than half an hour: the worst first; none where there is nothing to tell. */
export function returningNodes({ recovery }: ClusterSnapshot, now: number): readonly NodeRecovery[] {
  const nodes = (recovery.value?.nodes ?? []).filter(({ completeAt }) => completeAt === null || now - completeAt < toldFor);
  return nodes.toSorted((a, b) => rank(b) - rank(a));
}

/** One node in full, a step a row with its time since boot and its usual time; the others in a line each. */
export function returningPanel(nodes: readonly NodeRecovery[], now: number, width: number, room: number): PanelContent {
  const [worst, ...others] = nodes;
  if (worst === undefined) return { frame: { title: 'Recovery' }, lines: [] };
  const below = otherLines(others, now, width);
  const seenBy = worst.seenBy === null ? [] : [cutLine(line(['warn', worst.seenBy]), width)];
  const shown = worst.steps.filter(({ status }) => status !== 'skipped');
  const withUsual = shown.some(({ usualMs }) => usualMs !== null);
  const header = spread(line(['dim', '  step']), line(['dim', `since boot${withUsual ? `  ${fit('usual', usualWidth, 'left')}` : ''}`]), width);
  const row = (step: RecoveryStep) => stepRow(step, worst, now, width, withUsual);
  const least = seenBy.length + Math.min(below.length, 2);
  const fits = shown.length + 1 + least <= room;
  // Where there are not rows enough, what was done first shares one.
  const sharing = shown.filter(({ status }) => status === 'done').slice(0, Math.max(0, shown.length + 1 + least - room));
  const rows = fits ? [header, ...shown.map(row)] : [...doneRow(sharing, width), ...shown.filter((step) => !sharing.includes(step)).map(row)];
  return {
    frame: frameOf(worst, others.length, now),
    lines: [...seenBy, ...atMost(rows, Math.max(2, room - least), 'enter shows all'), ...below].slice(0, Math.max(0, room)),
  };
}

/** The same for small screens: as many steps in a row as fit, `✓ SSH +0:38  ✗ device plugin now 4:12, usual +1:30`. */
export function returningFlow(nodes: readonly NodeRecovery[], now: number, width: number, room: number): PanelContent {
  const [worst, ...others] = nodes;
  if (worst === undefined) return { frame: { title: 'Recovery' }, lines: [] };
  const below = otherLines(others, now, width);
  const seenBy = worst.seenBy === null ? [] : [cutLine(line(['warn', worst.seenBy]), width)];
  const shown = worst.steps.filter(({ status }) => status !== 'skipped');
  const space = Math.max(1, room - seenBy.length - Math.min(below.length, 1));
  const whole = flowed(pieces(shown, worst, now, false), width);
  // The steps that are done give up their times first, then their names.
  const lines = whole.length <= space ? whole : flowed(pieces(shown, worst, now, true), width);
  return { frame: frameOf(worst, others.length, now), lines: [...seenBy, ...atMost(lines, space, ''), ...below].slice(0, Math.max(0, room)) };
}

function frameOf(node: NodeRecovery, others: number, now: number): PanelContent['frame'] {
  const more = others === 0 ? '' : ` +${others}`;
  return {
    title: `Recovery of ${node.node}${more}`,
    right: stateOf(node, now),
    ...(node.steps.some(({ status }) => status === 'failed') ? { tone: 'bad' } : {}),
  };
}

/** `rebooted 4m12s ago`, `back after 2:00, rebooted 12m ago`, `down`. */
function stateOf({ bootedAt, completeAt, because }: NodeRecovery, now: number): Line {
  if (because === 'down') return line(['bad', 'down']);
  const rebooted = bootedAt === null ? 'rebooted, nobody tells when' : `rebooted ${age(bootedAt, now)} ago`;
  if (completeAt === null) return line(['warn', rebooted]);
  return line(['good', bootedAt === null ? 'back' : `back after ${clock(completeAt - bootedAt)}`], ['dim', `, ${rebooted}`]);
}

function stepRow(step: RecoveryStep, node: NodeRecovery, now: number, width: number, withUsual: boolean): Line {
  const usual = withUsual ? `  ${fit(usualOf(step), usualWidth, 'left')}` : '';
  const time = step.status === 'waiting' ? line(['dim', `waits for ${shortName(step.waitsFor ?? '')}`]) : line(timeOf(step, node, now), ['dim', usual]);
  const room = width - lineWidth(time) - 1;
  const bare = line(signOf(step), ' ', step.name);
  const told = line(bare, [step.status === 'failed' ? 'bad' : 'dim', `  ${step.fact}`]);
  // A piece of what went well would only be in the way.
  const hasFact = step.status !== 'waiting' && step.fact !== '' && (step.status !== 'done' || lineWidth(told) <= room);
  const left = hasFact ? told : bare;
  return spread(lineWidth(left) > room ? fitLine(left, room) : left, time, width);
}

/** `+1:20`, `now 4:12` for what is late or next. */
function timeOf(step: RecoveryStep, { bootedAt }: NodeRecovery, now: number): Segment {
  if (step.status === 'done') return { text: step.sinceBootMs === null ? '' : clockOffset(step.sinceBootMs), tone: 'plain' };
  if (bootedAt === null || (step.status !== 'open' && step.status !== 'failed')) return { text: '', tone: 'dim' };
  return { text: `now ${clock(now - bootedAt)}`, tone: step.status === 'failed' ? 'bad' : isLate(step, now - bootedAt) ? 'warn' : 'plain' };
}

function isLate({ usualMs }: RecoveryStep, elapsed: number): boolean {
  return usualMs !== null && elapsed > usualMs * 1.5;
}

function usualOf({ usualMs }: RecoveryStep): string {
  return usualMs === null ? '' : clockOffset(usualMs);
}

const usualWidth = 6;

function doneRow(steps: readonly RecoveryStep[], width: number): readonly Line[] {
  const done = steps.filter(({ status }) => status === 'done').map(({ name }) => shortName(name));
  return done.length === 0 ? [] : [cutLine(line(['good', '✓ '], done.join(' · ')), width)];
}

function pieces(steps: readonly RecoveryStep[], node: NodeRecovery, now: number, brief: boolean): readonly Line[] {
  const done = steps.filter(({ status }) => status === 'done');
  const waiting = steps.filter(({ status }) => status === 'waiting').map(({ name }) => shortName(name));
  const own = steps.filter(({ status }) => status !== 'done' && status !== 'waiting');
  const first =
    brief && done.length > 0 ? [line(['good', '✓ '], done.map(({ name }) => shortName(name)).join(' · '))] : done.map((step) => piece(step, node, now));
  return [...first, ...own.map((step) => piece(step, node, now)), ...(waiting.length === 0 ? [] : [line(['dim', `· ${waiting.join(', ')} wait`])])];
}

function piece(step: RecoveryStep, node: NodeRecovery, now: number): Line {
  const time = timeOf(step, node, now);
  const usual = step.status !== 'done' && step.usualMs !== null ? `, usual ${usualOf(step)}` : '';
  return line(signOf(step), ` ${shortName(step.name)}`, time.text === '' ? '' : ' ', time, ['dim', usual]);
}

function flowed(parts: readonly Line[], width: number): readonly Line[] {
  const rows: Line[] = [];
  let current: Line = [];
  for (const part of parts.map((own) => cutLine(own, width))) {
    const joined = current.length === 0 ? part : line(current, '  ', part);
    if (lineWidth(joined) > width && current.length > 0) {
      rows.push(current);
      current = part;
    } else current = joined;
  }
  return current.length > 0 ? [...rows, current] : rows;
}

/** `gpu-3: back after 2:00`, `gpu-4: waits for node Ready`. */
function otherLines(nodes: readonly NodeRecovery[], now: number, width: number): readonly Line[] {
  return nodes.map((node) => {
    const next = node.steps.find(({ status }) => status === 'failed') ?? node.steps.find(({ status }) => status === 'open');
    const done = node.steps.filter(({ status }) => status === 'done').length;
    const wanted = node.steps.filter(({ status }) => status !== 'skipped').length;
    const sign: Segment =
      node.completeAt !== null ? { text: '✓', tone: 'good' } : next?.status === 'failed' ? { text: '✗', tone: 'bad' } : { text: '!', tone: 'warn' };
    const what = node.completeAt !== null ? '' : `  ${done} of ${wanted}${next === undefined ? '' : `, next ${shortName(next.name)}`}`;
    return cutLine(line(sign, ` ${node.node}  `, stateOf(node, now), ['dim', what]), width);
  });
}

function signOf({ status }: RecoveryStep): Segment {
  return signs[status];
}

const signs: Readonly<Record<RecoveryStep['status'], Segment>> = {
  done: { text: '✓', tone: 'good' },
  open: { text: '!', tone: 'warn' },
  failed: { text: '✗', tone: 'bad' },
  waiting: { text: '·', tone: 'dim' },
  unknown: { text: '?', tone: 'warn' },
  skipped: { text: '·', tone: 'dim' },
};

/** As a small screen names a step: `SSH`, `driver`, `Ready`, `network`, `GPUs`. */
function shortName(name: string): string {
  const known: Readonly<Record<string, string>> = { 'SSH answers': 'SSH', 'node Ready': 'Ready', 'GPUs registered': 'GPUs' };
  const own = known[name];
  if (own !== undefined) return own;
  return /^pod network/.test(name) ? 'network' : name.replace(/^(driver|containerd|CRI-O|docker) \S+$/, '$1');
}

/** Trouble before what is only late, what is down or under way before what is back. */
function rank({ steps, completeAt, because }: NodeRecovery): number {
  if (completeAt !== null) return 0;
  if (steps.some(({ status }) => status === 'failed')) return 3;
  return because === 'down' ? 2 : 1;
}

function cutLine(row: Line, width: number): Line {
  return lineWidth(row) > width ? fitLine(row, width) : row;
}

const toldFor = 30 * 60_000;
