import { describe, it } from 'vitest';
import { expectMended } from './demo-visit.js';

const minutes = 3 * 60_000;

describe.concurrent('trouble of a machine', { timeout: minutes }, () => {
  it('with swap on', () =>
    expectMended('swap-on', [
      {
        check: 'swap-zero',
        object: 'node/gpu-1',
        says: /^gpu-1 has swap on: \/swap\.img \(8 GiB\); its kubelet does not start with it/,
        fix: { id: 'swap-off', input: { host: 'gpu-1' } },
        seen: /^unit kubelet\.service: .*running with swap on is not supported/,
      },
    ]));

  it('whose disk is full, and then with the pods that it evicted', () =>
    expectMended('disk-full', [
      {
        check: 'disk-vs-eviction',
        object: 'node/gpu-1',
        says: /^gpu-1: the disk has [\d.]+ % of 447 GiB left, evicts below 10 %/,
        fix: { id: 'free-disk', input: { host: 'gpu-1' } },
      },
      {
        check: 'evicted',
        object: 'cluster',
        says: /^\d+ evicted pods lie about$/,
        fix: { id: 'delete-ended-pods', input: { reason: 'Evicted' } },
        isLeft: true,
      },
    ]));

  it('whose kubeconfig belongs to root', () =>
    expectMended('kubeconfig-perms', [
      {
        check: 'kubeconfig-perms',
        object: 'node/controlplane',
        says: /^\/home\/ops\/\.kube\/config on controlplane belongs to root, not to ops/,
        fix: { id: 'kubeconfig-owner', input: { host: 'controlplane', path: '/home/ops/.kube/config', owner: 'ops' } },
      },
    ]));

  it('whose certificates end soon', () =>
    expectMended('cert-expiry', [
      {
        check: 'certs',
        object: 'node/controlplane',
        says: /^The certificate apiserver\.crt of controlplane ends in 4d\w*, and 10 more within/,
        fix: { id: 'renew-certificates', input: { host: 'controlplane' } },
        seen: /^certificates of controlplane: /,
      },
    ]));
});
