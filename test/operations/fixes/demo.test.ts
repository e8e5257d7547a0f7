import { describe, expect, it } from 'vitest';
import { applyRuntimeClass } from '../../../src/operations/fixes/apply-runtime-class.js';
import { applySysctls } from '../../../src/operations/fixes/apply-sysctls.js';
import { approveCsrs } from '../../../src/operations/fixes/approve-csrs.js';
import { defaultStorageClass } from '../../../src/operations/fixes/default-storage-class.js';
import { deleteEndedPods } from '../../../src/operations/fixes/delete-ended-pods.js';
import { deletePod } from '../../../src/operations/fixes/delete-pod.js';
import { enableUnit } from '../../../src/operations/fixes/enable-unit.js';
import { freeDisk } from '../../../src/operations/fixes/free-disk.js';
import { gpuPersistence } from '../../../src/operations/fixes/gpu-persistence.js';
import { holdPackages } from '../../../src/operations/fixes/hold-packages.js';
import { kubeconfigOwner } from '../../../src/operations/fixes/kubeconfig-owner.js';
import { labelNode } from '../../../src/operations/fixes/label-node.js';
import { loadModules } from '../../../src/operations/fixes/load-modules.js';
import { rebootNode } from '../../../src/operations/fixes/reboot-node.js';
import { refreshCdi } from '../../../src/operations/fixes/refresh-cdi.js';
import { renewCertificates } from '../../../src/operations/fixes/renew-certificates.js';
import { restartUnit } from '../../../src/operations/fixes/restart-unit.js';
import { restartWorkload } from '../../../src/operations/fixes/restart-workload.js';
import { setRuntimeClass } from '../../../src/operations/fixes/set-runtime-class.js';
import { swapOff } from '../../../src/operations/fixes/swap-off.js';
import { timeSync } from '../../../src/operations/fixes/time-sync.js';
import { uncordon } from '../../../src/operations/fixes/uncordon.js';
import type { Operation, World } from '../../../src/operations/operation.js';
import { done } from './a-scene.js';
import { goodRequest } from './certificate-requests.js';
import { demoWorld } from './demo-world.js';

const minute = 60_000;

/** Carried out without a failure, and the goal seen. */
async function expectMended(operation: Operation, input: Readonly<Record<string, string>>, world: World): Promise<void> {
  const { plan } = await operation.plan(input, world);
  expect(plan.blockers).toEqual([]);
  const outcome = await done(operation, input, world);
  expect({ id: operation.id, ...outcome }).toMatchObject({ id: operation.id, state: 'done', failed: [], verification: { seen: true } });
}

/** A command on one of the machines, as root. */
async function onMachine(
  world: World,
  name: string,
  ...argv: readonly string[]
): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  return (await world.host(name)).run({ argv, sudo: true });
}

