import { describe, expect, it } from 'vitest';
import { changesSince } from '../../src/checks/since-last-visit.js';
import type { ContextMemory } from '../../src/config/memory.js';
import { live } from '../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { now } from '../builders/snapshot.js';
import { aLab, aTarget, crashing, ledger, nodes, pods } from './lab.js';
import { aMemory, aNodeMemory } from './recovery/rebooting.js';

function told(snapshot: ClusterSnapshot, memory: Partial<ContextMemory> = {}, reboots: Readonly<Record<string, number>> = {}): readonly string[] {
  return changesSince(aMemory(memory), snapshot, new Map(Object.entries(reboots))).map(({ tone, text }) => `${tone}: ${text}`);
}

describe('since the last visit', () => {
  it('nothing changed when all is as it was', () => {
    expect(told(aLab())).toEqual([]);
  });

  it('everything is new at the first visit, so nothing is told', () => {
    expect(told(aLab(), { lastVisitAt: null, nodes: {}, last: null }, { 'gpu-2': 1 })).toEqual([]);
  });

  it('nodes came, went and failed, the worst first', () => {
    const memory = { nodes: { controlplane: aNodeMemory({ gpus: 1 }), 'gpu-2': aNodeMemory(), 'gpu-3': aNodeMemory() } };
    expect(told(aLab({ nodes: nodes({ 'gpu-2': { ready: 'Unknown' } }) }), memory, { controlplane: 1 })).toEqual([
      'bad: gpu-3 gone',
      'bad: gpu-2 not Ready',
      'plain: controlplane rebooted 1×',
      'plain: gpu-1 new',
    ]);
  });

  it('GPUs got fewer and more', () => {
    const memory = { nodes: { ...aMemory().nodes, 'gpu-1': aNodeMemory({ gpus: 4 }) } };
    expect(told(aLab({ gpus: ledger({ controlplane: [1, 1], 'gpu-1': [8, 8], 'gpu-2': [7, 8] }) }), memory)).toEqual([
      'bad: GPUs of gpu-2 8 → 7',
      'good: GPUs of gpu-1 4 → 8',
    ]);
  });

  it('versions changed, told once for all nodes that have the same', () => {
    const old = aNodeMemory({ kernel: '6.8.0-90-generic' });
    const memory = { nodes: { controlplane: aNodeMemory({ gpus: 1, kubelet: 'v1.35.9' }), 'gpu-1': old, 'gpu-2': old } };
    expect(told(aLab(), memory)).toEqual([
      'plain: kubelet v1.35.9 → v1.36.2 on controlplane',
      'plain: kernel 6.8.0-90-generic → 6.8.0-94-generic on gpu-1 and gpu-2',
    ]);
  });

  it('targets went down, pods got into trouble and were evicted', () => {
    const snapshot = aLab({
      targets: live([aTarget({ health: 'down' }), aTarget({ job: 'dcgm-exporter', instance: '10.0.0.12:9400', health: 'down' })], now),
      pods: pods({ 'whisper-inference-5f6d7c8b9-q4w2e': crashing, 'dcgm-exporter-gpu-2': crashing }),
      deadPods: live({ failed: 430, succeeded: 3, failedByReason: new Map([['Evicted', 420]]) }, now),
    });
    const last = { targetsDown: ['node-exporter/10.0.0.11:9100'], targets: 3, badPods: ['monitoring/dcgm-exporter-gpu-2'], deadPods: 18 };
    expect(told(snapshot, { last })).toEqual([
      'warn: 1 target down: dcgm-exporter/10.0.0.12:9400',
      'warn: 1 pod in trouble: ai/whisper-inference-5f6d7c8b9-q4w2e',
      'warn: 412 pods evicted',
    ]);
  });

  it('says nothing of what cannot be seen now', () => {
    const blind = aLab({ nodes: { value: null, freshness: { status: 'denied', verb: 'list', resource: 'nodes' } } });
    expect(told(blind, { nodes: { 'gpu-9': aNodeMemory() } })).toEqual([]);
  });
});
