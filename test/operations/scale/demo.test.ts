import { describe, expect, it } from 'vitest';
import type { DemoOptions } from '../../../src/demo/cluster.js';
import type { PlannedOperation } from '../../../src/operations/operation.js';
import { runPlanned } from '../../../src/operations/run.js';
import { scale, scaleMany } from '../../../src/operations/scale/scale.js';
import { carryOut } from '../fixes/a-scene.js';
import { type DemoWorld, demoWorld } from '../fixes/demo-world.js';

const namespace = '/apis/apps/v1/namespaces/ai';
const resnet = { kind: 'Deployment', namespace: 'ai', name: 'resnet50-inference', autoscaler: '' };
const resnetPath = `${namespace}/deployments/resnet50-inference`;

async function inDemo(options: DemoOptions, about: (demo: DemoWorld) => Promise<void>, asViewer = false): Promise<void> {
  await using demo = await demoWorld(options, { machines: false, asViewer });
  await about(demo);
}

function planned(demo: DemoWorld, replicas: number, input: Readonly<Record<string, string>> = {}): Promise<PlannedOperation> {
  return scale.plan({ ...resnet, ...input, replicas: String(replicas) }, demo.world);
}

/** Writes an object as kubectl would. */
async function write(demo: DemoWorld, path: string, body: unknown, method: 'POST' | 'PATCH' = 'POST'): Promise<void> {
  await demo.client.request(path, { method, body, ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}) });
}

function autoscaler(minReplicas: number, maxReplicas: number) {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'resnet50', namespace: 'ai' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'resnet50-inference' }, minReplicas, maxReplicas },
  };
}

const autoscalers = '/apis/autoscaling/v2/namespaces/ai/horizontalpodautoscalers';

