import { describe, expect, it } from 'vitest';
import { runNodes } from '../../src/cli/nodes.js';
import { denied } from '../../src/state/freshness.js';
import { aSession } from '../builders/fake-session.js';
import { aNode, aSnapshot, collection } from '../builders/snapshot.js';
import { aLab, ledger, nodes } from '../checks/lab.js';
import { written } from './written.js';

const lab = aLab({
  nodes: nodes({ 'gpu-1': { unschedulable: true }, 'gpu-2': { gpus: 0, capacityGpus: 8, ready: 'Unknown', readyReason: 'NodeStatusUnknown' } }),
  gpus: ledger({ controlplane: [1, 1], 'gpu-1': [8, 8], 'gpu-2': [0, 8] }),
});

describe('nodes', () => {
  it('as JSON have readiness, versions and GPUs', async () => {
    const out = written();
    expect(await runNodes(aSession(lab), { output: 'json' }, out)).toBe(0);
    expect(out.json()).toMatchObject({
      schemaVersion: 1,
      nodes: [
        {
          name: 'controlplane',
          ready: true,
          reason: null,
          roles: ['control-plane'],
          kubeletVersion: 'v1.36.2',
          gpus: { capacity: 1, allocatable: 1, requested: 0, free: 1 },
        },
        { name: 'gpu-1', ready: true, unschedulable: true, bootId: '6a1f6f8e-5d0a-4d4e-9a51-3f1d6a7c0001' },
        { name: 'gpu-2', ready: false, reason: 'NodeStatusUnknown', gpus: { capacity: 8, allocatable: 0, requested: 0, free: 0 } },
      ],
    });
  });

  it('as text are a table with 0 of 8 in it', async () => {
    const out = written();
    await runNodes(aSession(lab), { output: 'text' }, out);
    expect(out.text()).toMatchInlineSnapshot(`
      "NAME          STATUS     ROLES          KUBELET  AGE    GPUS  REQUESTED  FREE
      controlplane  ✓ Ready    control-plane  v1.36.2  90d  1 of 1          0     1
      gpu-1         ✓ Ready    worker         v1.36.2  90d  8 of 8          0     8  cordoned
      gpu-2         ? Unknown  worker         v1.36.2  90d  0 of 8          0     0  NodeStatusUnknown
      "
    `);
  });

  it('keep what they say of themselves where pods may not be seen', async () => {
    const out = written();
    const snapshot = { ...lab, pods: denied<never>('list', 'pods'), gpus: denied<never>('list', 'pods') };
    await runNodes(aSession(snapshot), { output: 'json' }, out);
    expect(out.json()).toMatchObject({ nodes: [{}, {}, { gpus: { capacity: 8, allocatable: 0, requested: null, free: null } }] });
  });

  it('are sorted as people count', async () => {
    const out = written();
    await runNodes(aSession({ ...lab, nodes: collection(aNode({ name: 'gpu-10' }), aNode({ name: 'gpu-9' })) }), { output: 'json' }, out);
    expect(out.json()).toMatchObject({ nodes: [{ name: 'gpu-9' }, { name: 'gpu-10' }] });
  });

  it('that may not be seen are an exit code 2 and a sentence', async () => {
    const out = written();
    expect(await runNodes(aSession({ ...lab, nodes: denied('list', 'nodes') }), { output: 'json' }, out)).toBe(2);
    expect(out.errors()).toBe('gpuk8s-tui: cannot show the nodes: not allowed to list nodes\n');
    expect(out.text()).toBe('');
  });

  it('are not waited for without a kubeconfig that can be used', async () => {
    const out = written();
    const connection = { status: 'unusable', why: 'no context named prod in ~/.kube/config; there are lab, staging', fix: 'give one with --context' } as const;
    expect(await runNodes(aSession(aSnapshot({ connection })), { output: 'text' }, out)).toBe(2);
    expect(out.errors()).toBe('gpuk8s-tui: no context named prod in ~/.kube/config; there are lab, staging; give one with --context\n');
  });
});
