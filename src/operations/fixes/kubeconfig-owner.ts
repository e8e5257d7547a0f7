import { dirname, normalize } from 'node:path/posix';
import { commandLine } from '../../hosts/shell-quote.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import { ask, type FileState, factValue, type Machine, reachMachine, statFile } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { type Change, commandChange } from '../steps.js';
import { lookFor, missingFacts } from '../verification.js';

/** Gives a kubeconfig to the one who is to use it, and to nobody else. */
export const kubeconfigOwner: Operation = defineFix({
  id: 'kubeconfig-owner',
  title: 'give a kubeconfig to its user',
  fields: { host: fieldForms.host, path: fieldForms.path, owner: fieldForms.user },
  headline: (field) => `Give ${field('path')} on ${field('host')} to ${field('owner')}, mode 600`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const [host, path, owner] = [field('host'), field('path'), field('owner')];
    if (normalize(path) !== path) throw new Blocked(`${path} is no plain path`);
    const machine = await reachMachine(world, host);
    const file = await statFile(machine, path);
    if (file === null) throw new Blocked(`there is no ${path} on ${host}`);
    if (!file.type.startsWith('regular'))
      throw new Blocked(`${path} on ${host} is a ${file.type}: its owner needs a file of their own (install -m 600 /etc/kubernetes/admin.conf)`);
    if ((await ask(machine, ['id', '-u', '--', owner])) === null) throw new Blocked(`there is no user ${owner} on ${host}`);
    const folder = dirname(path);
    const around = await statFile(machine, folder);
    const ofFolder = folderChanges(machine, folder, around, owner);
    const changes = [...ofFolder, ...fileChanges(machine, path, file, owner)];
    if (changes.length === 0) throw nothingToDo(`${path} on ${host} belongs to ${owner}, mode 600`);
    const goal = `${path} on ${host} belongs to ${owner}, mode 600`;
    const back = [
      ...(ofFolder.length === 0 || around === null ? [] : [['chown', `${around.owner}:${around.group}`, '--', folder]]),
      ['chown', `${file.owner}:${file.group}`, '--', path],
      ['chmod', file.mode, '--', path],
    ];
    return {
      risk: 'safe',
      changes,
      warnings: file.owner !== owner && file.owner !== 'root' ? [`${file.owner} owns it now and will not be able to read it any more`] : [],
      undo: `${host}# ${back.map((argv) => commandLine(argv)).join('; ')}`,
      goal,
      async verify(seen, signal) {
        const now = await statFile(machine, path);
        if (now === null) return { seen: false, text: `${path} on ${host} is gone` };
        if (now.owner !== owner || now.mode !== '600') return { seen: false, text: `${path} on ${host} belongs to ${now.owner}, mode ${now.mode}` };
        const listed = factValue(machine.facts?.kubeconfigs)?.some((one) => one.path === path) === true;
        if (!listed) return { seen: true, text: goal };
        const missing = missingFacts(host, Date.now(), (facts) => {
          const one = factValue(facts.kubeconfigs)?.find((each) => each.path === path);
          return one === undefined || one.owner === owner ? null : `${path} on ${host} belongs to ${one.owner}`;
        });
        return lookFor(seen, signal, { within: 60_000, goal, missing });
      },
    };
  },
});

function fileChanges({ name: host }: Machine, path: string, file: FileState, owner: string): readonly Change[] {
  return [
    ...(file.owner === owner ? [] : [commandChange({ host, text: `Give it to ${owner} (now ${file.owner})`, argv: ['chown', `${owner}:`, '--', path] })]),
    ...(file.mode === '600' ? [] : [commandChange({ host, text: `Let nobody else read it (now ${file.mode})`, argv: ['chmod', '600', '--', path] })]),
  ];
}

/** The folder of a copy made by root is often root's too: then its user cannot even get at the file. Folders of the system stay as they are. */
function folderChanges({ name: host }: Machine, folder: string, around: FileState | null, owner: string): readonly Change[] {
  if (around === null || around.owner === owner || !folder.endsWith('/.kube')) return [];
  return [commandChange({ host, text: `Give the folder to ${owner} (now ${around.owner})`, argv: ['chown', `${owner}:`, '--', folder] })];
}