describe('in the demo cluster', () => {
  it(
    'the runtime class is created as the server keeps it, and what waited for it comes',
    async () => {
      await using demo = await demoWorld({ scenario: 'no-runtimeclass' });
      await expectMended(applyRuntimeClass, {}, demo.world);
      expect(await demo.read('/apis/node.k8s.io/v1/runtimeclasses/nvidia', 'handler')).toBe('nvidia');
      await expect(applyRuntimeClass.plan({}, demo.world)).rejects.toThrow('nothing to do');
    },
    minute,
  );

  it(
    'the device plugin gets its runtime class and registers all GPUs',
    async () => {
      await using demo = await demoWorld({ scenario: 'gpu-lost' });
      const input = { kind: 'DaemonSet', namespace: 'kube-system', name: 'nvidia-device-plugin-daemonset' };
      await expectMended(setRuntimeClass, input, demo.world);
      const path = '/apis/apps/v1/namespaces/kube-system/daemonsets/nvidia-device-plugin-daemonset';
      expect(await demo.read(path, 'spec', 'template', 'spec', 'runtimeClassName')).toBe('nvidia');
      expect(await demo.read('/api/v1/nodes/gpu-2', 'status', 'allocatable', 'nvidia.com/gpu')).toBe('8');
    },
    minute,
  );

  it(
    'the label brings the exporter',
    async () => {
      await using demo = await demoWorld({ scenario: 'dcgm-unlabelled' });
      await expectMended(labelNode, { node: 'gpu-2', key: 'nvidia.com/gpu.present', value: 'true' }, demo.world);
      expect(await demo.read('/api/v1/nodes/gpu-2', 'metadata', 'labels', 'nvidia.com/gpu.present')).toBe('true');
    },
    minute,
  );

  it(
    'the storage class becomes the default',
    async () => {
      await using demo = await demoWorld({ scenario: 'pvc-pending' });
      await expectMended(defaultStorageClass, { name: 'local-path' }, demo.world);
      expect(
        await demo.read('/apis/storage.k8s.io/v1/storageclasses/local-path', 'metadata', 'annotations', 'storageclass.kubernetes.io/is-default-class'),
      ).toBe('true');
    },
    minute,
  );

  it(
    'evicted pods go, all of them, and nothing else',
    async () => {
      await using demo = await demoWorld({ scenario: 'evictions', pods: 400 });
      const living = demo.world.snapshot().pods.value?.size;
      await expectMended(deleteEndedPods, { reason: 'Evicted' }, demo.world);
      const failed = await demo.client.request('/api/v1/pods', { query: { fieldSelector: 'status.phase=Failed' } });
      expect(JSON.stringify(failed.body)).not.toContain('"reason":"Evicted"');
      expect(demo.world.snapshot().pods.value?.size).toBe(living);
    },
    minute,
  );

  it(
    'workloads restart, single pods are replaced, cordons are lifted',
    async () => {
      await using demo = await demoWorld({ scenario: 'healthy' });
      const path = '/apis/apps/v1/namespaces/ai/deployments/whisper-inference';
      const before = await demo.read(path, 'metadata', 'generation');
      await expectMended(restartWorkload, { kind: 'deployment', namespace: 'ai', name: 'whisper-inference' }, demo.world);
      expect(await demo.read(path, 'metadata', 'generation')).toBe(Number(before) + 1);
      const daemon = [...(demo.world.snapshot().pods.value?.values() ?? [])].find(({ name }) => name.startsWith('nvidia-device-plugin'));
      await expectMended(deletePod, { namespace: 'kube-system', name: daemon?.name ?? '' }, demo.world);
      await demo.client.request('/api/v1/nodes/gpu-1', {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { spec: { unschedulable: true } },
      });
      await expectMended(uncordon, { node: 'gpu-1' }, demo.world);
      expect(await demo.read('/api/v1/nodes/gpu-1', 'spec', 'unschedulable')).toBeUndefined();
    },
    minute,
  );

  it('a kubelet gets its serving certificate approved', async () => {
    await using demo = await demoWorld({ scenario: 'healthy' }, { machines: false });
    const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const spec = {
      signerName: 'kubernetes.io/kubelet-serving',
      username: 'system:node:gpu-1',
      usages: ['digital signature', 'server auth'],
      request: Buffer.from(goodRequest).toString('base64'),
    };
    const request = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'csr-x' }, spec };
    await demo.client.request(path, { method: 'POST', body: request });
    await expectMended(approveCsrs, {}, demo.world);
    expect(await demo.read(`${path}/csr-x`, 'status', 'conditions')).toMatchObject([{ type: 'Approved', status: 'True' }]);
  }, 60_000);

  it(
    'whoever may only look is told so in the plan',
    async () => {
      await using demo = await demoWorld({ scenario: 'evictions', pods: 20 }, { asViewer: true, machines: false });
      const { plan } = await deleteEndedPods.plan({ reason: 'Evicted' }, demo.world);
      expect(plan.blockers[0]).toMatch(/^this user may not delete pods in /);
      expect((await labelNode.plan({ node: 'gpu-1', key: 'a', value: 'b' }, demo.world)).plan.blockers[0]).toContain('nodes');
    },
    minute,
  );
});

