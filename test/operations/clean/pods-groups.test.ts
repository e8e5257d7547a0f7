import { describe, expect, it, vi } from 'vitest';
import { KubeError } from '../../../src/kube/kube-error.js';
import { createRunners, groupEndedPods } from '../../../src/operations/clean/pods-groups.js';
import { endedPods } from '../../../src/operations/clean/pods-list.js';
import { deleteEndedPods } from '../../../src/operations/fixes/delete-ended-pods.js';
import type { Pod } from '../../../src/state/pods.js';
import { aCondition, aNode, aPod, aSnapshot, collection } from '../../builders/snapshot.js';
import { aScene, carryOut, done } from '../fixes/a-scene.js';
import { failed } from './failed-pods.js';

const input = { reason: 'Evicted' };

const endedPod = endedPods();

const running = aPod({ name: 'whisper-new', owner: { kind: 'ReplicaSet', name: 'whisper-7f6d5c4b9x' } });
const snapshot = aSnapshot({ pods: collection(running), nodes: collection(aNode()) });

function runnersOf(...pods: readonly Pod[]) {
  const runners = createRunners();
  for (const pod of pods) runners.add(pod);
  return runners;
}

describe('failed pods', () => {
  const groups = (...objects: readonly unknown[]) =>
    groupEndedPods(
      objects.flatMap((object) => endedPod(object) ?? []),
      runnersOf(running),
    );

  it('are grouped by owner, with what runs in their place: a newer revision of the same deployment counts', () => {
    expect(
      groups(failed('a'), failed('b'), failed('c', { owner: 'StatefulSet/db' })).map(({ owner, fate, words, pods }) => [owner, fate, words, pods.length]),
    ).toEqual([
      ['deployment whisper', 'replaced', 'replaced by 1 running pod of deployment whisper', 2],
      ['statefulset db', 'unreplaced', 'no pod of statefulset db runs', 1],
    ]);
  });

  it('of a DaemonSet are replaced by its pod on the same node only', () => {
    const daemon = aPod({ name: 'dcgm-1', owner: { kind: 'DaemonSet', name: 'dcgm' }, nodeName: 'gpu-1' });
    const pods = [failed('a', { owner: 'DaemonSet/dcgm' }), failed('b', { owner: 'DaemonSet/dcgm', node: 'gpu-2' })].flatMap(
      (object) => endedPod(object) ?? [],
    );
    expect(groupEndedPods(pods, runnersOf(daemon)).map(({ words }) => words)).toEqual([
      'replaced by 1 running pod of daemonset dcgm on gpu-1',
      'no pod of daemonset dcgm runs on gpu-2',
    ]);
  });

  it('of Jobs are their record, and bare ones are told apart', () => {
    const all = groups(failed('j', { owner: 'Job/train-1' }), failed('bare', { owner: null }), failed('t', { deletionTimestamp: '2026-11-02T14:00:00Z' }));
    expect(all.map(({ fate }) => fate).sort()).toEqual(['bare', 'history', 'replaced']);
  });

  it('go by the reason of their container where the pod has none, and are none while they run', () => {
    const status = {
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { reason: 'Completed' } } }, { state: { terminated: { reason: 'OOMKilled' } } }],
    };
    expect(endedPod({ ...failed('a'), status })?.reason).toBe('OOMKilled');
    expect(endedPod({ ...failed('a'), status: { phase: 'Running' } })).toBeNull();
  });
});

