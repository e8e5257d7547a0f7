import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadKubeconfig } from '../../src/kube/kubeconfig.js';
import { readKubeconfigFiles } from '../../src/kube/kubeconfig-files.js';
import { unreadableFile } from '../../src/kube/unreadable-file.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  mkdirSync(join(home, '.kube'));
});
afterEach(() => rmSync(home, { recursive: true }));

test('~/.kube/config is read where nothing else is said', () => {
  file('.kube/config', config('lab', 'https://10.0.0.10:6443/'));
  expect(load()).toMatchObject({
    status: 'usable',
    context: 'lab',
    namespace: null,
    contexts: [{ name: 'lab', server: 'https://10.0.0.10:6443', namespace: null, current: true }],
  });
});

test('the files of KUBECONFIG are merged, the first one wins, missing ones are skipped', () => {
  const one = file('one', config('lab', 'https://one:6443', { namespace: 'ai' }));
  const two = file('two', `${config('lab', 'https://two:6443')}`);
  const three = file('three', config('spare', 'https://three:6443'));
  const loaded = load({ env: { KUBECONFIG: `:${join(home, 'missing')}:${one}:${two}:${three}` } });
  expect(loaded).toMatchObject({
    status: 'usable',
    context: 'lab',
    namespace: 'ai',
    contexts: [
      { name: 'lab', server: 'https://one:6443', current: true },
      { name: 'spare', server: 'https://three:6443', current: false },
    ],
  });
});

test('--kubeconfig is read alone, and --context and --namespace go before what it says', () => {
  file('.kube/config', config('home', 'https://home:6443'));
  const path = file('other', withSecond(config('lab', 'https://a:6443'), 'spare', 'https://b:6443'));
  expect(load({ kubeconfig: path, context: 'spare', namespace: 'ai' })).toMatchObject({
    status: 'usable',
    context: 'spare',
    namespace: 'ai',
    cluster: { server: 'https://b:6443' },
  });
});

test('a --kubeconfig that is not there is an error, not an empty configuration', () => {
  file('.kube/config', config('home', 'https://home:6443'));
  expect(load({ kubeconfig: join(home, 'nope') })).toMatchObject({ status: 'unusable', why: `${join(home, 'nope')} does not exist` });
});

test('relative paths are relative to the file that has them', () => {
  mkdirSync(join(home, 'pki'));
  file('pki/ca.crt', 'x');
  file('pki/token', 't');
  const path = file('pki/config', config('lab', 'https://a:6443', {}, { 'certificate-authority': 'ca.crt' }, { tokenFile: 'token' }));
  expect(load({ kubeconfig: path })).toMatchObject({
    status: 'usable',
    cluster: { caFile: join(home, 'pki/ca.crt') },
    user: { tokenFile: join(home, 'pki/token') },
  });
});

test('with nothing anywhere it says where it looked', () => {
  expect(load()).toEqual({
    status: 'unconfigured',
    looked: [
      'KUBECONFIG: not set',
      `${join(home, '.kube/config')}: not there`,
      'service account of a pod: not running in one (KUBERNETES_SERVICE_HOST is not set)',
    ],
  });
  expect(load({ env: { KUBECONFIG: '/a/b:/c/d' } })).toMatchObject({
    looked: ['/a/b (from KUBECONFIG): not there', '/c/d (from KUBECONFIG): not there', expect.any(String)],
  });
});

test('an empty kubeconfig is as good as none', () => {
  file('.kube/config', '# nothing yet\n\n');
  expect(load()).toMatchObject({ status: 'unconfigured', looked: ['KUBECONFIG: not set', `${join(home, '.kube/config')}: nothing in it`, expect.any(String)] });
});

test("in a pod the service account is used, with the pod's namespace", () => {
  const directory = join(home, 'account');
  mkdirSync(directory);
  for (const [name, content] of [
    ['token', 't'],
    ['ca.crt', 'x'],
    ['namespace', 'monitoring\n'],
  ] as const)
    writeFileSync(join(directory, name), content);
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  const found = readKubeconfigFiles({ env, homeDir: home, serviceAccountDir: directory });
  expect(found.status === 'found' && [...found.entries.clusters.values()][0]).toMatchObject({
    server: 'https://[fd00::1]:443',
    caFile: join(directory, 'ca.crt'),
  });
  expect(found.status === 'found' && [...found.entries.contexts.values()][0]).toMatchObject({ namespace: 'monitoring' });
});

test('a missing context lists the ones there are, and the one that was meant', () => {
  file('.kube/config', withSecond(config('lab', 'https://a:6443'), 'production', 'https://b:6443'));
  expect(load({ context: 'prodution' })).toMatchObject({
    status: 'unusable',
    why: 'no context "prodution" in the kubeconfig; there are lab, production',
    fix: 'did you mean --context production?',
    contexts: [{ name: 'lab' }, { name: 'production' }],
  });
  expect(load({ context: 'zzz' })).toMatchObject({ fix: null });
});

test('a kubeconfig without a current context says which there are', () => {
  file('.kube/config', config('lab', 'https://a:6443').replace(/current-context: .*/, ''));
  expect(load()).toMatchObject({
    status: 'unusable',
    why: 'the kubeconfig has no current context; there are lab',
    fix: expect.stringContaining('use-context lab'),
  });
});

