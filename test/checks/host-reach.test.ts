import { describe, expect, it } from 'vitest';
import { absent } from '../../src/state/freshness.js';
import { now } from '../builders/snapshot.js';
import { nodes } from './lab.js';
import { findings, labOfMachines, lostAt, reportOn, told, troubles } from './machines.js';

const closed = {
  status: 'refused',
  why: 'SSH is switched off in the settings of this context',
  fix: 'Set contexts.NAME.hosts.enabled to true in the settings to look at the machines.',
} as const;

describe('machines in order', () => {
  it('give a good verdict, and one line per check for all of them', () => {
    const report = reportOn(labOfMachines());
    expect(report.findings.filter(({ status }) => status !== 'pass' && status !== 'skipped')).toEqual([]);
    expect(report.verdict).toBe('good');
    expect(told('hosts', labOfMachines())).toEqual(['pass critical cluster: controlplane, gpu-1 and gpu-2 answer']);
    expect(told('swap-zero', labOfMachines())).toEqual(['pass critical cluster: no swap on controlplane, gpu-1 and gpu-2']);
  });

  it('by the hundred are still one line per check', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`node-${index}`, { gpus: null }]));
    expect(told('swap-zero', labOfMachines(many))).toEqual(['pass critical cluster: no swap on controlplane, gpu-1, gpu-2 and 100 more']);
  });
});

describe('a machine that was never logged in to', () => {
  const snapshot = labOfMachines({ 'gpu-2': { silent: true, contact: closed } });

  it('is told once, with the way to allow it, and changes no verdict', () => {
    expect(troubles(snapshot)).toEqual(['unknown hosts node/gpu-2']);
    const [finding] = findings('hosts', snapshot);
    expect(finding).toMatchObject({
      severity: 'info',
      message: 'gpu-2: SSH is switched off in the settings of this context; swap, services, driver and disks of it cannot be looked at',
      fix: { summary: 'Set contexts.NAME.hosts.enabled to true in the settings to look at the machines' },
    });
    expect(reportOn(snapshot).verdict).toBe('good');
  });

  it('is left out of the other checks, which say so', () => {
    expect(told('swap-zero', snapshot)).toEqual([
      'pass critical cluster: no swap on controlplane and gpu-1',
      'skipped critical cluster: not looked at gpu-2: SSH is switched off in the settings of this context',
    ]);
  });

  it('is missed where it is expected', () => {
    expect(troubles(snapshot, { hosts: ['gpu-2', 'lb'] })).toEqual(['fail hosts host/lb', 'fail hosts node/gpu-2']);
    expect(reportOn(snapshot, { hosts: ['gpu-2'] }).verdict).toBe('failed');
  });
});

describe('a machine on its way', () => {
  it('is being asked', () => {
    const snapshot = labOfMachines({ 'gpu-2': { silent: true, contact: { status: 'connecting', since: now - 1000 } } });
    expect(told('hosts', snapshot)[0]).toBe('unknown info node/gpu-2: gpu-2: it is being asked');
    expect(troubles(snapshot, { hosts: ['gpu-2'] })).toEqual(['unknown hosts node/gpu-2']);
  });

  it('waits for a person, with the question', () => {
    const snapshot = labOfMachines({ 'gpu-2': { silent: true, contact: { status: 'asking', question: 'Passphrase of ~/.ssh/id_ed25519?' } } });
    expect(told('hosts', snapshot)[0]).toBe('unknown info node/gpu-2: gpu-2: it waits for you: Passphrase of ~/.ssh/id_ed25519?');
  });
});

describe('a machine that was seen and is lost', () => {
  it('is a warning, and what it said before counts no more', () => {
    const snapshot = labOfMachines({ 'gpu-2': { contact: lostAt } });
    expect(told('hosts', snapshot)[0]).toBe('warn warning node/gpu-2: gpu-2 answered until 3s ago: connection timed out for 3m');
    expect(told('swap-zero', snapshot)).toContain('unknown info node/gpu-2: last seen: gpu-2 3s ago');
    expect(reportOn(snapshot).causes.map(({ finding }) => finding.id)).toEqual(['hosts']);
  });

  it('is down where the API server does not hear of it either, and that is the one cause', () => {
    const snapshot = labOfMachines({ 'gpu-2': { contact: lostAt, gpus: null } }, { nodes: nodes({ 'gpu-2': { gpus: 8, ready: 'Unknown' } }) });
    const { causes } = reportOn(snapshot);
    expect(causes.map(({ finding }) => finding.message)).toEqual(['gpu-2 answers neither here nor to the API server since 3s: connection timed out for 3m']);
    expect(causes[0]?.follows.map(({ id }) => id)).toContain('node-ready');
  });
});

it('no machines at all are no trouble: it says why nobody looks', () => {
  const snapshot = labOfMachines({}, { hosts: absent('the machines themselves are not looked at here') });
  expect(told('hosts', snapshot)).toEqual(['skipped critical cluster: the machines themselves are not looked at here']);
  expect(told('modules', snapshot)).toEqual(['skipped critical cluster: the machines themselves are not looked at here']);
});