describe('delete-ended-pods', () => {
  it('deletes each with its UID, many at once, and sees that they are gone', async () => {
    const scene = aScene({ snapshot, failedPods: [failed('a'), failed('b'), failed('other', { reason: 'UnexpectedAdmissionError' })] });
    const planned = await deleteEndedPods.plan(input, scene);
    expect(planned.plan).toMatchObject({ title: 'Delete 2 pods of reason Evicted in ai', risk: 'safe', warnings: [], undo: null, confirmName: 'lab' });
    const [first] = planned.plan.items;
    expect({ id: first?.id, object: first?.object, text: first?.text, exact: first?.exact }).toEqual({
      id: '1',
      object: 'pod/ai/a',
      text: 'replaced by 1 running pod of deployment whisper',
      exact: 'DELETE /api/v1/namespaces/ai/pods/a {"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"uid-a"}}',
    });
    expect(planned.concurrency).toBe(64);
    expect((await carryOut(planned, scene)).verification).toEqual({ seen: true, text: 'all 2 pods are gone' });
    expect(scene.requests).toHaveLength(2);
  });

  it('counts pods that are gone, and names that others have now, as done; goes on after a failure and tells what is left', async () => {
    vi.useFakeTimers();
    const answers = [
      new KubeError('not-found', 'gone', { status: 404 }),
      new KubeError('conflict', 'another UID', { status: 409 }),
      new KubeError('forbidden', 'admission webhook "keep.example.com" denied the request', { status: 403 }),
    ];
    const scene = aScene({ snapshot, failedPods: ['a', 'b', 'c', 'd'].map((name) => failed(name)), answer: () => answers.shift() ?? null });
    const outcome = done(deleteEndedPods, input, scene);
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    expect(await outcome).toMatchObject({
      state: 'failed',
      failed: ['admission webhook "keep.example.com" denied the request'],
      verification: { text: '3 of 4 pods are still there' },
    });
  });

  it('is destructive where pods would be lost that nothing makes anew, and names them', async () => {
    const scene = aScene({ snapshot, failedPods: [failed('a', { reason: 'UnexpectedAdmissionError', owner: null })] });
    const { plan } = await deleteEndedPods.plan({ reason: 'UnexpectedAdmissionError' }, scene);
    expect(plan.risk).toBe('destructive');
    expect(plan.warnings).toEqual(['not recreated, since no controller owns it: ai/a']);
  });

  it('keeps the pods of Jobs and says so, and warns of finalizers and of pressure that goes on evicting', async () => {
    const pressed = aNode({ name: 'gpu-2', conditions: [aCondition('Ready', 'True'), aCondition('DiskPressure', 'True')] });
    const scene = aScene({
      snapshot: { ...snapshot, nodes: collection(pressed) },
      failedPods: [failed('a', { finalizers: ['example.com/x'] }), failed('j', { owner: 'Job/train-1' })],
    });
    const { plan } = await deleteEndedPods.plan(input, scene);
    expect(plan.items).toHaveLength(1);
    expect(plan.warnings).toEqual([
      expect.stringMatching(/^gpu-2 has had DiskPressure for \w+: clearing now will not last; free disk first$/),
      '1 pod of Jobs is kept: the record of ai/train-1',
      '1 pod with finalizers will stay Terminating until those are done',
    ]);
    const onlyJobs = aScene({ snapshot, failedPods: [failed('j', { owner: 'Job/train-1' })] });
    await expect(deleteEndedPods.plan(input, onlyJobs)).rejects.toThrow('nothing to do: all pods of reason Evicted are the record of Jobs');
  });

  it('says what may not be deleted, namespace by namespace', async () => {
    const scene = aScene({ snapshot, failedPods: [failed('a')], may: () => 'no' });
    expect((await deleteEndedPods.plan(input, scene)).plan.blockers).toEqual(['this user may not delete pods in ai']);
  });

  it('finds nothing to do where none lies about', async () => {
    await expect(deleteEndedPods.plan(input, aScene({ snapshot }))).rejects.toThrow('nothing to do: no failed pod of reason Evicted lies about');
  });

  it('plans ten thousand in a moment', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => failed(`whisper-${index}`));
    const started = performance.now();
    const { plan, steps } = await deleteEndedPods.plan(input, aScene({ snapshot, failedPods: many }));
    expect(performance.now() - started).toBeLessThan(3000);
    expect([plan.items.length, steps.length, plan.title]).toEqual([10_000, 10_000, 'Delete 10,000 pods of reason Evicted in ai']);
  });
});
