import { duration } from '../../text/age.js';
import { backupPath } from '../backups.js';
import { Blocked, defineFix, fieldForms } from '../fix.js';
import { ask, factValue, hasProgram, type Machine, reachMachine } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { type Change, commandChange } from '../steps.js';
import { lookFor, missingFacts } from '../verification.js';

/** In the order in which they are restarted: each can reach those before it. */
const staticPods = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

const day = 24 * 60 * 60_000;

/** Renews a control plane's certificates, which kubeadm makes for a year, and restarts what reads them only when it starts. */
export const renewCertificates: Operation = defineFix({
  id: 'renew-certificates',
  title: "renew a control plane's certificates",
  fields: { host: fieldForms.host },
  headline: (field) => `Renew the control plane's certificates on ${field('host')}`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const machine = await reachMachine(world, host);
    if (!(await hasProgram(machine, ['kubeadm', 'version', '-o', 'short'], { sudo: true })))
      throw new Blocked(`there is no kubeadm on ${host}: its certificates are renewed another way`);
    const containers = await runningStaticPods(machine);
    const copy = backupPath(`/etc/kubernetes.${new Date().toISOString().replace(/[-:]|\..*/g, '')}`);
    const goal = `the control plane's certificates on ${host} last a year, and the API server shows the new one`;
    const shown = world.snapshot().connection;
    const endsBefore = shown.status === 'connected' ? shown.certificateEndsAt : null;
    const kubeconfigEnd = factValue(machine.facts?.certificates)?.find(({ path }) => path === '/etc/kubernetes/admin.conf')?.endsAt;
    return {
      risk: 'disruptive',
      changes: [
        commandChange({ host, text: 'Make a folder for a copy', argv: ['install', '-d', '-m', '700', backupPath(''), backupPath('/etc')] }),
        commandChange({ host, text: 'Keep /etc/kubernetes as it is', argv: ['cp', '-a', '-T', '/etc/kubernetes', copy] }),
        commandChange({ host, text: 'Renew all certificates that kubeadm made', argv: ['kubeadm', 'certs', 'renew', 'all'], timeoutMs: 120_000 }),
        ...containers.map(({ name, id }) => restart(host, name, id)),
      ],
      warnings: [
        'the API server is away for some seconds while it restarts',
        `/etc/kubernetes/admin.conf is written anew: whoever uses a copy of it has to copy it again${kubeconfigEnd === undefined ? '' : ` before the old one ends, ${ending(kubeconfigEnd)}`}`,
        "the kubelet's own certificates renew themselves, and certificate authorities last ten years: both stay as they are",
      ],
      blockers:
        containers.length === staticPods.length || containers.some(({ name }) => name === 'kube-apiserver')
          ? []
          : [`crictl on ${host} shows no running kube-apiserver: it is no control plane, or see first why (crictl ps -a)`],
      undo: `${host}# cp -a -T ${copy} /etc/kubernetes, then restart the static pods`,
      goal,
      verify(seen, signal) {
        const certificates = missingFacts(host, Date.now(), (facts) => {
          const ends = factValue(facts.certificates);
          if (ends === null) return `when the certificates on ${host} end cannot be seen`;
          const soon = ends.find(({ path, endsAt }) => path.startsWith('/etc/kubernetes/') && endsAt - Date.now() < 30 * day);
          return soon === undefined ? null : `${soon.path} on ${host} ends ${ending(soon.endsAt)}`;
        });
        return lookFor(seen, signal, {
          within: 180_000,
          goal,
          missing(snapshot) {
            const { connection } = snapshot;
            if (connection.status !== 'connected') return 'the API server does not answer yet';
            const stillOld = endsBefore !== null && connection.certificateEndsAt === endsBefore;
            return certificates(snapshot) ?? (stillOld ? 'the API server still shows its old certificate' : null);
          },
        });
      },
    };
  },
});

function restart(host: string, name: string, id: string): Change {
  // The kubelet starts it again at once, with what lies on the disk now.
  return commandChange({ host, text: `Restart ${name} (the kubelet starts it again)`, argv: ['crictl', 'stop', '--timeout', '30', id], timeoutMs: 60_000 });
}

async function runningStaticPods(machine: Machine): Promise<readonly { readonly name: string; readonly id: string }[]> {
  const found: { readonly name: string; readonly id: string }[] = [];
  for (const name of staticPods) {
    const ids = await ask(machine, ['crictl', 'ps', '-q', '--state', 'running', '--label', `io.kubernetes.container.name=${name}`], { sudo: true });
    if (ids === null) throw new Blocked(`crictl on ${machine.name} does not answer, so the static pods could not be restarted: see its /etc/crictl.yaml`);
    const id = /^[0-9a-f]{8,64}$/m.exec(ids)?.[0];
    if (id !== undefined) found.push({ name, id });
  }
  return found;
}

function ending(endsAt: number): string {
  const left = endsAt - Date.now();
  return left > 0 ? `in ${duration(left)}` : `${duration(-left)} ago`;
}
