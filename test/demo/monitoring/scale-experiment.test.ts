import { afterEach, expect, it, vi } from 'vitest';
import type { Session } from '../../../src/session.js';
import type { LatencyService } from '../../../src/state/latency.js';
import type { LoadOf } from '../../../src/state/load.js';
import { demoSession } from '../../cli/demo-session.js';
import { until } from '../../kube/until.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it('scaling resnet50-inference from 1 to 3 to 8 lets answers take longer and the load state rise', { timeout: 180_000 }, async () => {
  const pass = passTime();
  await using demo = await demoSession({ scenario: 'healthy', speed: 30 });
  const { session } = demo;
  session.lookAt('latency');
  const measured: Measured[] = [await measure(session)];
  for (const replicas of [3, 8]) {
    const input = { kind: 'deployment', namespace: 'ai', name: 'resnet50-inference', replicas: String(replicas) };
    const run = await session.finished(await session.start(await session.plan({ id: 'scale', input }), null));
    expect(run).toMatchObject({ state: 'done', verification: { seen: true } });
    // All that is measured is measured over 5 minutes.
    pass(6 * 60_000);
    measured.push(await measure(session));
  }
  const [one, three, eight] = measured;
  if (one === undefined || three === undefined || eight === undefined) throw new Error('not measured');
  expect(measured.map(({ row }) => row.replicas)).toEqual([1, 3, 8].map((count) => ({ ready: count, wanted: count })));
  expect(three.row.p95).toBeGreaterThan(1.3 * (one.row.p95 ?? Number.NaN));
  expect(eight.row.p95).toBeGreaterThan(1.3 * (three.row.p95 ?? Number.NaN));
  expect(eight.row.requestsPerSecond).toBeGreaterThan(2 * (one.row.requestsPerSecond ?? Number.NaN));
  expect(eight.row.queue).toBeGreaterThan(three.row.queue ?? Number.NaN);
  expect(measured.map(({ load }) => load.level)).toEqual(['Modest', 'Modest', 'High']);
  expect(three.load.gpuPercent).toBeGreaterThan((one.load.gpuPercent ?? Number.NaN) + 4);
  expect([one, eight].map(({ node }) => node.level)).toEqual(['Light', 'High']);
});

interface Measured {
  readonly row: LatencyService;
  readonly load: LoadOf;
  readonly node: LoadOf;
}

/** What the app says once it has read everything anew as often as it takes the load state to follow. */
async function measure(session: Session): Promise<Measured> {
  const state = () => session.snapshot();
  for (let round = 0; round < 3; round += 1) {
    const before = [state().load.freshness, state().latency.freshness];
    session.refresh();
    await until(() => {
      const now = [state().load.freshness, state().latency.freshness];
      return now.every((one, index) => one.status === 'live' && one !== before[index]);
    }, 30_000);
  }
  const { latency, load } = state();
  const row = latency.value?.services.find(({ id }) => id === 'ai/resnet50-inference');
  const node = load.value?.nodes.get('gpu-2');
  if (row === undefined || load.value?.cluster == null || node === undefined) throw new Error('nothing is told of resnet50-inference, or of the load');
  return { row, load: load.value.cluster, node };
}

/** Lets the clock of the demo and of the app jump ahead. */
function passTime(): (ms: number) => void {
  const real = Date.now.bind(Date);
  let ahead = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => real() + ahead);
  return (ms) => {
    ahead += ms;
  };
}
