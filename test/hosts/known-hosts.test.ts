import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { knownHostsName } from '../../src/hosts/known-hosts.js';
import { addKnownHost } from '../../src/hosts/known-hosts-add.js';
import { knownKeys } from '../../src/hosts/known-hosts-check.js';
import { loadSshConfig } from '../../src/hosts/ssh-config.js';
import { type SshTarget, sshTarget } from '../../src/hosts/ssh-target.js';

/** A public key in SSH's encoding, of the type and otherwise made up. */
const aKey = (type = 'ssh-ed25519', fill = 1): Buffer => {
  const field = (content: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, content]);
  };
  return Buffer.concat([field(Buffer.from(type)), field(Buffer.alloc(32, fill))]);
};
const line = (names: string, key: Buffer, marker = '') => `${marker}${names} ${key.toString('latin1', 4, 4 + key.readUInt32BE(0))} ${key.toString('base64')}`;

let home: string;
let file: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'known-hosts-'));
  file = join(home, 'known_hosts');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const judge = (lines: readonly string[], key: Buffer, changes: Partial<SshTarget> = {}) => {
  writeFileSync(file, `${lines.join('\n')}\n`);
  const target = { ...sshTarget('gpu-1', '10.0.0.12', {}, loadSshConfig(home, join(home, 'none'))), knownHostsFiles: [file], ...changes };
  const verdict = knownKeys(target).judge(key);
  return verdict.status === 'refused' ? verdict.error.message : verdict.status;
};

test('a key is known under the address, a list of names, wildcards without negations, or the name of the node', () => {
  const key = aKey();
  expect(judge([line('10.0.0.12', key)], key)).toBe('known');
  expect(judge([line('bastion,10.0.0.12', key)], key)).toBe('known');
  expect(judge([line('10.0.0.*', key)], key)).toBe('known');
  expect(judge([line('10.0.0.*,!10.0.0.12', key)], key)).toBe('unknown');
  expect(judge([line('gpu-1', key)], key)).toBe('known');
});

test('ports other than 22 and HostKeyAlias are looked up as OpenSSH does', () => {
  const key = aKey();
  expect(judge([line('10.0.0.12', key)], key, { port: 2222 })).toBe('unknown');
  expect(judge([line('[10.0.0.12]:2222', key)], key, { port: 2222 })).toBe('known');
  expect(judge([line('lab-key', key)], key, { port: 2222, hostKeyAlias: 'lab-key' })).toBe('known');
  expect(knownHostsName('FD00::5', 2222)).toBe('[fd00::5]:2222');
});

test('another key for the address is refused, another one for the mere name is not', () => {
  expect(judge([line('10.0.0.12', aKey('ssh-ed25519', 2))], aKey())).toContain(`${file}:1 has ED25519 SHA256:`);
  expect(judge([line('gpu-1', aKey('ssh-ed25519', 2))], aKey())).toBe('unknown');
});

test('a key of another type than the known one is refused: a server that still has the known key would have shown that', () => {
  expect(judge(['# lab', line('10.0.0.12', aKey('ssh-rsa', 2))], aKey())).toMatch(/changed: it shows ED25519 SHA256:\S+, .*known_hosts:2 has RSA SHA256:/);
});

test('one of several known keys is enough', () => {
  expect(judge([line('10.0.0.12', aKey('ssh-ed25519', 2)), line('10.0.0.12', aKey())], aKey())).toBe('known');
});

test('a revoked key is refused even where another line knows it', () => {
  expect(judge([line('10.0.0.12', aKey()), line('*', aKey(), '@revoked ')], aKey())).toContain(`which ${file}:2 has revoked`);
});

test('a certificate authority proves nothing here, and the question says so', () => {
  expect(judge([line('*', aKey('ssh-ed25519', 2), '@cert-authority ')], aKey())).toBe('unknown');
  expect(judge([line('*', aKey('ssh-ed25519', 2), '@cert-authority ')], aKey(), { strictHostKeys: true })).toContain(
    'trusts a certificate authority for it, which is not supported here',
  );
});

test('with StrictHostKeyChecking yes an unknown key is refused without a question', () => {
  expect(judge([], aKey(), { strictHostKeys: true })).toContain('and StrictHostKeyChecking is yes');
});

test('broken lines are passed over', () => {
  const broken = [
    '10.0.0.12',
    '10.0.0.12 ssh-ed25519',
    '10.0.0.12 ssh-ed25519 ???',
    `10.0.0.12 ssh-rsa ${aKey().toString('base64')}`,
    '|1|broken ssh-ed25519 AAAA',
    '\0\xff',
  ];
  expect(judge([...broken, line('10.0.0.12', aKey())], aKey())).toBe('known');
});

test('an accepted key is added once, on a line of its own, to a file that only its owner can read', () => {
  const fresh = join(home, '.ssh', 'known_hosts');
  addKnownHost(fresh, '10.0.0.12', aKey(), { hashed: false });
  addKnownHost(fresh, '10.0.0.12', aKey(), { hashed: false });
  expect(readFileSync(fresh, 'utf8')).toBe(`${line('10.0.0.12', aKey())}\n`);
  expect(statSync(fresh).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, '.ssh')).mode & 0o777).toBe(0o700);
  writeFileSync(file, line('other', aKey()));
  addKnownHost(file, '10.0.0.12', aKey(), { hashed: false });
  expect(readFileSync(file, 'utf8')).toBe(`${line('other', aKey())}\n${line('10.0.0.12', aKey())}\n`);
});

describe('hashed names', () => {
  test('are found again, also by ssh-keygen', () => {
    addKnownHost(file, '[10.0.0.12]:2222', aKey(), { hashed: true });
    expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|[A-Za-z0-9+/]{27}=\|[A-Za-z0-9+/]{27}= ssh-ed25519 /);
    expect(judge([readFileSync(file, 'utf8').trim()], aKey(), { port: 2222 })).toBe('known');
  });

  test.skipIf(!existsSync('/usr/bin/ssh-keygen'))('of ssh-keygen -H are found', () => {
    const key = execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, 'key')]) && readFileSync(join(home, 'key.pub'), 'utf8');
    writeFileSync(file, `10.0.0.12 ${key}`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const hashed = readFileSync(file, 'utf8').trim();
    expect(hashed).toMatch(/^\|1\|/);
    expect(judge([hashed], Buffer.from(key.split(' ')[1] ?? '', 'base64'))).toBe('known');
  });
});
