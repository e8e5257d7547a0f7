import { describe, expect, it } from 'vitest';
import { isReady } from '../../../src/demo/controllers/pod-state.js';
import { at, listAt, textAt } from '../../../src/demo/fields.js';
import { podLog } from '../../../src/demo/pod-log.js';
import { type DemoMachine, demoMachine } from '../machines/demo-machine.js';
import { facts, value } from '../machines/probed.js';
import { condition, gpus, type SimulatedCluster, simulatedCluster, unreadyPods } from '../simulated-cluster.js';

const wholeLog = {
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

/** Runs commands as root, each of which has to end well, and lets a while pass. */
async function mend(machine: DemoMachine, seconds: number, ...commands: readonly (readonly [line: string, stdin?: string])[]): Promise<void> {
  for (const [line, stdin] of commands) expect([line, (await machine.run(`sudo -n ${line}`, stdin)).exitCode]).toEqual([line, 0]);
  machine.cluster.pass(seconds);
}

function expectGood(cluster: SimulatedCluster): void {
  expect(unreadyPods(cluster)).toEqual([]);
  for (const node of cluster.store.list('nodes')) {
    expect(`${node.metadata.name} ${condition(node, 'Ready').status}`).toBe(`${node.metadata.name} True`);
    expect(listAt(node, 'spec', 'taints').filter((taint) => textAt(taint, 'key') !== 'node-role.kubernetes.io/control-plane')).toEqual([]);
    expect(gpus(node)).toBe(node.metadata.name === 'controlplane' ? '1 of 1' : '8 of 8');
  }
}

function removeEnded(cluster: SimulatedCluster): void {
  for (const pod of cluster.store.list('pods')) {
    if (textAt(pod, 'status', 'phase') === 'Failed') cluster.store.remove('pods', pod.metadata.name, pod.metadata.namespace);
  }
}

describe('swap that came back with a reboot', () => {
  it('keeps the kubelet from starting, which says why again and again', async () => {
    const machine = demoMachine('gpu-1', 'swap-on');
    expect(condition(machine.cluster.node('gpu-1'), 'Ready').status).toBe('Unknown');
    const { stdout } = await machine.run('journalctl -u kubelet -b --no-pager -o short-iso -n 20');
    expect(stdout).toMatch(/kubelet\[\d+\]: E.* err="failed to run Kubelet: running with swap on is not supported, please disable swap/);
    expect(stdout).toContain("kubelet.service: Failed with result 'exit-code'.");
    const told = await facts(machine);
    expect(value(told, 'swap')).toEqual([{ device: '/swap.img', bytes: 8 * 2 ** 30 - 4096 }]);
    expect(value(told, 'services')).toContainEqual(
      expect.objectContaining({ name: 'kubelet', active: 'activating', sub: 'auto-restart', result: 'exit-code' }),
    );
    expect(value(told, 'swapSetup')).toMatchObject({ fstab: [{ device: '/swap.img', options: 'sw' }], units: [{ name: 'swap.img.swap', active: 'active' }] });
  });

  it('is good again when it is off and out of fstab, and after another reboot', async () => {
    const machine = demoMachine('gpu-1', 'swap-on');
    const fstab = (await machine.run('cat /etc/fstab')).stdout;
    await mend(
      machine,
      40,
      ['install -D -p -m 600 /etc/fstab /var/backups/gpuk8s/etc/fstab'],
      ['swapoff -a'],
      ['tee /etc/fstab.gpuk8s', fstab.replace('/swap.img', '#gpuk8s /swap.img')],
      ['chmod 644 /etc/fstab.gpuk8s'],
      ['mv -f -- /etc/fstab.gpuk8s /etc/fstab'],
      ['systemctl mask swap.img.swap'],
    );
    expectGood(machine.cluster);
    expect((await machine.run('systemctl is-active kubelet')).stdout).toBe('active\n');
    await mend(machine, 90, ['systemctl reboot']);
    expectGood(machine.cluster);
    const told = await facts(machine);
    expect([value(told, 'swap'), value(told, 'swapSetup')]).toEqual([
      [],
      { fstab: [], units: [{ name: 'swap.img.swap', enabled: 'masked', active: 'inactive' }] },
    ]);
  });

  it('comes back with the next reboot where only swapoff was run', async () => {
    const machine = demoMachine('gpu-1', 'swap-on');
    await mend(machine, 40, ['swapoff -a']);
    expectGood(machine.cluster);
    await mend(machine, 30, ['systemctl reboot']);
    expect((await machine.run('systemctl is-active kubelet')).stdout).toBe('activating\n');
  });
});

describe('a full disk', () => {
  it('shows as pressure with its taint, in df, in the kubelet’s words and in evicted pods that grow slowly', async () => {
    const machine = demoMachine('gpu-1', 'disk-full');
    const { cluster } = machine;
    const evicted = () => cluster.store.list('pods').filter((pod) => textAt(pod, 'status', 'reason') === 'Evicted');
    expect(condition(cluster.node('gpu-1'), 'DiskPressure').status).toBe('True');
    expect(
      textAt(
        evicted().find((pod) => pod.metadata.name.startsWith('distilbert')),
        'status',
        'message',
      ),
    ).toMatch(/^The node was low on resource: ephemeral-storage\./);
    expect(
      textAt(
        evicted().find((pod) => pod.metadata.name.startsWith('tigera')),
        'status',
        'message',
      ),
    ).toContain('The node had condition: [DiskPressure]');
    const before = evicted().length;
    cluster.pass(60);
    expect(evicted().length).toBeGreaterThan(before);
    expect(evicted().length).toBeLessThan(before + 10);
    const [root] = [value(await facts(machine), 'filesystems')].flat().filter((each) => at(each, 'mount') === '/');
    expect(Number(at(root, 'availableBytes')) / Number(at(root, 'sizeBytes'))).toBeLessThan(0.1);
  });

  it('is good again when space is won back and what was evicted is cleared', async () => {
    const machine = demoMachine('gpu-1', 'disk-full');
    await mend(machine, 60, ['journalctl --vacuum-size=500M'], ['apt-get clean'], ['crictl rmi --prune']);
    expect(condition(machine.cluster.node('gpu-1'), 'DiskPressure').status).toBe('False');
    removeEnded(machine.cluster);
    machine.cluster.pass(30);
    expectGood(machine.cluster);
    expect((await machine.run('journalctl --disk-usage')).stdout).toBe('Archived and active journals take up 500.0M in the file system.\n');
  });
});

describe('a missing network configuration', () => {
  it('makes the node not ready with the runtime’s sentence, while calico-node crashes there', () => {
    const cluster = simulatedCluster('cni-missing');
    expect(condition(cluster.node('gpu-2'), 'Ready')).toEqual({
      status: 'False',
      reason: 'KubeletNotReady',
      message:
        'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    });
    const [calico] = cluster.pods('calico-system', 'calico-node').filter((pod) => textAt(pod, 'spec', 'nodeName') === 'gpu-2');
    expect(JSON.stringify(calico?.['status'])).toContain('CrashLoopBackOff');
    if (calico !== undefined)
      expect(podLog(cluster.world, calico, { ...wholeLog, container: 'calico-node' })).toContain('Failed to write CNI plugin kubeconfig file');
  });

  it('is written anew by the pod that takes the crashing one’s place', () => {
    const cluster = simulatedCluster('cni-missing');
    const [calico] = cluster.pods('calico-system', 'calico-node').filter((pod) => textAt(pod, 'spec', 'nodeName') === 'gpu-2');
    cluster.store.remove('pods', calico?.metadata.name ?? '', 'calico-system');
    cluster.pass(60);
    expectGood(cluster);
  });
});

describe('other faults', () => {
  it('a missing runtime class is told by the DaemonSet, and making it mends', () => {
    const cluster = simulatedCluster('no-runtimeclass');
    expect(gpus(cluster.node('gpu-2'))).toBe('0 of 8');
    expect(cluster.events('FailedCreate')).toContain(
      'Error creating: pods "nvidia-device-plugin-daemonset-" is forbidden: pod rejected: RuntimeClass "nvidia" not found',
    );
    const whisper = () => cluster.store.get('deployments.apps', 'whisper-inference', 'ai');
    const failure = listAt(whisper(), 'status', 'conditions').find((each) => textAt(each, 'type') === 'ReplicaFailure');
    expect(textAt(failure, 'message')).toMatch(/^pods "whisper-inference-\w+-" is forbidden: pod rejected: RuntimeClass "nvidia" not found$/);
    cluster.store.create('runtimeclasses.node.k8s.io', { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'nvidia' }, handler: 'nvidia' });
    cluster.pass(90);
    expectGood(cluster);
    expect(JSON.stringify(whisper()?.['status'])).not.toContain('ReplicaFailure');
  });

  it('a node without the GPU label has no exporter, and the label brings it', () => {
    const cluster = simulatedCluster('dcgm-unlabelled');
    const desired = () => at(cluster.store.get('daemonsets.apps', 'dcgm-exporter', 'monitoring'), 'status', 'desiredNumberScheduled');
    expect([desired(), gpus(cluster.node('gpu-2')), unreadyPods(cluster)]).toEqual([2, '8 of 8', []]);
    const node = cluster.node('gpu-2');
    cluster.store.update('nodes', { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, 'nvidia.com/gpu.present': 'true' } } });
    cluster.pass(30);
    expect(desired()).toBe(3);
    expectGood(cluster);
  });

  it('a claim without a class waits with its pod, and gets the class that is made the default', () => {
    const cluster = simulatedCluster('pvc-pending');
    const [grafana] = cluster.pods('monitoring', 'kps-grafana');
    expect(grafana === undefined ? null : condition(grafana, 'PodScheduled').message).toBe(
      '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    );
    expect(cluster.events('FailedBinding')).toContain('no persistent volumes available for this claim and no storage class is set');
    const storageClass = cluster.store.get('storageclasses.storage.k8s.io', 'local-path');
    if (storageClass === null) throw new Error('no storage class');
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    cluster.store.update('storageclasses.storage.k8s.io', { ...storageClass, metadata: { ...storageClass.metadata, annotations } });
    cluster.pass(30);
    expect(textAt(cluster.store.get('persistentvolumeclaims', 'kps-grafana', 'monitoring'), 'spec', 'storageClassName')).toBe('local-path');
    expectGood(cluster);
    expect(cluster.faults.grafanaDown).toBe(false);
  });

  it('Prometheus is up again after a restart of its StatefulSet', () => {
    const cluster = simulatedCluster('monitoring-down');
    expect(cluster.faults).toMatchObject({ prometheusDown: true, grafanaDown: false });
    restart(cluster, 'statefulsets.apps', 'monitoring', 'prometheus-kps-prometheus');
    cluster.pass(60);
    expectGood(cluster);
    expect(cluster.faults.prometheusDown).toBe(false);
  });

  it.each(['driver-mismatch', 'xid-79'])('%s is over after a reboot', async (scenario) => {
    const machine = demoMachine('gpu-2', scenario);
    const before = (await machine.run('cat /proc/sys/kernel/random/boot_id')).stdout;
    await mend(machine, 90, ['systemctl reboot']);
    expect((await machine.run('cat /proc/sys/kernel/random/boot_id')).stdout).not.toBe(before);
    expect((await machine.run('nvidia-smi -L')).exitCode).toBe(0);
    expect(machine.cluster.node('gpu-2').metadata.labels?.['nvidia.com/cuda.driver-version.full']).toBe('580.173.02');
    expectGood(machine.cluster);
  });

  it('a kubeconfig of root is given back to its user', async () => {
    const machine = demoMachine('controlplane', 'kubeconfig-perms');
    expect((await machine.run('stat -c "%F|%U|%a" -- /home/ops/.kube/config')).stdout).toBe('regular file|root|600\n');
    expect((await machine.run('cat /home/ops/.kube/config')).stderr).toBe('cat: /home/ops/.kube/config: Permission denied\n');
    expect(value(await facts(machine), 'kubeconfigs')).toContainEqual({ path: '/home/ops/.kube/config', owner: 'root', mode: '600', homeOf: 'ops' });
    expect((await machine.run('chown ops: -- /home/ops/.kube/config')).exitCode).toBe(1);
    await mend(machine, 0, ['chown ops: -- /home/ops/.kube/config'], ['chmod 600 -- /home/ops/.kube/config']);
    expect((await machine.run('cat /home/ops/.kube/config')).exitCode).toBe(0);
  });

  it('certificates that end soon are renewed, and the API server shows its new one after a restart', async () => {
    const machine = demoMachine('controlplane', 'cert-expiry');
    expect((await machine.run('sudo kubeadm certs check-expiration')).stdout).toMatch(/^apiserver +\S+ \S+ UTC +4d$/m);
    await mend(machine, 0, ['cp -a -T /etc/kubernetes /var/backups/gpuk8s/etc/kubernetes.1'], ['kubeadm certs renew all']);
    expect((await machine.run('sudo kubeadm certs check-expiration')).stdout).toMatch(/^apiserver +\S+ \S+ UTC +36\dd$/m);
    expect(machine.cluster.certificateEnds).toHaveLength(1);
    const id = (await machine.run('sudo crictl ps -q --state running --label io.kubernetes.container.name=kube-apiserver')).stdout.trim();
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    await mend(machine, 20, [`crictl stop --timeout 30 ${id}`]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(machine.cluster.accepting).toEqual([false, true]);
    expectGood(machine.cluster);
  });
});

describe('units of a healthy machine', () => {
  it('a stopped kubelet makes the node Unknown, and started again all is as before', async () => {
    const machine = demoMachine('gpu-1');
    await mend(machine, 70, ['systemctl stop kubelet.service']);
    expect(condition(machine.cluster.node('gpu-1'), 'Ready').status).toBe('Unknown');
    await mend(machine, 20, ['systemctl restart kubelet.service']);
    expectGood(machine.cluster);
  });

  it('a masked unit refuses to start until it is unmasked', async () => {
    const machine = demoMachine('gpu-1');
    await mend(machine, 1, ['systemctl mask --now nvidia-persistenced.service']);
    expect(await machine.run('sudo systemctl start nvidia-persistenced.service')).toEqual({
      stdout: '',
      stderr: 'Failed to start nvidia-persistenced.service: Unit nvidia-persistenced.service is masked.\n',
      exitCode: 1,
    });
    expect((await machine.run('nvidia-smi --query-gpu=persistence_mode --format=csv,noheader')).stdout).toContain('Disabled');
    await mend(machine, 1, ['systemctl unmask nvidia-persistenced.service'], ['systemctl enable --now nvidia-persistenced.service']);
    expect((await machine.run('systemctl is-active nvidia-persistenced')).stdout).toBe('active\n');
    expect((await machine.run('nvidia-smi --query-gpu=persistence_mode --format=csv,noheader')).stdout).not.toContain('Disabled');
  });

  it('whoever is not root may not change them', async () => {
    const machine = demoMachine('gpu-1');
    expect((await machine.run('systemctl restart kubelet.service')).stderr).toBe('Failed to restart kubelet.service: Interactive authentication required.\n');
    expect((await machine.run('swapoff -a')).exitCode).toBe(32);
  });
});

function restart(cluster: SimulatedCluster, resource: string, namespace: string, name: string): void {
  const template = JSON.parse(JSON.stringify(at(cluster.store.get(resource, name, namespace), 'spec', 'template')));
  template.metadata.annotations = { 'kubectl.kubernetes.io/restartedAt': new Date(cluster.world.clock.now()).toISOString() };
  cluster.edit(resource, namespace, name, { template });
  expect(isReady(cluster.node('controlplane'))).toBe(true);
}
