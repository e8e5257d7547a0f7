import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../src/config/settings.js';
import { openSettings } from '../../src/config/settings-file.js';
import { parseSetups, type SetupSettings } from '../../src/config/setup-settings.js';

const lab: SetupSettings = {
  profile: 'ha-haproxy-calico',
  playbooks: [],
  hosts: [
    { name: 'lb-1', address: '10.0.0.2', roles: ['load-balancer'] },
    { name: 'cp-1', address: 'cp-1.lab', roles: ['control-plane'] },
    { name: 'gpu-1', address: 'fd00::11', roles: ['gpu'] },
  ],
  values: { POD_CIDR: '10.244.0.0/16', K8S_MINOR: '1.30' },
  seat: 'first-control-plane',
};

const withHost = (host: unknown) => ({ lab: { hosts: [host] } });

describe('what was chosen to be set up', () => {
  it('is read back as it was kept', () => {
    expect(parseSetups({ lab })).toEqual(new Map([['lab', lab]]));
    expect(parseSettings({ setup: { lab } }).settings?.setups.get('lab')).toEqual(lab);
  });

  it('needs hosts alone, typed by hand', () => {
    expect(parseSetups(withHost({ name: 'box', address: '10.0.0.9' }))).toEqual(
      new Map([['lab', { profile: null, playbooks: [], hosts: [{ name: 'box', address: '10.0.0.9', roles: [] }], values: {}, seat: 'first-control-plane' }]]),
    );
  });

  it.each([
    [[], 'is not an object of cluster names'],
    [{ lab: 'ha' }, 'lab is not an object'],
    [{ lab: { profil: 'ha' } }, 'lab has an unknown key "profil" (known: profile, playbooks, hosts, values, seat)'],
    [{ lab: { profile: 'HA with HAProxy' } }, 'lab has a profile that is none: give its id, such as ha-haproxy-calico'],
    [{ lab: { playbooks: 'swap' } }, 'lab has playbooks that are no list of ids, such as ["host-prep"]'],
    [{ lab: { seat: 'there' } }, 'lab has a seat that is neither "here" nor "first-control-plane"'],
    [{ lab: { hosts: { cp: '10.0.0.1' } } }, 'lab has hosts that are no list'],
    [withHost('cp-1'), 'lab has hosts of which number 1 is not an object'],
    [withHost({ name: 'cp-1', address: '10.0.0.1', role: 'gpu' }), 'lab has hosts of which number 1 has an unknown key "role" (known: name, address, roles)'],
    [
      withHost({ name: 'CP_1', address: '10.0.0.1' }),
      'lab has hosts of which number 1 has no name in lower-case letters, digits, hyphens and dots, such as gpu-1',
    ],
    [withHost({ name: 'cluster', address: '10.0.0.1' }), 'lab has hosts of which number 1 has the name cluster, which stands for the cluster itself'],
    [withHost({ name: 'cp-1', address: '-oProxyCommand=x' }), 'lab has hosts of which number 1 (cp-1) has no address: an IP address or a host name'],
    [
      withHost({ name: 'cp-1', address: '10.0.0.1', roles: ['master'] }),
      'lab has hosts of which number 1 (cp-1) has roles that are no list of control-plane, gpu, worker, load-balancer, nfs-server, build',
    ],
    [{ lab: { hosts: [lab.hosts[0], lab.hosts[0]] } }, 'lab has the host lb-1 twice'],
    [{ lab: { values: ['POD_CIDR'] } }, 'lab has values that are no object'],
    [{ lab: { values: { podCidr: 'x' } } }, 'lab has a value for "podCidr", which is no variable: they are in upper case, such as POD_CIDR'],
    [{ lab: { values: { K8S_MINOR: 1.3 } } }, 'lab has a value for K8S_MINOR that is no text: put it in quotes'],
  ])('%j is none', (given, problem) => expect(parseSetups(given)).toBe(problem));

  it('names the setting that is wrong in the file', () =>
    expect(parseSettings({ setup: { lab: { hosts: 3 } } }).problem).toBe('setup: lab has hosts that are no list'));

  it('is kept by the name of the cluster, beside all other settings', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-settings-'));
    try {
      const settings = openSettings({ XDG_CONFIG_HOME: folder });
      writeFileSync(settings.file, JSON.stringify({ contexts: { lab: { prometheus: 'http://10.0.0.5:9090' } }, setup: { 'old.lab': lab } }));
      expect(settings.setup('lab')).toBeNull();
      expect(settings.keepSetup('lab', lab)).toBeNull();
      expect(settings.setup('lab')).toEqual(lab);
      const again = openSettings({ XDG_CONFIG_HOME: folder });
      expect(again.setup('old.lab')).toEqual(lab);
      expect(again.setup('lab')).toEqual(lab);
      expect(again.context('lab').prometheusUrl).toBe('http://10.0.0.5:9090');
      const kept = readFileSync(settings.file, 'utf8');
      expect(settings.keepSetup('lab', { ...lab, profile: 'No Profile' })).toBe(
        'setup: lab has a profile that is none: give its id, such as ha-haproxy-calico',
      );
      expect(readFileSync(settings.file, 'utf8')).toBe(kept);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
