import { describe, expect, it } from 'vitest';
import type { VariableSpec } from '../../src/runbooks/playbook.js';
import { valueProblem } from '../../src/runbooks/value-types.js';
import type { VariableType } from '../../src/state/setup.js';

const spec = (type: VariableType, more: Partial<VariableSpec> = {}): VariableSpec => ({
  title: 'It',
  help: 'What it is.',
  type,
  choices: [],
  default: null,
  pattern: null,
  secret: false,
  detect: null,
  ...more,
});

const hostile = `'; rm -rf / #`;

describe('a value', () => {
  it.each<readonly [VariableType, readonly string[]]>([
    ['cidr', ['10.244.0.0/16', '0.0.0.0/0', '192.168.1.7/32', 'fd00:10:244::/56', '2001:db8::/32', '::/0']],
    ['address', ['192.168.1.10', 'fd00::1', '::ffff:10.0.0.1']],
    ['hostname', ['k8s-api.lab.example', 'cp-1', '10.0.0.5', '1password.example']],
    ['name', ['ai', 'gpu-1', '0-day', 'a'.repeat(63)]],
    ['user', ['ops', '_apt', 'Alice.B', 'svc-k8s']],
    ['port', ['1', '6443', '65535']],
    ['number', ['0', '48', '900719925474099']],
    ['flag', ['yes', 'no']],
    ['version', ['1.36', 'v3.32.2', '1.20.0-1', '4.5.3-4.8.2-distroless', '580', '26.7.0+build.1']],
    ['path', ['/', '/srv/nfs/kubernetes', '/mnt/disk-1/a_b.c']],
    ['quantity', ['50Gi', '500m', '8', '0.5', '1e3']],
    ['url', ['https://registry.example/path', 'http://10.0.0.5:9000', 'https://[fd00::1]:8443/x?y=z']],
    [
      'image',
      [
        'busybox',
        'registry.example/team/model:1.4',
        'localhost:5000/a/b@sha256:'.concat('0'.repeat(64)),
        'nvcr.io/nvidia/k8s/cuda-sample:vectoradd-cuda12.5.0-ubuntu22.04',
      ],
    ],
    ['text', ['', 'any thing: "at" all', hostile, '$(reboot)', `\${HOME}`, 'größer 中']],
  ])('of the type %s can be that', (type, values) => {
    expect(values.map((value) => valueProblem(spec(type), value))).toEqual(values.map(() => null));
  });

  it.each<readonly [VariableType, string, string]>([
    ['cidr', '10.244.1.0/16', '"10.244.1.0/16" is an address inside a network: the network itself is 10.244.0.0/16.'],
    ['cidr', 'fd00:10:244:0:1::/56', '"fd00:10:244:0:1::/56" is an address inside a network: the network itself is fd00:10:244::/56.'],
    ['cidr', '10.244.0.0', '"10.244.0.0" is no network: give an address and the length of its prefix, such as 10.244.0.0/16.'],
    ['cidr', '10.244.0.0/33', '"10.244.0.0/33" is no network: give an address and the length of its prefix, such as 10.244.0.0/16.'],
    ['cidr', '10.244.0/16', '"10.244.0/16" is no network: give an address and the length of its prefix, such as 10.244.0.0/16.'],
    ['cidr', '10.0.0.0/08', '"10.0.0.0/08" is no network: give an address and the length of its prefix, such as 10.244.0.0/16.'],
    ['address', '10.0.0.256', '"10.0.0.256" is no IP address, such as 192.168.1.10.'],
    ['address', 'fe80::1%eth0', '"fe80::1%eth0" is no IP address, such as 192.168.1.10.'],
    ['hostname', '10.0.0.256', '"10.0.0.256" is no IP address: it has four numbers from 0 to 255.'],
    ['hostname', 'API.lab', '"API.lab" has capital letters: names of hosts are in lower case (api.lab).'],
    [
      'hostname',
      '-oProxyCommand=x',
      '"-oProxyCommand=x" is no host name: lower-case letters, digits and hyphens, with dots between, such as k8s-api.lab.example.',
    ],
    [
      'name',
      'a'.repeat(64),
      `"${'a'.repeat(60)}…" is no name of a Kubernetes object: up to 63 lower-case letters, digits and hyphens, first and last no hyphen.`,
    ],
    ['name', 'ai.lab', '"ai.lab" is no name of a Kubernetes object: up to 63 lower-case letters, digits and hyphens, first and last no hyphen.'],
    ['user', '-rf', '"-rf" is no Linux user: up to 32 letters, digits, hyphens, dots and underscores, first a letter.'],
    ['port', '0', '"0" is no port: a number from 1 to 65535.'],
    ['port', '65536', '"65536" is no port: a number from 1 to 65535.'],
    ['port', '080', '"080" is no port: a number from 1 to 65535.'],
    ['number', '-1', '"-1" is no whole number, 0 or more.'],
    ['number', '1.5', '"1.5" is no whole number, 0 or more.'],
    ['number', '1e3', '"1e3" is no whole number, 0 or more.'],
    ['flag', 'true', '"true" is neither yes nor no.'],
    ['version', 'latest', '"latest" is no version, such as 1.36 or v3.32.2.'],
    ['path', 'srv', '"srv" is no absolute path: it begins with /.'],
    ['path', '/srv/../etc', '"/srv/../etc" goes up with "..": give the folder itself.'],
    ['path', '/my disk', '"/my disk" has a character that paths here cannot have: letters, digits and / . _ @ : + = , - only.'],
    ['quantity', '50GB', '"50GB" is no Kubernetes quantity, such as 50Gi, 500m or 8.'],
    ['quantity', '-1Gi', '"-1Gi" is no Kubernetes quantity, such as 50Gi, 500m or 8.'],
    ['url', 'ftp://x', '"ftp://x" is no address of the web: it begins with http:// or https://, such as https://registry.example/path.'],
    ['url', 'https://a b', '"https://a b" is no address of the web: it begins with http:// or https://, such as https://registry.example/path.'],
    ['url', 'https://me:pass@x/', 'This address has a user or a password in it: leave them out.'],
    ['image', 'Model:1', '"Model:1" is no image, such as registry.example/team/model:1.4.'],
    ['text', ' a', '" a" begins or ends with a blank.'],
  ])('of the type %s cannot be %s', (type, value, sentence) => {
    expect(valueProblem(spec(type), value)).toBe(sentence);
  });

  it('of a choice is one of its words', () => {
    const cni = spec('choice', { choices: ['calico', 'flannel'] });
    expect(valueProblem(cni, 'calico')).toBeNull();
    expect(valueProblem(cni, 'calcio')).toBe('"calcio" is none of calico, flannel: is "calico" meant?');
  });

  it('matches the whole of its pattern', () => {
    const minor = spec('version', { pattern: '1\\.[0-9]{2}|none' });
    expect(valueProblem(minor, '1.36')).toBeNull();
    expect(valueProblem(minor, '1.36.4')).toBe('"1.36.4" is not of the form that is asked for here: What it is.');
  });

  it('has to be given, unless it is a text that may be empty', () => {
    expect(valueProblem(spec('port'), '')).toBe('It has to be given.');
    expect(valueProblem(spec('text', { pattern: '[a-z]+' }), '')).toBe('It has to be given.');
    expect(valueProblem(spec('text', { pattern: '[a-z]*' }), '')).toBeNull();
  });

  it.each(['a\nb', 'a\r', '\u001b[2J', 'a\u0000', 'a\u202eb', 'a\u2028b', '\ud800'])('never has a line break or a control character: %j', (value) => {
    for (const type of ['text', 'path', 'name', 'url'] as const)
      expect(valueProblem(spec(type), value)).toContain('has a line break or a control character in it');
  });

  it('with a command in it is refused by every type but text', () => {
    const types = ['cidr', 'address', 'hostname', 'name', 'user', 'port', 'number', 'flag', 'version', 'path', 'quantity', 'url', 'image'] as const;
    for (const value of [hostile, '$(reboot)', '`reboot`', 'a; reboot', 'a && b', "it's"]) {
      expect(types.filter((type) => valueProblem(spec(type), value) === null)).toEqual([]);
    }
  });

  it('that is secret is in no sentence', () => {
    const problem = valueProblem(spec('text', { secret: true, pattern: '[0-9a-f]{64}' }), 'hunter2');
    expect(problem).not.toContain('hunter2');
    expect(problem).toBe('This is not of the form that is asked for here: What it is.');
  });
});
