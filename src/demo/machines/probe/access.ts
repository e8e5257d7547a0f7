import type { MachineHost } from '../machine-host.js';
import { ok, type Section } from './section.js';

/** Certificates with their ends, and kubeconfigs with their owners. */
export function accessSections({ machine, world, now }: MachineHost, root: boolean): Section[] {
  const controlPlane = machine.hardware.role === 'control-plane';
  const installed = Date.parse(world.store.get('nodes', machine.name)?.metadata.creationTimestamp ?? '') || now();
  const year = 365 * 86_400_000;
  const files = controlPlane
    ? [
        ...['apiserver', 'apiserver-etcd-client', 'apiserver-kubelet-client', 'front-proxy-client', 'etcd/server', 'etcd/peer', 'etcd/healthcheck-client'].map(
          (name) => ({ path: `/etc/kubernetes/pki/${name}.crt`, endsAt: installed + year }),
        ),
      ]
    : [];
  const authorities = controlPlane
    ? ['ca', 'front-proxy-ca', 'etcd/ca'].map((name) => ({ path: `/etc/kubernetes/pki/${name}.crt`, endsAt: installed + 10 * year }))
    : [];
  const configs = controlPlane
    ? ['admin', 'super-admin', 'controller-manager', 'scheduler'].map((name) => ({ path: `/etc/kubernetes/${name}.conf`, endsAt: installed + year }))
    : [];
  // The kubelet renews its own when 70 to 90 % of a year have passed.
  const kubelet = { path: '/var/lib/kubelet/pki/kubelet-client-current.pem', endsAt: installed + year };
  return [
    ok(
      'certificates',
      [...files, ...authorities, kubelet, ...configs].map(({ path, endsAt }) =>
        root || path.startsWith('/etc/kubernetes/pki') ? `notAfter=${opensslDate(endsAt)} ${path}` : `root ${path}`,
      ),
    ),
    ok(
      'kubeconfigs',
      controlPlane ? ['600 root /etc/kubernetes/admin.conf', '600 root /etc/kubernetes/super-admin.conf', '600 ops /home/ops/.kube/config'] : [],
    ),
  ];
}

/** `Nov  2 14:02:11 2027 GMT` */
function opensslDate(moment: number): string {
  const [, day = '', month = '', year = '', clock = ''] = new Date(moment).toUTCString().split(/[ ,]+/);
  return `${month} ${String(Number(day)).padStart(2)} ${clock} ${year} GMT`;
}
