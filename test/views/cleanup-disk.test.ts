import { describe, expect, it } from 'vitest';
import type { NodeDisks, StoreReading } from '../../src/state/disks.js';
import { usedBar } from '../../views/screens/cleanup/disk-columns.js';
import { aboutStore, storeColumns } from '../../views/screens/cleanup/disk-store-columns.js';
import { chosenBytes, diskWish, storeRows } from '../../views/screens/cleanup/disk-store-rows.js';

const text = (row: readonly { readonly text: string }[]) => row.map((segment) => segment.text).join('');

function aStore(overrides: Partial<StoreReading> & Pick<StoreReading, 'id'>): StoreReading {
  const reading = { status: 'measured', bytes: 2e9, exact: true, how: 'counted', commands: ['apt-get clean'], mount: '/', parts: [], note: null } as const;
  return { title: overrides.id, harm: 'nothing much', risk: 'safe', ticked: true, reading, ...overrides };
}

const image = (id: string, verdict: 'safe' | 'lost', ticked: boolean) => ({ id, text: `lab/${id}`, bytes: 1e9, verdict, why: 'no digest', usedBy: [], ticked });

const disks: NodeDisks = {
  node: 'gpu-1',
  at: 0,
  tookMs: 1,
  from: { road: 'ssh gpu-1' },
  filesystems: [],
  stores: [
    aStore({ id: 'journal' }),
    aStore({ id: 'docker-build-cache', reading: { status: 'unknown', why: 'docker: not installed' } }),
    aStore({ id: 'core-dumps', ticked: false, risk: 'destructive' }),
    aStore({
      id: 'docker-images',
      reading: {
        status: 'measured',
        bytes: 2e9,
        exact: false,
        how: 'docker',
        commands: [''],
        mount: '/',
        parts: [image('good', 'safe', true), image('only-here', 'lost', false)],
        note: null,
      },
    }),
  ],
};

describe('what is ticked of a node’s stores', () => {
  it('is what goes without harm, until somebody chooses otherwise', () => {
    const rows = storeRows(disks, new Set());
    expect(rows.filter(({ goes }) => goes).map(({ id }) => id)).toEqual(['gpu-1/journal', 'gpu-1/docker-images', 'gpu-1/docker-images=good']);
    expect(chosenBytes(rows)).toBe(3e9);
    expect(diskWish('gpu-1', rows).input).toMatchObject({ node: 'gpu-1', stores: 'journal docker-images', parts: 'docker-images=good' });
  });

  it('changes row by row, and what could not be measured is never ticked', () => {
    const rows = storeRows(disks, new Set(['gpu-1/journal', 'gpu-1/docker-build-cache', 'gpu-1/core-dumps', 'gpu-1/docker-images=only-here']));
    expect(diskWish('gpu-1', rows).input).toMatchObject({ stores: 'core-dumps docker-images', parts: 'docker-images=good docker-images=only-here' });
  });

  it('shows LOST on what is nowhere else, and why something is not known', () => {
    const rows = storeRows(disks, new Set());
    const name = storeColumns.find(({ id }) => id === 'store');
    expect(rows.map((row) => text(name?.cell(row, 0) ?? []))).toContain('  [ ] LOST lab/only-here');
    expect(rows.flatMap((row) => aboutStore(row, 80)).map(text)).toContain('not measured: docker: not installed');
  });
});

describe('the bar of a file system', () => {
  it('has a mark where the kubelet begins to evict', () => {
    const row = { id: '', node: 'gpu-1', name: '/', why: null, growth: null, winBytes: 0, first: true, pressed: false };
    expect(text(usedBar({ ...row, room: { sizeBytes: 100, availableBytes: 50 }, evictsBelowBytes: 15 }, 20))).toBe('▆▆▆▆▆▆▆▆▆▆░░░░░░░│░░');
    expect(text(usedBar({ ...row, room: null, why: 'its kubelet does not answer', evictsBelowBytes: null }, 20))).toBe('its kubelet does not answer');
  });
});
