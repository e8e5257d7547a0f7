import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../src/runbooks/inventory.js';
import { readSignatures } from '../../src/signature-files.js';
import { everyStep, hosts } from './every-step.js';

/** All that the guides do, and what was found missing in them, by part. */
const parts: Readonly<Record<string, string>> = {
  'host-prep':
    'host-facts host-ports cidr-overlap apt-legacy-cleanup apt-base time-sync hosts-resolve swap-off kernel-modules sysctl-k8s firewall-ports psi-on',
  'cri-o': 'crio-repo crio-install crio-cni-clean crio-pause crio-service',
  containerd: 'docker-repo containerd-install containerd-config containerd-service crictl-endpoint',
  'kubernetes packages': 'k8s-repo k8s-install kubelet-enable k8s-prepull',
  'load balancer': 'haproxy-install haproxy-config keepalived-vip',
  kubeadm:
    'kubeadm-config kubeadm-init-single kubeadm-init-ha kubeconfig-user join-secrets join-cp join-worker cp-untaint kubelet-serving-certs node-notready-kick external-cluster kubeadm-reset',
  'pod network': 'calico-operator calico-installation calico-networkmanager flannel net-smoke',
  'add-ons': 'metrics-server helm-install',
  storage: 'local-path default-storageclass pvc-smoke nfs-server nfs-client nfs-provisioner local-pv',
  gpu: 'gpu-detect secure-boot nouveau-off nvidia-driver nvidia-hold nvidia-persistence ctk-install ctk-crio ctk-containerd ctk-docker cdi-spec runtimeclass-nvidia gpu-label gpu-taint device-plugin-manifest device-plugin-helm gpu-time-slicing gpu-operator gpu-test-pod gpu-selector-test',
  monitoring:
    'mon-namespace kube-prometheus-stack cp-metrics plain-monitoring dcgm-exporter dashboards-import alert-rules mon-ha grafana-access log-shipping kepler-optional metrics-export',
  'ai platform':
    'ai-namespace ai-quota priority-class hpa netpol-ai netpol-kube-system pod-resources trainer ddp-demo inference-workload model-server-image load-experiment',
  security: 'rbac-researcher psa-labels etcd-encryption rbac-audit secrets-tls-hygiene',
  backup: 'velero-cli object-store velero-install velero-schedule velero-restore-test etcd-snapshot etcd-restore',
  maintenance: 'unattended-upgrades kube-bench etcd-compaction kubelet-reserved fstab-dedupe certs-renew podgc-threshold',
  reboot: 'services-enabled reboot-node reboot-selftest',
  cleanup: 'pods-evicted docker-build-cache docker-dangling docker-unused cri-unused journald-vacuum apt-clean pod-logs pv-released',
};

/** There is nothing that a program could do there, or should: the check is the whole step, and says what it found. */
const onlyLook = new Set('host-facts host-ports cidr-overlap external-cluster gpu-detect netpol-kube-system grafana-access power-meter'.split(' '));

const signatures = readSignatures().map(({ id }) => id);
const ids = Object.values(parts).flatMap((part) => part.split(' '));

describe('what the guides do', () => {
  it('is counted once', () => {
    expect(ids).toHaveLength(new Set(ids).size);
    expect(ids.length).toBeGreaterThan(125);
  });

  it.each(ids)('%s is a step that checks, acts and verifies', (id) => {
    const step = everyStep.find((each) => each.id === id);
    expect(step, `no playbook has ${id}`).toBeDefined();
    expect(step?.check.trim()).not.toBe('');
    if (onlyLook.has(id)) expect(step?.apply).toBeNull();
    else expect(step?.apply?.trim() ?? '').not.toBe('');
    // Without words of its own it is verified by its check, which has to be able to see what was done.
    expect((step?.verify ?? step?.check ?? '').trim()).not.toBe('');
  });
});

describe('every step', () => {
  it('that does nothing is known to do nothing', () => {
    expect(everyStep.filter(({ apply }) => apply === null).map(({ id }) => id)).toEqual(everyStep.map(({ id }) => id).filter((id) => onlyLook.has(id)));
  });

  it.each(everyStep.map((step) => [step.id, step] as const))('%s says what it is for, and is done somewhere', (_, step) => {
    expect(step.title).toMatch(/^[A-Z0-9]/);
    expect(step.title).not.toMatch(/\.$/);
    expect(step.why.length).toBeGreaterThan(30);
    expect(columnsOf(step.on, hosts)).not.toHaveLength(0);
  });

  it.each(everyStep.filter(({ apply }) => apply !== null).map((step) => [step.id, step] as const))('%s is not verified by what always holds', (_, step) => {
    expect((step.verify ?? step.check).trim()).not.toMatch(/^(?:true|:|exit 0)$/);
  });

  it('mends what is known to go wrong, and nothing else', () => {
    for (const { id, mends } of everyStep) for (const signature of mends) expect(signatures, id).toContain(signature);
  });

  it('is asked for by steps that there are', () => {
    const all = new Set(everyStep.map(({ id }) => id));
    expect(all.size).toBe(everyStep.length);
    for (const { needs } of everyStep) for (const need of needs) expect(all).toContain(need);
  });

  it('never prunes all of the images that no container uses', () => {
    for (const { id, check, apply, verify, undo } of everyStep) {
      for (const text of [check, apply, verify, undo]) expect(text ?? '', id).not.toMatch(/image prune[^\n]*(?: -a\b| --all\b| -[a-z]*a[a-z]*\b)|system prune/);
    }
  });
});