describe('scaling a deployment in the demo cluster', () => {
  it('foretells that eight fit, where each goes, and comes out so', () =>
    inDemo({ scenario: 'healthy' }, async (demo) => {
      const { plan } = await planned(demo, 8);
      expect(plan).toMatchObject({
        title: 'Scale deployment ai/resnet50-inference from 1 to 8 replicas',
        risk: 'safe',
        blockers: [],
        goal: '8 of 8 pods of deployment ai/resnet50-inference Ready',
        undo: 'kubectl --context demo -n ai scale deployment/resnet50-inference --replicas 1',
      });
      expect(plan.warnings.filter((warning) => /Pending|Ready/.test(warning))).toEqual([]);
      expect(await carryOut(await planned(demo, 8), demo.world)).toMatchObject({ state: 'done', verification: { seen: true, text: '8 of 8 Ready' } });
      expect(await demo.read(resnetPath, 'status', 'readyReplicas')).toBe(8);
    }));

  it('foretells exactly how many stay Pending and how many the quota refuses, in the words of who refuses them', () =>
    inDemo({ scenario: 'healthy' }, async (demo) => {
      const operation = await planned(demo, 20);
      const foretold =
        '8 of 20 Ready; 7 Pending: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu; 5 not created: exceeded quota: gpu-quota, ' +
        'requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=24, limited: requests.nvidia.com/gpu=24';
      expect(operation.plan.warnings[0]).toBe(foretold);
      expect(await carryOut(operation, demo.world)).toMatchObject({ state: 'done', verification: { seen: true, text: `as foretold: ${foretold}` } });
      expect(await demo.read(resnetPath, 'status')).toMatchObject({ readyReplicas: 8, replicas: 15 });
      const [condition] = [await demo.read(resnetPath, 'status', 'conditions')].flat().filter((one) => JSON.stringify(one).includes('ReplicaFailure'));
      expect(JSON.stringify(condition)).toContain('exceeded quota: gpu-quota, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=24');
    }));

  it('counts cordoned and tainted nodes as the scheduler does', () =>
    inDemo({ scenario: 'healthy' }, async (demo) => {
      await write(demo, '/api/v1/nodes/gpu-1', { spec: { unschedulable: true } }, 'PATCH');
      await write(demo, '/api/v1/nodes/gpu-2', { spec: { taints: [{ key: 'maintenance', value: 'fan', effect: 'NoSchedule' }] } }, 'PATCH');
      const operation = await planned(demo, 3);
      expect(operation.plan.warnings[0]).toMatch(
        /^1 of 3 Ready; 2 Pending: 0\/3 nodes are available: 1 Insufficient nvidia.com\/gpu, 1 node\(s\) had untolerated taint \{maintenance: fan\}, 1 node\(s\) were unschedulable$/,
      );
      expect(await carryOut(operation, demo.world)).toMatchObject({ state: 'done', verification: { seen: true } });
    }));

  it('fits all of eight where GPUs are shared in time', () =>
    inDemo({ scenario: 'time-sliced' }, async (demo) => {
      const operation = await planned(demo, 8);
      expect(operation.plan.goal).toBe('8 of 8 pods of deployment ai/resnet50-inference Ready');
      expect(await carryOut(operation, demo.world)).toMatchObject({ state: 'done', verification: { seen: true, text: '8 of 8 Ready' } });
    }));

  it('warns of an autoscaler that takes it back, says that it has no pause, and holds it at the number where asked to', () =>
    inDemo({ scenario: 'healthy' }, async (demo) => {
      await write(demo, autoscalers, autoscaler(1, 4));
      expect((await planned(demo, 8)).plan.warnings).toContain(
        'HorizontalPodAutoscaler ai/resnet50 keeps it at 1 to 4 replicas: it will set it to 4 within half a minute',
      );
      const operation = await planned(demo, 8, { autoscaler: 'pin' });
      expect(operation.plan.items.map(({ text }) => text)).toEqual([
        'Hold HorizontalPodAutoscaler resnet50 at 8 (it has no pause; it was 1 to 4)',
        expect.stringMatching(/^Set replicas 1 → 8/),
        'Watch its pods until it has come as foretold',
      ]);
      expect(operation.plan.undo).toBe(
        `kubectl --context demo -n ai patch hpa resnet50 '--type=merge' -p '{"spec":{"minReplicas":1,"maxReplicas":4}}' && ` +
          'kubectl --context demo -n ai scale deployment/resnet50-inference --replicas 1',
      );
      expect(await carryOut(operation, demo.world)).toMatchObject({ state: 'done' });
      expect(await demo.read(`${autoscalers}/resnet50`, 'spec')).toMatchObject({ minReplicas: 8, maxReplicas: 8 });
    }));

  it('says which pods go, and goes on although a disruption budget wants one', () =>
    inDemo({ scenario: 'healthy' }, async (demo) => {
      await carryOut(await planned(demo, 3), demo.world);
      await write(demo, '/apis/policy/v1/namespaces/ai/poddisruptionbudgets', {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'always-one', namespace: 'ai' },
        spec: { minAvailable: 1, selector: { matchLabels: { app: 'resnet50-inference' } } },
      });
      const operation = await planned(demo, 0);
      expect(operation.plan.risk).toBe('disruptive');
      expect(operation.plan.items[0]?.text).toMatch(/^Set replicas 3 → 0; go: resnet50-inference-/);
      expect(operation.plan.warnings).toContainEqual(expect.stringContaining('disruption budget always-one wants 1 available'));
      expect(await carryOut(operation, demo.world)).toMatchObject({ state: 'done', verification: { seen: true, text: 'no pod is left' } });
    }));

  it('says how it goes while it goes', () =>
    inDemo({ scenario: 'healthy', speed: 8 }, async (demo) => {
      const said = new Set<string>();
      for await (const event of runPlanned(await planned(demo, 4), demo.world, new AbortController().signal)) {
        if (event.event === 'item' && event.progress.said !== null) said.add(event.progress.said);
      }
      expect([...said].some((words) => /^\d of 4 Ready; \d starting/.test(words))).toBe(true);
      expect([...said].at(-1)).toBe('4 of 4 Ready');
    }));
});

