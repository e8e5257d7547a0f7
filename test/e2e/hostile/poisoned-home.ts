import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoCluster } from '../../../src/demo/cluster.js';
import { writeSshFiles } from '../../../src/demo/machines/ssh/ssh-access.js';
import { clean } from '../../../src/text/clean.js';
import type { SshServer } from '../../hosts/ssh-server.js';
import { hostile, hostileTitle, megabyte } from './planted.js';

/** A home folder in which everything that the program reads holds hostile text: kubeconfig, journal, playbooks of the person's own; its machines are the poisoned ones. */
export function poisonedHome(cluster: DemoCluster, server: string, machines: ReadonlyMap<string, SshServer>): string {
  const home = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-hostile-'));
  const write = (path: readonly string[], text: string) => {
    const file = join(home, ...path);
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  };
  write(['.kube', 'config'], kubeconfig(cluster, server));
  write(['.local', 'state', 'gpuk8s-tui', 'journal.jsonl'], journal());
  write(['.config', 'gpuk8s-tui', 'runbooks', 'zq-book.yaml'], playbook());
  write(['.config', 'gpuk8s-tui', 'runbooks', 'profiles', 'zq-profile.yaml'], profile());
  write(
    ['.config', 'gpuk8s-tui', 'runbooks', 'broken.yaml'],
    `id: broken\ntitle: ${JSON.stringify(hostile('zq-broken'))}\nsteps: ${JSON.stringify(hostile('zq-steps'))}\n`,
  );
  write(['.config', 'gpuk8s-tui', 'config.json'], settings(cluster));
  const hosts = cluster.ssh.hosts.map((host) => ({ ...host, port: machines.get(host.name)?.port ?? 0 }));
  const knownHosts = [...machines.values()].map(({ port, hostKey }) => `[127.0.0.1]:${port} ssh-ed25519 ${hostKey.toString('base64')}\n`).join('');
  writeSshFiles(join(home, '.ssh', 'config'), { ...cluster.ssh, hosts, knownHosts });
  return home;
}

function kubeconfig(cluster: DemoCluster, server: string): string {
  const [token] = /token: ("[^"]+")/.exec(cluster.kubeconfig)?.slice(1) ?? [];
  const name = hostile('zq-context');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server } }],
    users: [{ name: hostile('zq-user'), user: { token: JSON.parse(token ?? '""') } }],
    contexts: [name, hostile('zq-other')].map((context) => ({ name: context, context: { cluster: name, user: hostile('zq-user'), namespace: 'ai' } })),
    'current-context': name,
  };
  // kubectl takes 8-bit controls only where they are escaped.
  return JSON.stringify(config).replace(/[\x7f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What was chosen before: the person's own playbook, here and on two machines. */
function settings(cluster: DemoCluster): string {
  const hosts = cluster.ssh.hosts.slice(0, 2).map(({ name }) => ({ name, address: name, roles: ['gpu'] }));
  return JSON.stringify({
    setup: { [clean(hostile('zq-context'))]: { playbooks: ['zq-book'], hosts, values: { ZQ_VALUE: invisible('zq-value') }, seat: 'here' } },
  });
}

function journal(): string {
  const at = new Date(Date.now() - 60_000).toISOString();
  const begun = {
    ...{
      v: 1,
      line: 'begun',
      id: 'a',
      at,
      who: hostile('zq-who'),
      context: hostile('zq-where'),
      operation: { id: 'uncordon', input: { node: hostile('zq-input') } },
    },
    ...{ title: hostile('zq-title'), risk: 'safe', plan: [hostile('zq-plan'), megabyte('zq-long')], undo: hostile('zq-undo'), total: 1 },
    process: { host: 'head', pid: 1, started: '2' },
  };
  const ended = { v: 1, line: 'ended', id: 'a', at, result: 'done', said: hostile('zq-said'), items: { done: 1, failed: 0, total: 1 }, tookMs: 900 };
  return `${[begun, ended].map((line) => JSON.stringify(line)).join('\n')}\n${hostile('zq-unreadable')}\n`;
}

/** Steps on each machine and here, whose texts and outputs are hostile. JSON is YAML, too. */
function playbook(): string {
  const said = Buffer.from(hostile('zq-words')).toString('base64');
  const say = `printf '%s' '${said}' | base64 -d`;
  const step = (id: string, on: string) => ({
    ...{ id, title: hostileTitle('zq-step-title'), why: hostile('zq-step-why'), on: [on], risk: 'safe' },
    ...{ check: `${say}; missing "$(${say})" # ${hostile('zq-script')}`, apply: `${say}; ${say} >&2; fail "$(${say})"` },
  });
  return JSON.stringify({
    id: 'zq-book',
    title: hostileTitle('zq-book-title'),
    about: hostile('zq-about'),
    variables: { ZQ_VALUE: { title: hostileTitle('zq-variable'), help: hostile('zq-help'), type: 'text', default: invisible('zq-default') } },
    steps: [step('zq-here', 'cluster'), step('zq-there', 'all')],
  });
}

function profile(): string {
  return JSON.stringify({ id: 'zq-profile', title: hostileTitle('zq-profile-title'), about: hostile('zq-profile-about'), playbooks: ['zq-book'] });
}

/** Of values, more than this is refused when they are read. */
function invisible(word: string): string {
  return `${word}.\u200b\u00ad\u{e0041}${word}`;
}
