import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ContextMemory, nothingRemembered } from '../src/config/memory.js';
import { type RecoveryTracker, startRecovery } from '../src/recovery.js';
import type { ClusterSnapshot, Slices } from '../src/state/snapshot.js';
import { createStore, type Store } from '../src/state/store.js';
import type { VisitChanges } from '../src/state/visit.js';
import { aMemory, boot, labAt, newBoot, range, told, withoutApi } from './checks/recovery/rebooting.js';

const sources = [
  'nodes',
  'pods',
  'leases',
  'hosts',
  'daemonSets',
  'deployments',
  'statefulSets',
  'targets',
  'prometheus',
  'gpus',
  'readyz',
  'deadPods',
  'report',
] as const;

let store: Store;
let tracker: RecoveryTracker | null = null;
let kept: ContextMemory[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  kept = [];
});
afterEach(() => {
  tracker?.close();
  store.close();
  vi.useRealTimers();
});

/** Begins a visit `second` seconds after the boot. */
function visit(second: number, memory: ContextMemory, offer?: (snapshot: ClusterSnapshot) => VisitChanges['offer']): void {
  vi.setSystemTime(boot + second * 1000);
  store = createStore({ flushMs: 1, settleMs: 0 });
  tracker = startRecovery({
    store,
    memory: { read: () => memory, keep: (seen) => void kept.push(seen), problem: () => null },
    ...(offer === undefined ? {} : { offer }),
  });
}

function show(snapshot: ClusterSnapshot): void {
  vi.setSystemTime(snapshot.at);
  for (const name of sources) write(name, snapshot);
  store.writeConnection(snapshot.connection);
  vi.advanceTimersByTime(100);
}

function write<Name extends keyof Slices>(name: Name, snapshot: ClusterSnapshot): void {
  store.write(name, snapshot[name]);
}

const first = () => store.snapshot().recovery.value?.nodes[0];

describe('a visit during a reboot', () => {
  it('fills the chain live and keeps the reboot as soon as it is over, once', () => {
    visit(-20, aMemory());
    for (const second of range(-20, 118)) show(labAt(second));
    expect(first()?.steps.map(told).slice(0, 3)).toEqual(['ssh ~+38', 'driver ~+38', 'runtime ~+38']);
    expect(first()?.completeAt).toBeNull();
    expect(kept.every(({ reboots }) => reboots['gpu-2'] === undefined)).toBe(true);
    for (const second of range(119, 140)) show(labAt(second));
    expect(first()?.completeAt).toBe(boot + 120_000);
    const reboots = kept.at(-1)?.reboots['gpu-2'];
    expect(reboots).toHaveLength(1);
    expect(reboots?.[0]).toMatchObject({ bootId: newBoot, bootedAt: boot, steps: { 'node-ready': 62_000, gpus: 95_000 } });
  });

  it('knows at the next visit how long it usually takes', () => {
    const steps = { ssh: 35_000, 'device-plugin': 80_000 };
    visit(-20, aMemory({ reboots: { 'gpu-2': [{ bootId: 'boot-0', bootedAt: boot - 86_400_000, steps }] } }));
    for (const second of range(-20, 45)) show(labAt(second));
    expect(first()?.steps.flatMap(({ id, usualMs }) => (usualMs === null ? [] : [[id, usualMs]]))).toEqual(Object.entries(steps));
  });

  it('goes on where the last visit left it, half-way', () => {
    visit(-20, aMemory());
    for (const second of range(-20, 70)) show(labAt(second));
    tracker?.close();
    tracker = null;
    store.close();
    const left = kept.at(-1);
    expect(left?.nodes['gpu-2']).toMatchObject({ bootId: newBoot, recovering: true, gpus: 8 });
    visit(3600, left ?? nothingRemembered);
    for (const second of range(3600, 3602)) show(labAt(second, { plugin: 9999, gpus: 9999 }));
    expect(first()).toMatchObject({ node: 'gpu-2', because: 'boot-id', completeAt: null });
    expect(store.snapshot().visit.value?.changes.some(({ kind }) => kind === 'reboot')).toBe(false);
  });

  it('is fed by the machines of the last visit while the API server is silent from the start', () => {
    visit(40, aMemory());
    for (const second of range(40, 50)) show(withoutApi(labAt(second)));
    expect(first()).toMatchObject({
      node: 'gpu-2',
      bootId: newBoot,
      because: 'boot-id',
      seenBy: 'API server refused, seen over SSH: kubelet active, containerd active',
    });
    expect(store.snapshot().visit.value?.changes.map(({ text }) => text)).toEqual(['gpu-2 rebooted 1×']);
  });
});

describe('the first visit', () => {
  it('shows nodes that have just booted, and tells of no changes', () => {
    visit(300, nothingRemembered);
    for (const second of range(300, 306)) show(labAt(second));
    expect(store.snapshot().recovery.value?.nodes.map(({ node, because }) => `${node} ${because}`)).toEqual(['gpu-2 younger-than-visit']);
    expect(store.snapshot().visit.value).toMatchObject({ lastVisitAt: null, changes: [] });
  });

  it('shows none that have been up for longer', () => {
    visit(3600, nothingRemembered);
    for (const second of range(3600, 3604)) show(labAt(second));
    expect(store.snapshot().recovery.value?.nodes).toEqual([]);
  });

  it('offers what it sees as expected when all is good, and not again at the next', () => {
    const offer = () => ({ text: 'Keep what is here?', fields: [{ path: 'expect.nodes', value: 'gpu-1' }] });
    visit(3600, nothingRemembered, offer);
    show(labAt(3600));
    expect(store.snapshot().report.value?.verdict).toBe('good');
    expect(store.snapshot().visit.value?.offer?.text).toBe('Keep what is here?');
    tracker?.close();
    store.close();
    visit(7200, kept.at(-1) ?? nothingRemembered, offer);
    show(labAt(7200));
    expect(store.snapshot().visit.value?.offer).toBeNull();
  });
});

describe('what is kept of a visit', () => {
  it('is renewed every minute and at its end', () => {
    visit(3600, nothingRemembered);
    show(labAt(3600));
    vi.advanceTimersByTime(60_000);
    expect(kept).toHaveLength(1);
    expect(kept[0]).toMatchObject({ lastVisitAt: boot + 3_660_000, last: { targetsDown: [], targets: 2, badPods: [], deadPods: 0 } });
    expect(kept[0]?.nodes['gpu-2']).toEqual({
      bootId: newBoot,
      bootedAt: boot,
      recovering: false,
      address: '10.0.0.12',
      kernel: '6.8.0-94-generic',
      kubelet: 'v1.36.2',
      runtime: 'containerd://2.3.4',
      driver: '580.173.02',
      gpus: 8,
      ready: true,
      machineId: 'ec2b8f2d',
    });
    tracker?.close();
    expect(kept).toHaveLength(2);
  });

  it('is no visit where nothing was seen', () => {
    visit(3600, aMemory());
    vi.advanceTimersByTime(1000);
    tracker?.close();
    expect(kept.at(-1)).toEqual(aMemory());
  });
});
