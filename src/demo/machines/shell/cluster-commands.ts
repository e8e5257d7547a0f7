import { createHash } from 'node:crypto';
import { isRenewable, reclaimable } from '../../controllers/linux.js';
import { diskChanged } from '../../controllers/machines.js';
import { listAt, textAt } from '../../fields.js';
import { versions } from '../../seed/nodes.js';
import type { MachineHost } from '../machine-host.js';
import type { CommandResult } from '../smi/answer.js';
import { type Command, failed, operands, optionValues, said } from './command.js';

/** Programs of the container runtime and of kubeadm. */
export const clusterCommands: readonly (readonly [string, Command])[] = [
  ['crictl', crictl],
  ['kubeadm', kubeadm],
];

function crictl(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const withValue = ['--runtime-endpoint', '--image-endpoint', '-r', '-i', '--timeout', '--state', '--label', '--name', '-o', '-t'];
  const [verb = '', ...names] = operands(argv, withValue);
  if (!root)
    return failed(
      'FATA[0000] validate service connection: validate CRI v1 runtime API for endpoint: rpc error: code = Unavailable desc = connect: permission denied\n',
      1,
    );
  const { machine } = host;
  switch (verb) {
    case 'images': {
      if (wantsJson(argv)) return said(JSON.stringify({ images: imagesOf(host) }));
      const unused = Math.max(0, Math.round(machine.linux.disk.images / imageBytes));
      const used = listAt(host.world.store.get('nodes', machine.name), 'status', 'images').map(
        (image) => textAt({ name: listAt(image, 'names')[0] }, 'name') ?? '',
      );
      return said([...used, ...Array.from({ length: unused }, (_, place) => `unused-${place}`)].map((name) => `${digest(name)}\n`).join(''));
    }
    case 'imagefsinfo':
      return said(
        JSON.stringify({ status: { imageFilesystems: [{ fsId: { mountpoint: '/var' }, usedBytes: { value: String(machine.linux.disk.images) } }] } }),
      );
    case 'ps': {
      if (wantsJson(argv))
        return said(JSON.stringify({ containers: usedImages(host).map((name) => ({ imageRef: `sha256:${digest(name)}`, image: { image: name } })) }));
      const [wanted] = optionValues(argv, '--label', '--label').map((label) => label.split('=')[1] ?? '');
      const [pattern] = optionValues(argv, '--name', '--name');
      const running = containers(host).filter(
        ({ name }) => (wanted === undefined || name === wanted) && (pattern === undefined || new RegExp(pattern).test(name)),
      );
      return said(running.map(({ id, name }) => (argv.includes('-q') ? `${id}\n` : `${id.slice(0, 13)} ${name} Running\n`)).join(''));
    }
    case 'stop': {
      const [id = ''] = names;
      const found = containers(host).find((each) => each.id === id || (id.length >= 10 && each.id.startsWith(id)));
      if (found === undefined)
        return failed(`E1102 stopping the container "${id}": rpc error: code = NotFound desc = could not find container "${id}": not found\n`, 1);
      host.systems?.restartStatic(machine, found.name);
      return said(`${id}\n`);
    }
    case 'rmi': {
      if (!argv.includes('--prune') && !argv.includes('-q')) return failed('crictl: the machines of the demo remove images with --prune only\n', 1);
      const before = reclaimable(machine.linux);
      const removed = Math.round(machine.linux.disk.images / imageBytes);
      machine.linux.disk.images = 0;
      diskChanged(machine, before, host.now());
      host.systems?.look(machine);
      return said(Array.from({ length: removed }, (_, place) => `Deleted: registry.lab.local:5000/ai/llama-finetune:0.9.${removed - place}-rc\n`).join(''));
    }
    case 'info':
    case 'version':
      return said(`RuntimeName: ${machine.hardware.runtime}\n`);
    default:
      return failed(`crictl: the machines of the demo do not know "${verb}"\n`, 1);
  }
}

