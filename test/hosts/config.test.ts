import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HostSettings } from '../../src/hosts/host-settings.js';
import { loadSshConfig } from '../../src/hosts/ssh-config.js';
import { type SshTarget, sshTarget } from '../../src/hosts/ssh-target.js';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ssh-config-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const write = (name: string, ...lines: readonly string[]) => {
  mkdirSync(dirname(join(home, name)), { recursive: true });
  writeFileSync(join(home, name), `${lines.join('\n')}\n`);
};
const load = () => loadSshConfig(home, join(home, 'ssh_config'));
const target = (name: string, address = '10.0.0.12', settings: HostSettings = {}): SshTarget => sshTarget(name, address, settings, load());

test('without any configuration it is this user, port 22, the usual keys, and known_hosts of user and system', () => {
  expect(target('gpu-1')).toMatchObject({
    name: 'gpu-1',
    address: '10.0.0.12',
    user: userInfo().username,
    port: 22,
    identityFiles: ['id_rsa', 'id_ecdsa', 'id_ed25519', 'id_dsa'].map((key) => join(home, '.ssh', key)),
    identityFilesChosen: false,
    jump: null,
    knownHostsFiles: [join(home, '.ssh/known_hosts'), join(home, '.ssh/known_hosts2'), '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    hostKeyAlias: null,
  });
  expect(load().notes).toEqual([]);
});

test('the first value wins, keys add up, and the system file comes last', () => {
  write(
    '.ssh/config',
    'Host gpu-1',
    '  User ops',
    '  IdentityFile ~/.ssh/lab',
    'Host gpu-*',
    '  User other',
    '  Port 2222',
    '  IdentityFile %d/keys/%h-%r',
    'Host *',
    '  IdentitiesOnly yes',
  );
  write('ssh_config', 'Port 99', 'ConnectTimeout 3');
  expect(target('gpu-1')).toMatchObject({
    user: 'ops',
    port: 2222,
    identityFiles: [join(home, '.ssh/lab'), join(home, 'keys/10.0.0.12-ops')],
    identitiesOnly: true,
    connectTimeoutMs: 3000,
  });
});

test('HostName and its %h replace the address, a Host line may name the address instead, and an address in the settings beats all', () => {
  write('.ssh/config', 'Host gpu-1', 'HostName %h.lab.example', 'Host 10.0.0.*', 'User by-address');
  expect(target('gpu-1')).toMatchObject({ address: 'gpu-1.lab.example', user: 'by-address' });
  expect(target('gpu-2')).toMatchObject({ address: '10.0.0.12', user: 'by-address' });
  expect(target('gpu-1', '10.0.0.12', { each: { 'gpu-1': { address: '192.168.1.9' } } }).address).toBe('192.168.1.9');
});

test('wildcards and negations of Host lines apply as in OpenSSH', () => {
  write('.ssh/config', 'Host gpu-? !gpu-9', 'User one', 'Host !gpu-9', 'User never', 'Host gpu-*', 'User many');
  expect(target('gpu-1').user).toBe('one');
  expect(target('gpu-9').user).toBe('many');
  expect(target('gpu-10').user).toBe('many');
  expect(target('web').user).toBe(userInfo().username);
});

test('quotes, equals signs, any case and comments are understood', () => {
  write('.ssh/config', '# lab', 'HOST = "gpu-1"', '\tuser="o ps" # the operator', 'pOrT=2200', 'UserKnownHostsFile "~/.ssh/known lab" none /etc/lab_hosts');
  expect(target('gpu-1')).toMatchObject({ user: 'o ps', port: 2200 });
  expect(target('gpu-1').knownHostsFiles.slice(0, 2)).toEqual([join(home, '.ssh/known lab'), '/etc/lab_hosts']);
});

test('included files count where they are included, under the Host line around them', () => {
  write('.ssh/config', 'Include config.d/*.conf', 'Host lab-*', 'Include lab', 'Host *', 'User last');
  write('.ssh/config.d/10.conf', 'Host gpu-1', 'User first');
  write('.ssh/config.d/20.conf', 'Host *', 'Port 2020');
  write('.ssh/lab', 'Port 3030', 'Host *-b', 'User lab-b');
  expect(target('gpu-1')).toMatchObject({ user: 'first', port: 2020 });
  expect(target('gpu-2')).toMatchObject({ user: 'last' });
  expect(target('lab-b')).toMatchObject({ user: 'lab-b', port: 2020 });
  expect(target('gpu-b')).toMatchObject({ user: 'last' });
});

test('files that include themselves end with a note', () => {
  write('.ssh/config', 'Include config', 'User ops');
  expect(target('gpu-1').user).toBe('ops');
  expect(load().notes).toEqual([expect.stringContaining('include each other more than 16 deep')]);
});

test('files that include all of their folder more than once are not read for ever', () => {
  write('.ssh/config', 'Include *', 'Include *', 'User ops');
  write('.ssh/other', 'Include *', 'Include *');
  expect(load().notes).toContainEqual(expect.stringMatching(/more than 256 files are included/));
});

test('notes have no escape sequences of what they name', () => {
  write('.ssh/config', 'Include \x1b]0;title\x07nowhere');
  expect(load().notes).toEqual([expect.stringMatching(/^[^\x1b\x07]*nowhere cannot be read/)]);
});

test('a Match block is not applied, and said once', () => {
  write('.ssh/config', 'User ops', 'Match host gpu-1', 'Port 2222', 'Match all', 'Port 3333', 'Host gpu-1', 'Port 4444');
  expect(target('gpu-1').port).toBe(4444);
  expect(load().notes).toEqual([`${join(home, '.ssh/config')} line 2: Match blocks are not applied`]);
});

test('what cannot be used is left out and named with file and line', () => {
  write(
    '.ssh/config',
    'Port abc',
    'Port 70000',
    'User "ops',
    'IdentityFile',
    'Frobnicate yes',
    'ProxyCommand nc %h %p',
    'StrictHostKeyChecking no',
    'Include /nowhere/config',
  );
  expect(target('gpu-1')).toMatchObject({ port: 22, user: userInfo().username, strictHostKeys: false });
  const file = join(home, '.ssh/config');
  expect(load().notes).toEqual([
    `${file} line 1: port cannot be "abc"; the line is left out`,
    `${file} line 2: port cannot be "70000"; the line is left out`,
    `${file} line 3: a quote is not closed; the line is left out`,
    `${file} line 4: identityfile has no value; the line is left out`,
    `${file} line 6: ProxyCommand is not followed; ProxyJump is`,
    `${file} line 7: StrictHostKeyChecking no is not followed: unknown host keys are asked about, changed ones refused`,
    expect.stringContaining('/nowhere/config cannot be read'),
  ]);
});

test('a chain of jump hosts is worked out from the last to the first, each with its own configuration', () => {
  write('.ssh/config', 'Host bastion', 'HostName bastion.example', 'User jumper', 'IdentityFile ~/.ssh/jump', 'Host gpu-*', 'ProxyJump edge:2201,ops@bastion');
  const { jump } = target('gpu-1');
  expect(jump).toMatchObject({ name: 'bastion', address: 'bastion.example', user: 'ops', port: 22, identityFiles: [join(home, '.ssh/jump')] });
  expect(jump?.jump).toMatchObject({ name: 'edge', address: 'edge', port: 2201, jump: null });
});

test('a key and a jump host of the settings go together', () => {
  write('.ssh/config', '');
  expect(target('gpu-1', '10.0.0.12', { jump: 'bastion', key: '~/.ssh/lab' }).jump).toMatchObject({ name: 'bastion', identityFiles: [join(home, '.ssh/lab')] });
});

test('a jump host is reached as its own configuration says, and never through itself', () => {
  write('.ssh/config', 'Host *', 'ProxyJump bastion');
  expect(target('gpu-1').jump).toMatchObject({ name: 'bastion', jump: null });
  write('.ssh/config', 'Host inner', 'ProxyJump outer', 'Host outer', 'ProxyJump inner', 'Host gpu-1', 'ProxyJump inner');
  expect(target('gpu-1').jump?.jump?.name).toBe('outer');
  expect(target('gpu-1').jump?.jump?.jump).toBeNull();
});

test.each([
  ['ssh://ops@bastion:2200', { user: 'ops', address: 'bastion', port: 2200 }],
  ['[fd00::5]:2200', { address: 'fd00::5', port: 2200 }],
  ['fd00::5', { address: 'fd00::5', port: 22 }],
  ['ops@10.0.0.5', { user: 'ops', address: '10.0.0.5', port: 22 }],
])('the settings name a jump host as %s', (jump, expected) => {
  expect(target('gpu-1', '10.0.0.12', { jump }).jump).toMatchObject(expected);
});

test('settings of the machine beat those of the context, which beat ssh_config; none takes a jump host away', () => {
  write('.ssh/config', 'User file', 'Port 1111', 'ProxyJump bastion');
  const settings: HostSettings = { user: 'context', key: '~/lab-key', each: { 'gpu-1': { user: 'machine', jump: 'none', sudo: false } } };
  expect(target('gpu-1', '10.0.0.12', settings)).toMatchObject({
    user: 'machine',
    port: 1111,
    jump: null,
    sudo: false,
    identityFiles: [join(home, 'lab-key')],
    identityFilesChosen: true,
  });
  expect(target('gpu-2', '10.0.0.12', settings)).toMatchObject({ user: 'context', jump: { name: 'bastion', user: 'file' }, sudo: true });
});

test('root needs no sudo unless the settings say so', () => {
  expect(target('gpu-1', '10.0.0.12', { user: 'root' }).sudo).toBe(false);
  expect(target('gpu-1', '10.0.0.12', { user: 'ops' }).sudo).toBe(true);
});
