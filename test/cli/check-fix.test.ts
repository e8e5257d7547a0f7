import { describe, expect, it } from 'vitest';
import { type CheckCommand, runCheck } from '../../src/cli/check.js';
import { live } from '../../src/state/freshness.js';
import type { OperationRef, Plan } from '../../src/state/operations.js';
import type { CheckReport, Finding } from '../../src/state/report.js';
import { aSession } from '../builders/fake-session.js';
import { aPlan, aReport, aRun } from '../builders/operations.js';
import { now } from '../builders/snapshot.js';
import { aLab } from '../checks/lab.js';
import { written } from './written.js';

const connection = {
  status: 'connected',
  context: 'lab',
  server: 'https://10.0.0.10:6443',
  version: 'v1.36.2',
  since: now,
  roundTripMs: 3,
  certificateEndsAt: null,
} as const;
const reported = (report: CheckReport) => ({ ...aLab(), connection, report: live(report, now) });

const good = aReport({ verdict: 'good', causes: [], findings: [] });

/** A finding with a fix of that operation. */
function fixable(id: string, operation: string): Finding {
  const fix = { summary: `mend ${id}`, command: null, operation: { id: operation, input: { host: 'gpu-2' } } };
  return { id, object: 'node/gpu-2', status: 'fail', severity: 'critical', message: `${id} is broken`, fix };
}

/** Swap is the cause of a kubelet that does not run; a node is cordoned besides. */
const broken = aReport({
  findings: [fixable('swap-zero', 'swap-off'), fixable('kubelet-service', 'restart-unit'), fixable('node-schedulable', 'uncordon')],
  causes: [
    { finding: fixable('swap-zero', 'swap-off'), follows: [fixable('kubelet-service', 'restart-unit')] },
    { finding: fixable('node-schedulable', 'uncordon'), follows: [] },
  ],
});

const risks: Readonly<Record<string, Plan['risk']>> = { 'swap-off': 'safe', 'restart-unit': 'disruptive', uncordon: 'safe' };

function planned(ref: OperationRef): Plan {
  return aPlan({
    ref,
    risk: risks[ref.id] ?? 'safe',
    title: `Do ${ref.id}`,
    warnings: [],
    items: [{ id: '1', object: 'host/gpu-2', text: ref.id, exact: `gpu-2# ${ref.id}` }],
  });
}

async function fix(
  options: { upTo?: 'safe' | 'disruptive'; yes?: boolean; plan?: (ref: OperationRef) => Promise<Plan>; readOnly?: boolean; heals?: boolean } = {},
) {
  const { upTo = 'safe', yes = true, plan = async (ref: OperationRef) => planned(ref), readOnly = false, heals = true } = options;
  const out = written();
  const session = aSession(reported(broken), {
    readOnly,
    plan,
    start: async ({ ref }) => {
      if (heals && ref.id === 'uncordon') setImmediate(() => session.show(reported(good)));
      return `run of ${ref.id}`;
    },
    finished: async (id) =>
      aRun({ id, state: heals ? 'done' : 'failed', endedAt: now, verification: { seen: heals, text: heals ? 'seen' : 'swap is still on' } }),
  });
  const command: CheckCommand = { output: 'json', only: null, waitMs: null, failOn: 'critical', fix: { upTo, yes, signal: new AbortController().signal } };
  const code = await runCheck(session, command, out);
  return { code, out, asked: session.asked, errors: out.errors().replace(/^\d\d:\d\d:\d\d/gm, 'HH:MM:SS') };
}

describe('check --fix', () => {
  it('runs what is safe, root causes first, announces the exact commands, and ends with the verdict after it', async () => {
    const { code, asked, errors, out } = await fix();
    expect(asked).toEqual(['plan swap-off', 'start swap-off', 'plan uncordon', 'start uncordon']);
    expect(errors).toBe(
      [
        'HH:MM:SS fix swap-zero (node/gpu-2): Do swap-off (safe)',
        '         gpu-2# swap-off',
        'HH:MM:SS done: seen (5s)',
        'HH:MM:SS fix node-schedulable (node/gpu-2): Do uncordon (safe)',
        '         gpu-2# uncordon',
        'HH:MM:SS done: seen (5s)',
        '',
      ].join('\n'),
    );
    expect(code).toBe(0);
    expect(out.json()).toMatchObject({
      verdict: 'good',
      fixes: [{ check: 'swap-zero', risk: 'safe', result: 'done', plan: ['gpu-2# swap-off'] }, { result: 'done' }],
    });
  });

  it('changes nothing without --yes, and says what it would do', async () => {
    const { code, asked, errors } = await fix({ yes: false });
    expect(asked).toEqual(['plan swap-off', 'plan uncordon']);
    expect(errors).toContain('would fix swap-zero (node/gpu-2): Do swap-off (safe)\n         gpu-2# swap-off\n');
    expect(errors).toContain('nothing was changed: --yes runs the 2 fixes above\n');
    expect(code).toBe(1);
  });

  it('leaves alone what restarts something unless told otherwise', async () => {
    const plan = async (ref: OperationRef) => ({ ...planned(ref), risk: 'disruptive' as const });
    const left = await fix({ plan });
    expect(left.asked.filter((asked) => asked.startsWith('start'))).toEqual([]);
    expect(left.errors).toContain('left alone swap-zero (node/gpu-2): Do swap-off is disruptive; --fix disruptive would run it\n');
    const run = await fix({ plan, upTo: 'disruptive' });
    expect(run.asked.filter((asked) => asked.startsWith('start'))).toEqual(['start swap-off', 'start uncordon']);
  });

  it('never runs what destroys or needs a reboot', async () => {
    for (const risk of ['destructive', 'needs-reboot'] as const) {
      const { asked } = await fix({ upTo: 'disruptive', plan: async (ref) => ({ ...planned(ref), risk }) });
      expect(asked.filter((text) => text.startsWith('start'))).toEqual([]);
    }
  });

  it('tries what follows from a cause that could not be mended, each once, and tells what went wrong', async () => {
    const { code, asked, errors } = await fix({ heals: false, upTo: 'disruptive' });
    expect(asked.filter((text) => text.startsWith('start'))).toEqual(['start swap-off', 'start uncordon', 'start restart-unit']);
    expect(errors).toContain('HH:MM:SS failed: swap is still on (5s)\n');
    expect(code).toBe(1);
  });

  it('says what is in the way of a fix', async () => {
    const blocked = await fix({ plan: async (ref) => ({ ...planned(ref), blockers: ['not allowed to patch nodes'] }) });
    expect(blocked.errors).toContain('cannot fix swap-zero (node/gpu-2): Do swap-off: not allowed to patch nodes\n');
    const unplanned = await fix({ plan: () => Promise.reject(new Error('nobody can log in to gpu-2')) });
    expect(unplanned.errors).toContain('cannot fix swap-zero (node/gpu-2): nobody can log in to gpu-2\n');
  });

  it('runs nothing in a read-only session', async () => {
    const { code, asked, errors } = await fix({ readOnly: true });
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
    expect(errors).toContain('this session is read-only');
    expect((await fix({ readOnly: true, yes: false })).asked).toEqual(['plan swap-off', 'plan uncordon']);
  });
});
