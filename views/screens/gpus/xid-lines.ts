import type { HostState, XidEvent } from '../../../src/state/hosts.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { wrap } from '../../../src/text/width.js';

/** The Xid events of a machine's boot, newest first; those of one GPU where its bus id is given. null while the kernel log cannot be read. */
export function xidsOf(host: HostState | null, pciBusId: string | null = null): readonly XidEvent[] | null {
  const xids = host?.facts?.xids;
  if (xids?.known !== true) return null;
  const own = pciBusId === null ? xids.value : xids.value.filter((event) => event.pciBusId === null || sameBus(event.pciBusId, pciBusId));
  return [...own].sort((a, b) => (b.at ?? 0) - (a.at ?? 0));
}

/** Each event with its code, age, whom it hit, what it means and what to do. */
export function xidLines(events: readonly XidEvent[], now: number, width: number): readonly Line[] {
  return events.slice(0, mostShown).flatMap(({ code, at, pciBusId, pid, pod, meaning, action, line: said }) => {
    const whom = pod ?? (pid === null ? null : `pid ${pid}`);
    const head = line(
      ['bad', `✗ Xid ${code}`],
      ['dim', at === null ? '' : `  ${ageOf(at, now)} ago`],
      pciBusId === null ? '' : ['dim', `  ${pciBusId}`],
      whom === null ? '' : line(['dim', '  hit '], whom),
    );
    const means = wrap(meaning ?? said, width - 2).map((text) => line('  ', text));
    const todo = action === undefined ? [] : wrap(action, width - 6).map((text, index) => line(index === 0 ? ['accent', '  do: '] : '      ', text));
    return [head, ...means, ...todo];
  });
}

const mostShown = 20;

/** The kernel writes `0000:3b:00`, nvidia-smi `00000000:3B:00.0`. */
function sameBus(one: string, other: string): boolean {
  return busOf(one) === busOf(other);
}

function busOf(id: string): string {
  return id
    .toLowerCase()
    .replace(/^0+(?=[0-9a-f]*:)/, '')
    .replace(/\.\d+$/, '')
    .replace(/^:/, '0:');
}
