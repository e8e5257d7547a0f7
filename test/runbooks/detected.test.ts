import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { detectedValues, detectScript, type HostTold, parseHostTold } from '../../src/runbooks/detected.js';
import type { SetupHost } from '../../src/state/setup.js';
import { catalogueOf, playbook, realVariables } from './runbook-folder.js';

const hosts: readonly SetupHost[] = [
  { name: 'cp-1', address: '192.168.1.11', roles: ['control-plane'] },
  { name: 'gpu-1', address: '192.168.1.21', roles: ['gpu'] },
  { name: 'gpu-2', address: '192.168.1.22', roles: ['gpu'] },
];
const { shared } = catalogueOf({ 'runbooks/variables.yaml': realVariables, 'runbooks/one.yaml': playbook('one', { one: '' }) });

const said = 'address 192.168.1.21/24\nuser ops\ngpus 4\nruntime containerd\nos ubuntu 24.04\nmemory 135000000000\n';
const host = (more: Partial<HostTold> = {}): HostTold => ({ ...parseHostTold(said), ...more });
const all = (...told: readonly HostTold[]) =>
  detectedValues(new Map(hosts.flatMap(({ name }, at) => (told[at] === undefined ? [] : [[name, told[at]] as const]))), hosts, shared);

describe('what a host says of itself', () => {
  it('is read line by line', () => {
    expect(parseHostTold(said)).toEqual({
      nodeCidr: '192.168.1.0/24',
      user: 'ops',
      gpus: 4,
      runtimes: ['containerd'],
      os: 'ubuntu 24.04',
      memoryBytes: 135_000_000_000,
    });
  });

  it('is unknown where it says nothing, or nonsense', () => {
    const nothing = { nodeCidr: null, user: null, gpus: null, runtimes: [], os: null, memoryBytes: null };
    expect(parseHostTold('')).toEqual(nothing);
    expect(parseHostTold('Last login: today\naddress lab/24\ngpus many\nmemory -1\nbash: ip: command not found\n')).toEqual(nothing);
    expect(parseHostTold('user \u001b[2Jops\n').user).toBe('ops');
  });

  it('is asked for with a script that shellcheck has nothing against', () => {
    const { stdout, error } = spawnSync('shellcheck', ['--shell=bash', '--severity=style', '--exclude=SC1091,SC2154', '-'], {
      input: detectScript,
      encoding: 'utf8',
    });
    // Not everybody has it; where the tests run by themselves, it is there.
    if (error === undefined) expect(stdout).toBe('');
  });

  it('is what this machine says', () => {
    const { status, stdout, stderr } = spawnSync('bash', ['-s'], { input: detectScript, encoding: 'utf8', env: { PATH: process.env['PATH'] } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(parseHostTold(stdout)).toMatchObject({ user: userInfo().username, os: expect.stringMatching(/^[a-z]+ ?[\d.]*$/), memoryBytes: expect.any(Number) });
  });
});

describe('values that the hosts tell', () => {
  it('are those on which they agree', () => {
    expect(all(host({ gpus: 0 }), host(), host())).toEqual({
      NODE_CIDR: '192.168.1.0/24',
      API_ENDPOINT: '192.168.1.11',
      ADMIN_USER: 'ops',
      EXPECTED_GPUS: '4',
    });
  });

  it('are none where they differ, or one of them says nothing', () => {
    expect(all(host(), host({ gpus: 4 }), host({ gpus: 8 }))).not.toHaveProperty('EXPECTED_GPUS');
    expect(all(host(), host(), host({ gpus: null }))).not.toHaveProperty('EXPECTED_GPUS');
    expect(all(host(), host({ nodeCidr: '10.0.0.0/8' }), host())).not.toHaveProperty('NODE_CIDR');
    expect(all(host({ user: 'alice' }), host(), host())).toHaveProperty('ADMIN_USER', 'alice');
  });

  it('are none where a host is outside of the network that all of them name', () => {
    expect(all(host({ nodeCidr: '10.0.0.0/24' }), host({ nodeCidr: '10.0.0.0/24' }), host({ nodeCidr: '10.0.0.0/24' }))).not.toHaveProperty('NODE_CIDR');
  });

  it('are none that could not be used', () => {
    expect(all(host({ user: '-rf' }))).not.toHaveProperty('ADMIN_USER');
  });
});
