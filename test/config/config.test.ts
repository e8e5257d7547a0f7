import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/config/config.js';
import { parseSettings, type Settings } from '../../src/config/settings.js';

const noSettings: Settings = { readOnly: false, refreshSeconds: 15, contexts: new Map(), setups: new Map() };

describe('the configuration', () => {
  it('takes a flag before the environment, and the environment before the settings file', () => {
    const settings: Settings = { ...noSettings, readOnly: true, refreshSeconds: 30 };
    const env = { GPUK8S_TUI_CONTEXT: 'from-env', GPUK8S_TUI_PROMETHEUS: 'http://env:9090' };
    expect(resolveConfig({}, {}, settings)).toMatchObject({ context: null, prometheusUrl: null, readOnly: true, refreshSeconds: 30 });
    expect(resolveConfig({}, env, settings)).toMatchObject({ context: 'from-env', prometheusUrl: 'http://env:9090' });
    expect(resolveConfig({ context: 'from-flag', refresh: 5 }, env, settings)).toMatchObject({ context: 'from-flag', refreshSeconds: 5 });
  });

  it('counts an empty environment variable as not set, and 0 as off', () => {
    expect(resolveConfig({}, { GPUK8S_TUI_CONTEXT: '', GPUK8S_TUI_READ_ONLY: '0' }, noSettings)).toMatchObject({ context: null, readOnly: false });
  });

  it('opens the healthy demo cluster for --demo alone', () => {
    expect(resolveConfig({ demo: true }, {}, noSettings).demoScenario).toBe('healthy');
    expect(resolveConfig({ demo: 'gpu-lost' }, {}, noSettings).demoScenario).toBe('gpu-lost');
  });
});

describe('the settings file', () => {
  it('may be empty', () => {
    expect(parseSettings({})).toEqual({ settings: noSettings, problem: null });
  });

  it('says per context where Prometheus is and what to expect', () => {
    const parsed = parseSettings({ contexts: { lab: { prometheus: 'https://prometheus.lab/path', expect: { gpus: { 'gpu-1': 8 } } } } });
    expect(parsed.settings?.contexts.get('lab')).toMatchObject({ prometheusUrl: 'https://prometheus.lab/path', expectations: { gpus: { 'gpu-1': 8 } } });
  });

  it('says per context how its machines are reached', () => {
    const hosts = { user: 'ops', jump: 'bastion', each: { 'gpu-1': { port: 2222 }, lb: { address: '10.0.0.5', sudo: false } } };
    expect(parseSettings({ contexts: { lab: { hosts } } }).settings?.contexts.get('lab')?.hosts).toEqual(hosts);
  });

  it.each([
    [{ contexts: { lab: { hosts: { port: 0 } } } }, 'contexts.lab.hosts: port is not a number from 1 to 65535'],
    [
      { contexts: { lab: { hosts: { each: { lb: { usr: 'ops' } } } } } },
      'contexts.lab.hosts: each.lb: has an unknown key "usr" (known: address, user, port, key, jump, sudo)',
    ],
    [{ contexts: { lab: { hosts: { jump: '-oProxyCommand=x' } } } }, 'contexts.lab.hosts: jump is not a host to go through, as ssh -J takes it'],
    [[], 'the file is not an object'],
    [{ readonly: true }, 'the file has an unknown key "readonly" (known: readOnly, refreshSeconds, contexts, setup)'],
    [{ refreshSeconds: 0 }, 'refreshSeconds is not a number of seconds, 1 or more'],
    [{ contexts: { lab: { prometheus: 'ftp://x' } } }, 'contexts.lab.prometheus is not an http or https URL, or namespace/service:port'],
    [{ contexts: { lab: { expect: { namespaces: 'ai' } } } }, 'contexts.lab.expect: namespaces is not a list of names'],
    [{ contexts: { lab: { expect: { hosts: [''] } } } }, 'contexts.lab.expect: hosts is not a list of names of machines'],
    [
      { contexts: { lab: { expect: { thresholds: { certDays: 3 } } } } },
      'contexts.lab.expect: thresholds has an unknown key "certDays" (known: certsWarnDays, certsCriticalDays, clockSkewSeconds, diskWarnPercent, podsPendingMinutes, podsNotReadyMinutes, podsTerminatingMinutes)',
    ],
    [{ contexts: { lab: { expect: { gpus: { 'gpu-1': -1 } } } } }, 'contexts.lab.expect: gpus is not an object of node names and whole numbers'],
  ])('names what is wrong with %j', (stored, problem) => {
    expect(parseSettings(stored).problem).toBe(problem);
  });
});
