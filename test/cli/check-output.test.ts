import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseXml, type XmlDocument, XmlElement } from '@rgrove/parse-xml';
import { afterAll, describe, expect, it } from 'vitest';
import { type CheckCommand, runCheck } from '../../src/cli/check.js';
import { checkJunit } from '../../src/cli/check-junit.js';
import { checkPrometheus } from '../../src/cli/check-prometheus.js';
import { live } from '../../src/state/freshness.js';
import type { NodeRecovery } from '../../src/state/recovery.js';
import type { CheckReport, Finding } from '../../src/state/report.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aSession } from '../builders/fake-session.js';
import { aReport } from '../builders/operations.js';
import { now } from '../builders/snapshot.js';
import { aLab } from '../checks/lab.js';
import { written } from './written.js';

const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const connection: ClusterSnapshot['connection'] = {
  status: 'connected',
  context: 'lab "north"',
  server: 'https://10.0.0.10:6443',
  version: 'v1.36.2',
  since: now,
  roundTripMs: 3,
  certificateEndsAt: null,
};
const reported = (report: CheckReport, more: Partial<ClusterSnapshot> = {}) => ({ ...aLab(), connection, report: live(report, now), ...more });
const finding = (overrides: Partial<Finding>): Finding => ({
  id: 'node-ready',
  object: 'node/gpu-1',
  status: 'pass',
  severity: 'critical',
  message: 'Ready',
  fix: null,
  ...overrides,
});
/** One finding of each kind, with text that no format can hold as it is. */
const mixed = aReport({
  findings: [
    finding({}),
    finding({ object: 'node/gpu-2', status: 'fail', message: 'not Ready: "<PLEG>" & more\u0001', evidence: [{ source: 'log', text: 'a < b\\c' }] }),
    finding({ id: 'grafana', object: 'cluster', status: 'warn', severity: 'warning', message: 'database locked' }),
    finding({ id: 'gpu-count', object: 'cluster', status: 'unknown', message: 'not allowed to list nodes' }),
    finding({ id: 'evicted', object: 'cluster', status: 'skipped', severity: 'warning', message: 'ignored as the settings say' }),
  ],
});

const once: CheckCommand = { output: 'text', only: null, waitMs: null, failOn: 'critical' };

describe('check as JUnit', () => {
  const elements = (parent: XmlDocument | XmlElement | undefined, name: string) =>
    (parent?.children ?? []).filter((child): child is XmlElement => child instanceof XmlElement && child.name === name);
  const suitesOf = (xml: string) => {
    const [suites] = elements(parseXml(xml), 'testsuites');
    return { suites, named: (start: string) => elements(suites, 'testsuite').find(({ attributes }) => attributes['name']?.startsWith(start) === true) };
  };

  it('has a suite for each check and a case for each object', () => {
    const { suites, named } = suitesOf(checkJunit(reported(mixed), mixed, 'critical'));
    expect(suites?.attributes).toMatchObject({ name: 'gpuk8s-tui check lab "north"', tests: '5', failures: '1', errors: '1', skipped: '1' });
    const ready = named('node-ready: ');
    expect(ready?.attributes).toMatchObject({ tests: '2', failures: '1', timestamp: '2026-11-02T14:02:11' });
    const cases = elements(ready, 'testcase');
    expect(cases.map(({ attributes }) => attributes)).toMatchObject([{ classname: 'gpuk8s-tui.node-ready', name: 'node/gpu-1' }, { name: 'node/gpu-2' }]);
    const [failure] = elements(cases[1], 'failure');
    expect(failure?.attributes).toMatchObject({ type: 'critical', message: 'not Ready: "<PLEG>" & more' });
    expect(failure?.text).toContain('log: a < b\\c');
  });

  it('fails for warnings only where they count', () => {
    const grafana = (failOn: 'critical' | 'warning') => {
      const suite = suitesOf(checkJunit(reported(mixed), mixed, failOn)).named('grafana');
      const [first] = elements(suite, 'testcase');
      return { suite, first };
    };
    const critical = grafana('critical');
    expect(critical.suite?.attributes).toMatchObject({ failures: '0' });
    expect(elements(critical.first, 'system-out').map(({ text }) => text)).toEqual(['warn: database locked']);
    const warning = grafana('warning');
    expect(warning.suite?.attributes).toMatchObject({ failures: '1' });
    expect(elements(warning.first, 'failure').map(({ attributes }) => attributes)).toMatchObject([{ type: 'warning', message: 'database locked' }]);
  });
});