function wantsJson(argv: readonly string[]): boolean {
  return optionValues(argv, '-o', '--output').includes('json');
}

/** As `crictl images -o json` lists them: those in use, and what `rmi --prune` would take. */
function imagesOf(host: MachineHost): readonly object[] {
  const { images } = host.machine.linux.disk;
  const superseded = Math.max(0, Math.round(images / imageBytes));
  const listed = (name: string, size: number) => ({
    id: `sha256:${digest(name)}`,
    repoTags: [name],
    repoDigests: [`${name.replace(/:[^:/]*$/, '')}@sha256:${digest(`${name}@`)}`],
    size: String(Math.round(size)),
    pinned: false,
  });
  return [
    ...usedImages(host).map((name) => listed(name, 180e6)),
    ...Array.from({ length: superseded }, (_, place) => listed(`registry.lab.local:5000/ai/llama-finetune:0.9.${superseded - place}-rc`, images / superseded)),
  ];
}

function usedImages({ world, machine }: MachineHost): readonly string[] {
  return listAt(world.store.get('nodes', machine.name), 'status', 'images').flatMap((image) => textAt({ name: listAt(image, 'names')[0] }, 'name') ?? []);
}

/** About the size of a superseded image of a model. */
const imageBytes = 3e9;

function containers({ machine, world }: MachineHost): { readonly id: string; readonly name: string }[] {
  return world.pods.onNode(machine.name).flatMap((pod) =>
    listAt(pod, 'status', 'containerStatuses').flatMap((status) => {
      const running = textAt(status, 'state', 'running', 'startedAt') !== null;
      const id = (textAt(status, 'containerID') ?? '').replace(/^.*:\/\//, '');
      return running ? [{ id, name: textAt(status, 'name') ?? '' }] : [];
    }),
  );
}

function digest(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

function kubeadm(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const { machine } = host;
  if (argv[0] === 'version')
    return said(argv.includes('short') ? `${versions.kubernetes}\n` : `kubeadm version: &version.Info{GitVersion:"${versions.kubernetes}"}\n`);
  if (argv[0] !== 'certs') return failed(`kubeadm: the machines of the demo know "version" and "certs", no "${argv[0] ?? ''}"\n`, 1);
  if (machine.hardware.role !== 'control-plane' || !root)
    return failed('failed to load admin kubeconfig: open /etc/kubernetes/admin.conf: permission denied\n', 1);
  const renewable = [...machine.linux.certificates].filter(([path]) => isRenewable(path));
  if (argv[1] === 'check-expiration') return said(expirations(renewable, host.now()));
  if (argv[1] !== 'renew' || argv[2] !== 'all') return failed('kubeadm: the machines of the demo know "certs check-expiration" and "certs renew all"\n', 1);
  host.systems?.renewCertificates(machine);
  const done =
    'Done renewing certificates. You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd, so that they can use the new certificates.\n';
  return said(`${renewable.map(([path]) => `certificate ${titleOf(path)} renewed\n`).join('')}\n${done}`);
}

function expirations(certificates: readonly (readonly [string, number])[], now: number): string {
  const head = `${'CERTIFICATE'.padEnd(28)}${'EXPIRES'.padEnd(25)}RESIDUAL TIME\n`;
  return (
    head +
    certificates
      .map(([path, end]) => {
        const date = new Date(end).toISOString();
        return `${nameOf(path).padEnd(28)}${`${date.slice(0, 10)} ${date.slice(11, 16)} UTC`.padEnd(25)}${Math.floor((end - now) / 86_400_000)}d\n`;
      })
      .join('')
  );
}

function nameOf(path: string): string {
  return path
    .replace('/etc/kubernetes/', '')
    .replace('pki/', '')
    .replace('/', '-')
    .replace(/\.crt$/, '');
}

/** What kubeadm calls a certificate in its progress. */
function titleOf(path: string): string {
  const name = nameOf(path);
  return path.endsWith('.conf') ? `embedded in the kubeconfig file for ${name.replace('.conf', '')}` : `for ${name}`;
}
