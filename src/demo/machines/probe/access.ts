import type { MachineHost } from '../machine-host.js';
import { ok, type Section } from './section.js';

/** Certificates with their ends, and kubeconfigs with their owners. */
export function accessSections({ machine }: MachineHost, root: boolean): Section[] {
  const { certificates, files } = machine.linux;
  const shown = [...certificates].map(([path, endsAt]) =>
    root || path.startsWith('/etc/kubernetes/pki') ? `notAfter=${opensslDate(endsAt)} ${path}` : `root ${path}`,
  );
  return [ok('certificates', shown), ok('kubeconfigs', [...kubeconfigs(files, root), ...homes(files, root)])];
}

function kubeconfigs(files: MachineHost['machine']['linux']['files'], root: boolean): string[] {
  return [...files].flatMap(([path, { mode, owner }]) => {
    const isConfig = /^\/etc\/kubernetes\/(?:super-)?admin\.conf$/.test(path) || path.endsWith('/.kube/config');
    return isConfig && (root || !path.startsWith('/root/')) ? [`${mode} ${owner} ${path}`] : [];
  });
}

/** Who the homes belong to that have a kubeconfig; root's own is closed to others. */
function homes(files: MachineHost['machine']['linux']['files'], root: boolean): string[] {
  const own = files.has('/home/ops/.kube/config') ? ['home ops /home/ops'] : [];
  return root ? own : [...own, 'closed /root'];
}

/** `Nov  2 14:02:11 2027 GMT` */
function opensslDate(moment: number): string {
  const [, day = '', month = '', year = '', clock = ''] = new Date(moment).toUTCString().split(/[ ,]+/);
  return `${month} ${String(Number(day)).padStart(2)} ${clock} ${year} GMT`;
}