test('a context whose cluster or user is missing says which', () => {
  file('.kube/config', config('lab', 'https://a:6443').replace('cluster: lab-cluster', 'cluster: gone'));
  expect(load()).toMatchObject({ why: 'context "lab" uses cluster "gone", which the kubeconfig does not have; its clusters are lab-cluster' });
  file('.kube/config', config('lab', 'https://a:6443').replace('user: lab-user', 'user: gone'));
  expect(load()).toMatchObject({ why: 'context "lab" uses user "gone", which the kubeconfig does not have; its users are lab-user' });
});

test('broken YAML is told with file and line, without what the line says', () => {
  const path = file('.kube/config', 'clusters:\n- name: a\n  token: "hunter2\n   : [x\n');
  const loaded = load();
  expect(loaded).toMatchObject({ status: 'unusable', why: expect.stringMatching(new RegExp(`^${path}, line \\d+: not valid YAML: `)) });
  expect(JSON.stringify(loaded)).not.toContain('hunter2');
});

test('something that is no kubeconfig says so', () => {
  const path = file('.kube/config', 'hello: world\n');
  expect(load()).toMatchObject({ status: 'unusable', why: `${path} is not a kubeconfig: it has neither clusters nor contexts` });
});

test('a missing certificate file is told with what it is for', () => {
  file('.kube/config', config('lab', 'https://a:6443', {}, {}, { 'client-certificate': 'admin.crt', 'client-key': 'admin.key' }));
  expect(load()).toMatchObject({ why: `the client certificate of user "lab-user": ${join(home, '.kube/admin.crt')} does not exist` });
});

test('certificate data that is none is told before any connection', () => {
  file('.kube/config', config('lab', 'https://a:6443', {}, { 'certificate-authority-data': 'bm8=' }));
  expect(load()).toMatchObject({ why: 'certificate-authority-data of cluster "lab-cluster" is not a certificate in base64' });
});

test('a server that is no URL is told', () => {
  file('.kube/config', config('lab', '10.0.0.10:6443'));
  expect(load()).toMatchObject({ why: 'the server of cluster "lab-cluster" is not an http or https URL: 10.0.0.10:6443' });
});

test('the classic after a reboot: a kubeconfig that belongs to root says so, and how to take it', () => {
  expect(unreadableFile('/home/ops/.kube/config', denied(), who({ '/home/ops/.kube/config': { uid: 0, mode: 0o100600 } }))).toEqual({
    why: 'permission denied: /home/ops/.kube/config belongs to root, mode 600',
    fix: 'sudo chown ops:staff /home/ops/.kube/config',
  });
});

test('a directory that shuts the kubeconfig away is named', () => {
  expect(unreadableFile('/home/ops/.kube/config', denied(), who({ '/home/ops/.kube': { uid: 0, mode: 0o40700 } }))).toEqual({
    why: 'permission denied: /home/ops/.kube/config cannot be reached: /home/ops/.kube belongs to root, mode 700',
    fix: 'sudo chown -R ops:staff /home/ops/.kube',
  });
});

test("kubeadm's own file is copied, not taken away from root", () => {
  expect(unreadableFile('/etc/kubernetes/admin.conf', denied(), who({ '/etc/kubernetes/admin.conf': { uid: 0, mode: 0o100600 } })).fix).toBe(
    'mkdir -p ~/.kube && sudo cp /etc/kubernetes/admin.conf ~/.kube/config && sudo chown ops:staff ~/.kube/config',
  );
});

function load(options: Partial<Parameters<typeof loadKubeconfig>[0]> = {}): ReturnType<typeof loadKubeconfig> {
  return loadKubeconfig({ env: {}, homeDir: home, ...options });
}

function file(name: string, content: string): string {
  writeFileSync(join(home, name), content);
  return join(home, name);
}

function config(name: string, server: string, context: object = {}, cluster: object = {}, user: object = {}): string {
  return `apiVersion: v1
kind: Config
current-context: ${name}
clusters:
- name: ${name}-cluster
  cluster: ${JSON.stringify({ server, ...cluster })}
users:
- name: ${name}-user
  user: ${JSON.stringify(user)}
contexts:
- name: ${name}
  context:
    cluster: ${name}-cluster
    user: ${name}-user
${Object.entries(context)
  .map(([key, value]) => `    ${key}: ${value}\n`)
  .join('')}`;
}

/** A second context, with a cluster of its own and the user of the first. */
function withSecond(first: string, name: string, server: string): string {
  return first
    .replace('users:', `- name: ${name}-cluster\n  cluster: ${JSON.stringify({ server })}\nusers:`)
    .replace(/$/, `- name: ${name}\n  context:\n    cluster: ${name}-cluster\n    user: lab-user\n`);
}

function denied(): Error {
  return Object.assign(new Error("EACCES: permission denied, open '/x'"), { code: 'EACCES' });
}

/** A machine where user ops (1000) of group staff (50) looks at these files; others cannot even be looked at. */
function who(files: Readonly<Record<string, { uid: number; mode: number }>>): Parameters<typeof unreadableFile>[2] {
  return {
    uid: 1000,
    gid: 50,
    stat(path) {
      const stat = files[path];
      if (stat === undefined) throw denied();
      return stat;
    },
    table: (name) => (name === 'passwd' ? 'root:x:0:0::/root:/bin/sh\nops:x:1000:50::/home/ops:/bin/sh\n' : 'root:x:0:\nstaff:x:50:\n'),
  };
}
