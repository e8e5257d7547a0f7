import { describe, expect, it } from 'vitest';
import { settingFields, withSetting } from '../../src/config/setting-fields.js';
import { parseSettings } from '../../src/config/settings.js';

describe('the settings of a context, as fields', () => {
  const stored = {
    readOnly: false,
    contexts: { lab: { prometheus: 'http://prometheus:9090', hosts: { user: 'ops', each: { 'gpu-1.lab': { port: 2222 } } } } },
  };

  it('show what is set, and what holds where nothing is', () => {
    const settings = parseSettings(stored).settings?.contexts.get('lab');
    if (settings === undefined) throw new Error('not valid');
    const fields = settingFields(settings, ['gpu-1.lab', 'gpu-2']);
    const value = (path: string) => fields.find((field) => field.path === path)?.value;
    expect(value('prometheus')).toBe('http://prometheus:9090');
    expect(value('hosts.user')).toBe('ops');
    expect(value('hosts.each.gpu-1.lab.port')).toBe('2222');
    expect(value('hosts.each.gpu-2.user')).toBe('');
    expect(fields.find(({ path }) => path === 'expect.gpus.gpu-2')).toMatchObject({ group: 'Expected GPUs', label: 'gpu-2', value: '' });
    expect(new Set(fields.map(({ path }) => path)).size).toBe(fields.length);
  });

  it.each([
    ['hosts.user', 'root', { hosts: { user: 'root', each: { 'gpu-1.lab': { port: 2222 } } } }],
    ['hosts.each.gpu-1.lab.port', '22', { hosts: { user: 'ops', each: { 'gpu-1.lab': { port: 22 } } } }],
    ['hosts.each.gpu-1.lab.port', '', { hosts: { user: 'ops' } }],
    ['hosts.each', 'lb = 10.0.0.5', { hosts: { user: 'ops', each: { 'gpu-1.lab': { port: 2222 }, lb: { address: '10.0.0.5' } } } }],
    ['hosts.sudo', 'false', { hosts: { user: 'ops', sudo: false, each: { 'gpu-1.lab': { port: 2222 } } } }],
    ['expect.gpus.gpu-1.lab', '8', { expect: { gpus: { 'gpu-1.lab': 8 } }, hosts: stored.contexts.lab.hosts }],
    ['expect.nodes', 'gpu-1, gpu-2', { expect: { nodes: ['gpu-1', 'gpu-2'] }, hosts: stored.contexts.lab.hosts }],
    ['expect.hosts', 'gpu-1, lb', { expect: { hosts: ['gpu-1', 'lb'] }, hosts: stored.contexts.lab.hosts }],
    ['expect.namespaces', 'ai', { expect: { namespaces: ['ai'] }, hosts: stored.contexts.lab.hosts }],
    ['expect.targets', 'dcgm-exporter/*,node-exporter', { expect: { targets: ['dcgm-exporter/*', 'node-exporter'] }, hosts: stored.contexts.lab.hosts }],
    ['expect.thresholds.clockSkewSeconds', '0.5', { expect: { thresholds: { clockSkewSeconds: 0.5 } }, hosts: stored.contexts.lab.hosts }],
    ['expect.severity', 'swap-zero = warning', { expect: { severity: { 'swap-zero': 'warning' } }, hosts: stored.contexts.lab.hosts }],
    ['expect.severity.host-*', 'off', { expect: { severity: { 'host-*': 'off' } }, hosts: stored.contexts.lab.hosts }],
    ['expect.prometheus', 'true', { expect: { prometheus: true }, hosts: stored.contexts.lab.hosts }],
  ])('keep %s = %j where config.json has it', (path, typed, lab) => {
    const changed = withSetting(stored, 'lab', path, typed);
    expect(changed).toEqual({ readOnly: false, contexts: { lab: { prometheus: 'http://prometheus:9090', ...lab } } });
    expect(parseSettings(changed).problem).toBeNull();
  });

  it('leave nothing empty behind when the last field is unset', () => {
    expect(withSetting({ contexts: { lab: { prometheus: 'http://x' } } }, 'lab', 'prometheus', '')).toEqual({});
  });

  it.each([
    ['hosts.port', 'many', 'contexts.lab.hosts: port is not a number from 1 to 65535'],
    ['expect.gpus.gpu-1', '-1', 'contexts.lab.expect: gpus is not an object of node names and whole numbers'],
    ['prometheus', 'prometheus.lab', 'contexts.lab.prometheus is not an http or https URL, or namespace/service:port'],
    ['hosts.sudo', 'maybe', 'contexts.lab.hosts: sudo is not true or false'],
    ['expect.severity.swap-zero', 'grave', 'contexts.lab.expect: severity is not an object of check ids and one of critical, warning, info, off'],
    ['expect.thresholds.certsWarnDays', 'soon', 'contexts.lab.expect: thresholds certsWarnDays is not a number from 0 to 3650'],
    ['expect.thresholds.certsWarnDays', '5', 'contexts.lab.expect: thresholds certsCriticalDays is more than certsWarnDays'],
  ])('refuse %s = %j with a sentence', (path, typed, problem) => {
    expect(parseSettings(withSetting({}, 'lab', path, typed)).problem).toBe(problem);
  });

  it('show each severity that is set, and the usual value of each threshold', () => {
    const settings = parseSettings({
      contexts: { lab: { expect: { severity: { evicted: 'info' }, thresholds: { certsWarnDays: 14 } } } },
    }).settings?.contexts.get('lab');
    if (settings === undefined) throw new Error('not valid');
    const fields = settingFields(settings, []);
    expect(fields.find(({ path }) => path === 'expect.severity.evicted')).toMatchObject({ group: 'Severity', label: 'evicted', value: 'info' });
    expect(fields.find(({ path }) => path === 'expect.thresholds.certsWarnDays')).toMatchObject({ value: '14', otherwise: '30' });
    expect(withSetting({}, 'lab', 'expect.severity', 'evicted')).toMatch(/CHECK=SEVERITY/);
  });

  it('want a name and an address for another machine', () => {
    expect(withSetting({}, 'lab', 'hosts.each', 'lb')).toMatch(/NAME=ADDRESS/);
  });
});
