import { describe, expect, it } from 'vitest';
import { numberAt, textAt } from '../../../src/demo/fields.js';
import { podLog } from '../../../src/demo/pod-log.js';
import { condition, gpus, simulatedCluster, unreadyPods } from '../simulated-cluster.js';

const plain = {
  container: '',
  follow: false,
  previous: false,
  timestamps: false,
  tailLines: null,
  sinceSeconds: null,
  sinceTime: null,
  limitBytes: null,
  signal: new AbortController().signal,
};

describe('the cluster that lost the GPUs of gpu-2', () => {
  it('offers 0 of 8 there, and the device plugin says why', () => {
    const cluster = simulatedCluster('gpu-lost');
    expect(gpus(cluster.node('gpu-2'))).toBe('0 of 8');
    expect(gpus(cluster.node('gpu-1'))).toBe('8 of 8');
    const set = cluster.store.get('daemonsets.apps', 'nvidia-device-plugin-daemonset', 'kube-system');
    expect([numberAt(set, 'status', 'numberReady'), numberAt(set, 'status', 'desiredNumberScheduled')]).toEqual([2, 3]);
    const [plugin] = cluster.pods('kube-system', 'nvidia-device-plugin').filter((pod) => textAt(pod, 'spec', 'runtimeClassName') === null);
    expect(textAt(plugin, 'spec', 'nodeName')).toBe('gpu-2');
    if (plugin !== undefined)
      expect(podLog(cluster.world, plugin, { ...plain, container: 'nvidia-device-plugin-ctr' })).toContain('No devices found. Waiting indefinitely.');
  });

  it('leaves whisper waiting with the scheduler’s own sentence', () => {
    const cluster = simulatedCluster('gpu-lost');
    const [whisper] = cluster.pods('ai', 'whisper-inference');
    expect(whisper === undefined ? null : condition(whisper, 'PodScheduled')).toEqual({
      status: 'False',
      reason: 'Unschedulable',
      message:
        '0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient nvidia.com/gpu. ' +
        'preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
    });
    expect(unreadyPods(cluster).map((name) => name.replace(/-[a-z0-9-]*$/, ''))).toEqual(expect.arrayContaining(['nvidia', 'dcgm', 'whisper']));
    expect(unreadyPods(cluster)).toHaveLength(3);
  });

  it('is well again once the runtime class is back in the template', () => {
    const cluster = simulatedCluster('gpu-lost');
    const set = cluster.store.get('daemonsets.apps', 'nvidia-device-plugin-daemonset', 'kube-system');
    const template = JSON.parse(JSON.stringify(set?.['spec'] ?? {})).template;
    cluster.edit('daemonsets.apps', 'kube-system', 'nvidia-device-plugin-daemonset', {
      template: { ...template, spec: { ...template.spec, runtimeClassName: 'nvidia' } },
    });
    cluster.pass(30);
    expect(gpus(cluster.node('gpu-2'))).toBe('8 of 8');
    expect(unreadyPods(cluster)).toEqual([]);
  });
});