describe('on the machines of the demo cluster', () => {
  it(
    'swap goes, and the kubelet comes',
    async () => {
      await using demo = await demoWorld({ scenario: 'swap-on' });
      await expectMended(swapOff, { host: 'gpu-1' }, demo.world);
      expect((await onMachine(demo.world, 'gpu-1', 'cat', '/etc/fstab')).stdout).toMatch(/^#gpuk8s \/swap\.img/m);
      expect((await onMachine(demo.world, 'gpu-1', 'systemctl', 'is-active', 'kubelet')).stdout).toBe('active\n');
      await expect(swapOff.plan({ host: 'gpu-1' }, demo.world)).rejects.toThrow('nothing to do');
    },
    minute,
  );

  it(
    'a masked unit and a stopped one come back',
    async () => {
      await using demo = await demoWorld({ scenario: 'healthy' });
      await onMachine(demo.world, 'gpu-1', 'systemctl', 'mask', '--now', 'nvidia-persistenced.service');
      await expectMended(enableUnit, { host: 'gpu-1', unit: 'nvidia-persistenced' }, demo.world);
      await onMachine(demo.world, 'gpu-1', 'systemctl', 'stop', 'kubelet.service');
      await expectMended(restartUnit, { host: 'gpu-1', unit: 'kubelet' }, demo.world);
    },
    minute,
  );

  it(
    'modules, kernel settings, packages, clock, CDI and persistence are set',
    async () => {
      await using demo = await demoWorld({ scenario: 'healthy' });
      const mendedOrRight = async (operation: Operation, input: Readonly<Record<string, string>>) => {
        try {
          await operation.plan(input, demo.world);
        } catch (error) {
          expect(String(error)).toContain('nothing to do');
          return;
        }
        await expectMended(operation, input, demo.world);
      };
      await onMachine(demo.world, 'gpu-1', 'nvidia-smi', '-pm', '0');
      await mendedOrRight(loadModules, { host: 'gpu-1', modules: 'overlay br_netfilter' });
      await mendedOrRight(applySysctls, { host: 'gpu-1' });
      await mendedOrRight(holdPackages, { host: 'gpu-1', packages: 'kubelet kubeadm kubectl' });
      await mendedOrRight(timeSync, { host: 'gpu-1' });
      await mendedOrRight(refreshCdi, { host: 'gpu-1' });
      await mendedOrRight(gpuPersistence, { host: 'gpu-1' });
    },
    minute,
  );

  it(
    'a kubeconfig goes back to its user',
    async () => {
      await using demo = await demoWorld({ scenario: 'kubeconfig-perms' });
      await expectMended(kubeconfigOwner, { host: 'controlplane', path: '/home/ops/.kube/config', owner: 'ops' }, demo.world);
      expect((await onMachine(demo.world, 'controlplane', 'stat', '-c', '%F|%U|%a', '--', '/home/ops/.kube/config')).stdout).toBe('regular file|ops|600\n');
    },
    minute,
  );

  it(
    'certificates are renewed, and the API server shows its new one',
    async () => {
      await using demo = await demoWorld({ scenario: 'cert-expiry' });
      await expectMended(renewCertificates, { host: 'controlplane' }, demo.world);
      expect(demo.client.certificateEndsAt()).toBeGreaterThan(Date.now() + 300 * 24 * 3_600_000);
    },
    minute,
  );

  it(
    'disk space is won back',
    async () => {
      await using demo = await demoWorld({ scenario: 'disk-full' });
      await expectMended(freeDisk, { host: 'gpu-1' }, demo.world);
    },
    minute,
  );

  it(
    'a reboot brings the driver and all GPUs back',
    async () => {
      await using demo = await demoWorld({ scenario: 'driver-mismatch' });
      const before = await demo.read('/api/v1/nodes/gpu-2', 'status', 'nodeInfo', 'bootID');
      await expectMended(rebootNode, { node: 'gpu-2' }, demo.world);
      expect(await demo.read('/api/v1/nodes/gpu-2', 'status', 'nodeInfo', 'bootID')).not.toBe(before);
      expect(await demo.read('/api/v1/nodes/gpu-2', 'spec', 'unschedulable')).toBeUndefined();
    },
    2 * minute,
  );
});