describe('scaling that meets others', () => {
  it('goes on where only its status moved since it was planned', () =>
    inDemo({ scenario: 'healthy' }, async (demo) => {
      const operation = await planned(demo, 2);
      await write(demo, resnetPath, { metadata: { annotations: { note: 'seen' } } }, 'PATCH');
      expect(await carryOut(operation, demo.world)).toMatchObject({ state: 'done' });
    }));

  it('stops and says what changed where somebody scaled it since', () =>
    inDemo({ scenario: 'healthy' }, async (demo) => {
      const operation = await planned(demo, 8);
      await write(demo, resnetPath, { spec: { replicas: 2 } }, 'PATCH');
      const outcome = await carryOut(operation, demo.world);
      expect(outcome.state).toBe('failed');
      expect(outcome.failed[0]).toMatch(
        /^deployment ai\/resnet50-inference was set from 1 to 2 replicas since this was planned by \S+; nothing was changed, plan again$/,
      );
      expect(await demo.read(resnetPath, 'spec', 'replicas')).toBe(2);
    }));

  it('says so when it is deleted while it scales', () =>
    inDemo({ scenario: 'healthy', speed: 2 }, async (demo) => {
      const failed: string[] = [];
      for await (const event of runPlanned(await planned(demo, 6), demo.world, new AbortController().signal)) {
        if (event.event !== 'item') continue;
        if (event.progress.state === 'running' && event.progress.said?.includes('starting') === true)
          await demo.client.request(resnetPath, { method: 'DELETE' });
        if (event.progress.state === 'failed') failed.push(event.progress.said ?? '');
      }
      expect(failed).toEqual(['deployment ai/resnet50-inference was deleted while it was being scaled']);
    }));

  it('says who set it to another number meanwhile', () =>
    inDemo({ scenario: 'healthy', speed: 2 }, async (demo) => {
      const failed: string[] = [];
      for await (const event of runPlanned(await planned(demo, 6), demo.world, new AbortController().signal)) {
        if (event.event !== 'item') continue;
        if (event.progress.state === 'running' && event.progress.said?.includes('starting') === true)
          await write(demo, resnetPath, { spec: { replicas: 4 } }, 'PATCH');
        if (event.progress.state === 'failed') failed.push(event.progress.said ?? '');
      }
      expect(failed[0]).toMatch(/^deployment ai\/resnet50-inference was set to 4 replicas meanwhile by \S+/);
    }));
});

describe('what cannot be scaled', () => {
  it('is refused with the reason', () =>
    inDemo({ scenario: 'healthy' }, async (demo) => {
      const blockers = async (replicas: number, input: Readonly<Record<string, string>> = {}) => (await planned(demo, replicas, input)).plan.blockers;
      expect(await blockers(-1)).toEqual(['-1 replicas: the least is 0']);
      expect(await blockers(1_000_000)).toEqual(['1,000,000 replicas: all nodes together take 330 pods at most']);
      expect(await blockers(3, { name: 'gone' })).toEqual(['there is no deployment ai/gone']);
      expect(await blockers(3, { kind: 'DaemonSet', namespace: 'kube-system', name: 'kube-proxy' })).toEqual([
        'a daemonset has no number of replicas: it runs one pod on each node that it fits',
      ]);
      expect(await blockers(3, { kind: 'Unicorn' })).toEqual(['there is no kind Unicorn here']);
      expect(await blockers(3, { kind: 'job', name: 'finetune-llama3-8b' })).toEqual(['a job has no number of replicas']);
      await expect(planned(demo, 1)).rejects.toThrow('nothing to do: deployment ai/resnet50-inference has 1 replica');
    }));

  it('is a ReplicaSet that a deployment owns', () =>
    inDemo({ scenario: 'healthy' }, async (demo) => {
      const sets = [await demo.read(`${namespace}/replicasets`, 'items')].flat();
      const name = /"name":"(resnet50-inference-[a-z0-9]+)"/.exec(JSON.stringify(sets))?.[1] ?? '';
      expect((await planned(demo, 3, { kind: 'rs', name })).plan.blockers).toEqual([
        'deployment ai/resnet50-inference owns it and sets it back at once: scale deployment/resnet50-inference instead',
      ]);
    }));

  it('is anything, for somebody who may only look', () =>
    inDemo(
      { scenario: 'healthy' },
      async (demo) => {
        const { plan } = await planned(demo, 3);
        expect(plan.blockers).toEqual(['this user may not patch deployments.apps/scale in ai']);
      },
      true,
    ));
});

describe('scaling several workloads at once', () => {
  it('foretells them together and does them side by side', () =>
    inDemo({ scenario: 'healthy' }, async (demo) => {
      const targets = 'Deployment/ai/resnet50-inference Deployment/ai/distilbert-inference';
      const operation = await scaleMany.plan({ targets, replicas: '3', autoscaler: '' }, demo.world);
      expect(operation.plan).toMatchObject({ title: 'Scale 2 workloads to 3 replicas each', blockers: [] });
      expect(await carryOut(operation, demo.world)).toMatchObject({
        state: 'done',
        verification: { text: 'deployment ai/resnet50-inference: 3 of 3 Ready; deployment ai/distilbert-inference: 3 of 3 Ready' },
      });
    }));
});

describe('scaling a statefulset', () => {
  it('makes its pods one after the other', () =>
    inDemo({ scenario: 'healthy' }, async (demo) => {
      const operation = await planned(demo, 4, { kind: 'StatefulSet', name: 'qdrant' });
      expect(operation.plan.goal).toBe('4 of 4 pods of statefulset ai/qdrant Ready');
      expect(await carryOut(operation, demo.world)).toMatchObject({ state: 'done' });
    }));
});