describe('check for Prometheus', () => {
  it('is what promtool accepts', () => {
    const text = checkPrometheus(reported(mixed), mixed);
    try {
      execFileSync('promtool', ['check', 'metrics'], { input: text });
    } catch (error) {
      // Where there is no promtool the shape below has to do.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    expect(text).toContain('gpuk8s_check_status{context="lab \\"north\\"",check="node-ready",object="node/gpu-2",severity="critical"} 2\n');
    expect(text).toContain('gpuk8s_check_verdict{context="lab \\"north\\""} 2\n');
    expect(text).toContain(`gpuk8s_check_last_run_timestamp_seconds{context="lab \\"north\\""} ${now / 1000}\n`);
    expect(text).not.toContain('check="evicted"');
  });

  it('writes each series once, the worst', () => {
    const twice = aReport({ findings: [finding({ status: 'unknown' }), finding({ status: 'fail' }), finding({})] });
    const lines = checkPrometheus(reported(twice), twice).split('\n');
    expect(lines.filter((text) => text.startsWith('gpuk8s_check_status{'))).toEqual([
      'gpuk8s_check_status{context="lab \\"north\\"",check="node-ready",object="node/gpu-1",severity="critical"} 2',
    ]);
  });
});

describe('check --output-file', () => {
  it('writes the file whole, for everybody to read, and nothing to stdout', async () => {
    const file = join(folder, 'gpuk8s.prom');
    const out = written();
    const umask = process.umask(0o077);
    try {
      expect(await runCheck(aSession(reported(mixed)), { ...once, output: 'prometheus', outputFile: file }, out)).toBe(1);
    } finally {
      process.umask(umask);
    }
    expect(out.text()).toBe('');
    expect(readFileSync(file, 'utf8')).toMatch(/^# HELP gpuk8s_check_status /);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readdirSync(folder)).toEqual(['gpuk8s.prom']);
  });

  it('says where it cannot be written', async () => {
    const outputFile = join(folder, 'nowhere', 'x.prom');
    await expect(runCheck(aSession(reported(mixed)), { ...once, outputFile }, written())).rejects.toThrow(
      `cannot write ${outputFile}: there is no such folder`,
    );
  });
});

describe('check of a cluster with a rebooted node', () => {
  const gpu2: NodeRecovery = {
    node: 'gpu-2',
    bootId: 'b2',
    bootedAt: now - 365_000,
    because: 'boot-id',
    completeAt: null,
    seenBy: null,
    steps: [
      { id: 'runtime', name: 'containerd 2.3.4', status: 'done', fact: 'active', sinceBootMs: 44_000, exact: true, usualMs: 40_000, waitsFor: null },
      { id: 'kubelet', name: 'kubelet', status: 'open', fact: 'activating', sinceBootMs: null, exact: false, usualMs: 80_000, waitsFor: null },
      { id: 'node-ready', name: 'node Ready', status: 'waiting', fact: '', sinceBootMs: null, exact: false, usualMs: null, waitsFor: 'kubelet' },
    ],
  };

  it('shows how far it is, with the usual times', async () => {
    const out = written();
    await runCheck(aSession(reported(mixed, { recovery: live({ nodes: [gpu2] }, now) })), once, out);
    const lines = out.text().split('\n');
    const at = lines.findIndex((text) => text.includes('gpu-2 rebooted'));
    expect(lines.slice(at, at + 4)).toEqual([
      '… gpu-2 rebooted 6m5s ago  1 of 3 steps',
      '  ✓ containerd 2.3.4  +0:44     active',
      '  … kubelet           usually +1:20, now +6:05  activating',
      '  · node Ready                  waits for kubelet',
    ]);
  });

  it('has the way back and the causes in JSON', async () => {
    const out = written();
    await runCheck(aSession(reported(mixed, { recovery: live({ nodes: [gpu2] }, now) })), { ...once, output: 'json' }, out);
    expect(out.json()).toMatchObject({
      schemaVersion: 2,
      causes: [{ check: 'device-plugin', follows: [{ check: 'workloads-ready', object: 'deployment/ai/whisper-inference' }] }],
      recovery: [
        {
          node: 'gpu-2',
          bootedAt: new Date(now - 365_000).toISOString(),
          completeAt: null,
          steps: [{ id: 'runtime', sinceBootSeconds: 44, usualSeconds: 40 }, {}, {}],
        },
      ],
    });
  });

  it('prints a line for each step that gets done while it waits', async () => {
    const step = (id: string, done: boolean) =>
      gpu2.steps.map((own) => (own.id === id && done ? { ...own, status: 'done' as const, sinceBootMs: 366_000 } : own));
    const good = aReport({ verdict: 'good', causes: [], findings: [finding({})] });
    const session = aSession(reported(mixed, { recovery: live({ nodes: [gpu2] }, now) }));
    const out = written();
    const code = runCheck(session, { ...once, waitMs: 60_000 }, out);
    await new Promise(setImmediate);
    session.show(reported(mixed, { recovery: live({ nodes: [{ ...gpu2, steps: step('kubelet', true) }] }, now) }));
    session.show(reported(good, { recovery: live({ nodes: [{ ...gpu2, completeAt: now, steps: step('kubelet', true) }] }, now) }));
    expect(await code).toBe(0);
    expect(
      out
        .errors()
        .replace(/^\d\d:\d\d:\d\d/gm, 'HH:MM:SS')
        .split('\n'),
    ).toEqual([
      'HH:MM:SS gpu-2 containerd 2.3.4 +0:44',
      expect.stringMatching(/^HH:MM:SS failed: gpu-2 registers 0 of 8 GPUs/),
      'HH:MM:SS gpu-2 kubelet by +6:06 (usually +1:20)',
      'HH:MM:SS good after 0s',
      '',
    ]);
  });

  it('draws one picture over and over on a terminal', async () => {
    const good = aReport({ verdict: 'good', causes: [], findings: [finding({})] });
    const session = aSession(reported(mixed, { recovery: live({ nodes: [gpu2] }, now) }));
    const out = { ...written(), live: { columns: 60, rows: 24, colours: false } };
    const code = runCheck(session, { ...once, waitMs: 60_000 }, out);
    await new Promise(setImmediate);
    session.show(reported(good, { recovery: live({ nodes: [{ ...gpu2, completeAt: now }] }, now) }));
    await code;
    const [first = '', second = ''] = out.errors().split('\x1b[5A\r\x1b[J');
    expect(first).toContain('… gpu-2 rebooted');
    expect(first).toContain('✓ containerd 2.3.4  +0:44');
    expect(Math.max(...first.split('\n').map(({ length }) => length))).toBeLessThan(70);
    expect(second).toContain('✓ gpu-2 was back 6:05 after its reboot');
    expect(second).toContain('good after');
  });
});
