import { describe, expect, it } from 'vitest';
import type { VisitChange, VisitChanges } from '../../src/state/visit.js';
import { lineWidth } from '../../src/text/line.js';
import { visitLine } from '../../views/screens/overview/visit.js';
import { now } from '../builders/snapshot.js';

const changes: readonly VisitChange[] = [
  { kind: 'node', object: 'node/gpu-3', text: 'gpu-3 not Ready', tone: 'bad' },
  { kind: 'pods', object: 'cluster', text: '412 pods evicted', tone: 'warn' },
  { kind: 'reboot', object: 'node/gpu-2', text: 'gpu-2 rebooted 1×', tone: 'plain' },
  { kind: 'version', object: 'node/gpu-2', text: 'kernel 6.8.0-90-generic → 6.8.0-94-generic on gpu-2', tone: 'plain' },
];

function told(visit: Partial<VisitChanges>, width = 120): string {
  const row = visitLine({ lastVisitAt: now - 19 * 3_600_000, changes, problem: null, offer: null, ...visit }, now, width);
  expect(lineWidth(row)).toBeLessThanOrEqual(width);
  return row.map(({ text }) => text).join('');
}

describe('what changed since you left', () => {
  it('is one row, the worst first', () => {
    expect(told({}, 160)).toBe(
      'Since you left (19h ago): gpu-3 not Ready, 412 pods evicted, gpu-2 rebooted 1×, kernel 6.8.0-90-generic → 6.8.0-94-generic on gpu-2',
    );
  });

  it('leaves out what matters least where there is no room, and says how much', () => {
    expect(told({}, 80)).toBe('Since you left (19h ago): gpu-3 not Ready, 412 pods evicted … 2 more');
    expect(told({}, 40)).toBe('Since you left (19h ago): gpu-3 not Rea…');
  });

  it('says that nothing changed', () => {
    expect(told({ changes: [] })).toBe('Since you left (19h ago): nothing changed');
  });

  it('is nothing at the first visit, but what is offered', () => {
    expect(told({ lastVisitAt: null, changes: [] })).toBe('');
    expect(told({ lastVisitAt: null, changes: [], problem: null, offer: { text: 'Store 3 nodes and 17 GPUs as expected?', fields: [] } })).toBe(
      'Store 3 nodes and 17 GPUs as expected?',
    );
  });
});
