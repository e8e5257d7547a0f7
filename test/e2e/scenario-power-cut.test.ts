import { describe, expect, it } from 'vitest';
import { until } from '../kube/until.js';
import { demoVisit } from './demo-visit.js';

describe('machines that come back from a power cut, one of them with swap on', { timeout: 3 * 60_000 }, () => {
  it('come back step by step but for one, whose one cause is mended', async () => {
    await using visit = demoVisit('power-cut');
    const { session } = visit;
    const nodeOf = (name: string) => session.snapshot().recovery.value?.nodes.find(({ node }) => node === name);
    const causes = () => (visit.report()?.causes ?? []).map(({ finding }) => `${finding.id} ${finding.object}`);

    await until(() => typeof nodeOf('controlplane')?.completeAt === 'number' && causes().join() === 'swap-zero node/gpu-2', 90_000);
    const [cause] = visit.report()?.causes ?? [];
    expect(cause?.finding.message).toMatch(/^gpu-2 has swap on: \/swap\.img \(8 GiB\); its kubelet does not start with it$/);
    expect(cause?.follows.map(({ id, object }) => `${id} ${object}`)).toEqual(expect.arrayContaining(['kubelet-service node/gpu-2', 'node-ready node/gpu-2']));
    expect(nodeOf('gpu-2')?.steps.find(({ status }) => status !== 'done')?.id).toBe('kubelet');

    const plan = await session.plan({ id: 'swap-off', input: { host: 'gpu-2' } });
    const run = await session.finished(await session.start(plan, plan.confirmName));
    expect({ state: run.state, verification: run.verification }).toMatchObject({ state: 'done', verification: { seen: true } });
    await until(() => visit.report()?.verdict === 'good' && typeof nodeOf('gpu-2')?.completeAt === 'number', 90_000);
  });
});
