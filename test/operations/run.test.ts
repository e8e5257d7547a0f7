import { describe, expect, it } from 'vitest';
import { HostError } from '../../src/hosts/host-error.js';
import { KubeError } from '../../src/kube/kube-error.js';
import type { PlannedOperation, World } from '../../src/operations/operation.js';
import { type ProgressEvent, runPlanned } from '../../src/operations/run.js';
import { aDeletion, aPlannedOperation, aRestart, aWorld, ended, ok } from './a-world.js';

async function events(planned: PlannedOperation, world: World, signal = new AbortController().signal): Promise<readonly ProgressEvent[]> {
  const seen: ProgressEvent[] = [];
  for await (const event of runPlanned(planned, world, signal)) seen.push(event);
  return seen;
}

/** `id state: said` of the items, then how it ended. */
function told(seen: readonly ProgressEvent[]): readonly string[] {
  return seen.map((event) => {
    if (event.event === 'item') return `${event.progress.id} ${event.progress.state}${event.progress.said === null ? '' : `: ${event.progress.said}`}`;
    if (event.event === 'verifying') return 'verifying';
    return `${event.state}${event.verification === null ? '' : `: ${event.verification.text}`}`;
  });
}

describe('an operation', () => {
  it('does its steps in order and looks for its goal', async () => {
    const seen = await events(aPlannedOperation([aRestart('gpu-1', 'crio'), aRestart('gpu-1', 'kubelet')]), aWorld());
    expect(told(seen)).toEqual([
      'gpu-1 crio running',
      'gpu-1 crio done',
      'gpu-1 kubelet running',
      'gpu-1 kubelet done',
      'verifying',
      'done: all of it is there',
    ]);
  });

  it('leaves out what follows a step that failed, and does not wait for a goal that cannot come', async () => {
    const world = aWorld({ run: async () => ended(1, { stderr: 'Failed to restart crio.service: Unit crio.service is masked.\n' }) });
    expect(told(await events(aPlannedOperation([aRestart('gpu-1', 'crio'), aRestart('gpu-1', 'kubelet')]), world))).toEqual([
      'gpu-1 crio running',
      'gpu-1 crio failed: systemctl ended with 1: Failed to restart crio.service: Unit crio.service is masked.',
      'gpu-1 kubelet skipped: not done: a step before it failed',
      'failed',
    ]);
  });

  it('goes on after single failures where the steps stand side by side, and tells them all', async () => {
    const world = aWorld({
      request: async (path) => {
        if (path.endsWith('b')) throw new KubeError('forbidden', 'not allowed to delete pods in ai', { status: 403 });
        return ok;
      },
    });
    const seen = told(await events(aPlannedOperation(['a', 'b', 'c'].map(aDeletion), { concurrency: 2 }), world));
    expect(seen).toContain('b failed: not allowed to delete pods in ai');
    expect(seen).toContain('c done');
    expect(seen.at(-1)).toBe('failed: all of it is there');
  });

  it('begins no further step after it was cancelled, and awaits the one under way', async () => {
    const cancelling = new AbortController();
    const done: string[] = [];
    const world = aWorld({
      request: async (path) => {
        cancelling.abort();
        await new Promise(setImmediate);
        done.push(path);
        return ok;
      },
    });
    const seen = told(await events(aPlannedOperation(['a', 'b'].map(aDeletion)), world, cancelling.signal));
    expect(done).toHaveLength(1);
    expect(seen).toEqual(['a running', 'a done', 'b skipped: cancelled before it began', 'cancelled']);
  });

  it('is not done when its goal was not seen', async () => {
    const verify = async () => ({ seen: false, text: '0 of 8 GPUs registered after 2m' });
    expect(told(await events(aPlannedOperation([aDeletion('a')], { verify }), aWorld())).at(-1)).toBe('failed: 0 of 8 GPUs registered after 2m');
    const broken = () => Promise.reject(new Error('connection refused'));
    expect(told(await events(aPlannedOperation([aDeletion('a')], { verify: broken }), aWorld())).at(-1)).toBe('failed: could not look: connection refused');
  });

  it('counts a pod that is gone already as deleted', async () => {
    const { item, action } = aDeletion('a');
    const gone = async () => Promise.reject(new KubeError('not-found', 'not found', { status: 404 }));
    const step = { item, action: action.do === 'request' ? { ...action, alsoDone: { 404: 'already gone' } } : action };
    expect(told(await events(aPlannedOperation([step]), aWorld({ request: gone })))).toContain('a done: already gone');
  });

  it('tries an eviction again while a disruption budget forbids it', async () => {
    let asked = 0;
    const { item, action } = aDeletion('a');
    const request = async () => {
      asked += 1;
      if (asked < 3) throw new KubeError('throttled', 'Cannot evict pod as it would violate the disruption budget', { status: 429 });
      return ok;
    };
    const step = { item, action: action.do === 'request' ? { ...action, retry: { status: 429, everyMs: 5, forMs: 5_000 } } : action };
    expect(told(await events(aPlannedOperation([step]), aWorld({ request })))).toContain('a done');
    expect(asked).toBe(3);
  });

  it('takes a connection that a reboot cuts off for the reboot', async () => {
    const { item } = aRestart('gpu-1', 'x');
    const cut = () => Promise.reject(new HostError('dropped', 'the connection ended'));
    const step = { item, action: { do: 'command', host: 'gpu-1', argv: ['systemctl', 'reboot'], sudo: true, cutOff: 'going down' } as const };
    expect(told(await events(aPlannedOperation([step]), aWorld({ run: cut })))).toContain('gpu-1 x done: going down');
  });

  it('shows no secret that a command prints', async () => {
    const run = async () => ended(0, { stdout: 'kubeadm join 10.0.0.10:6443 --token abcdef.0123456789abcdef\n' });
    expect(told(await events(aPlannedOperation([aRestart('cp', 'x')]), aWorld({ run })))).toContain('cp x done: kubeadm join 10.0.0.10:6443 --token [masked]');
  });

  it('waits for what the steps after it need, and fails when it does not come', async () => {
    const { item } = aRestart('gpu-1', 'x');
    const wait = (holds: boolean) => ({ item, action: { do: 'wait', text: 'gpu-1 is Ready', condition: () => holds, timeoutMs: 60_000 } as const });
    expect(told(await events(aPlannedOperation([wait(true)]), aWorld()))).toContain('gpu-1 x done');
    expect(told(await events(aPlannedOperation([wait(false)]), aWorld()))).toContain('gpu-1 x failed: not seen within 60s: gpu-1 is Ready');
  });
});
