import { describe, expect, it } from 'vitest';
import { live } from '../../src/state/freshness.js';
import type { Plan } from '../../src/state/operations.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';
import { aJournalEntry, aPlan, aReport, aRun } from '../builders/operations.js';
import { now } from '../builders/snapshot.js';

const report = live(aReport(), now);

describe('a fix', () => {
  it('is planned on f and shown with its exact request before anything is changed, as this picture', async () => {
    const session = aSession(aLab({ report }), { plan: async () => aPlan() });
    const app = anApp(session);
    await app.until((screen) => screen.includes('f fix'));
    app.type('f');
    const screen = await app.until((shown) => shown.includes('done when'));
    expect(screen).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
      ▸1 Over 2 Node 3 GPU 4 Mon 5 Lat 6 Work 7 Clean 8 Setup 9 Jour
      ╭─ Set runtimeClassName nvidia on daemonset kube-system/nvidia-device-plugin ──╮
      │ ! No GPU of gpu-2 is offered while its pod is replaced                       │
      │                                                                              │
      │ › Set runtimeClassName to nvidia; its 2 pods are replaced one after another  │
      │     PATCH                                                                    │
      │     /apis/apps/v1/namespaces/kube-system/daemonsets/nvidia-device-plugin     │
      │     {"spec":{"template":{"spec":{"runtimeClassName":"nvidia"}}}}             │
      │                                                                              │
      │ done when  8 of 8 GPUs of gpu-2 registered                                   │
      │ undo       kubectl -n kube-system rollout undo                               │
      │            daemonset/nvidia-device-plugin                                    │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │ ──────────────────────────────────────────────────────────────────────────── │
      │ disruptive: something is restarted or kept from being scheduled for a while  │
      │ y does it   esc leaves all as it is                                          │
      ╰────────────────────────────────────────────── plan ─ CONFIRM ─ run ─ verify ─╯
       ? help  : go to  y do it  c copy  / search  p pause  esc back  q quit"
    `);
    expect(session.asked).toEqual(['plan set-runtime-class']);
    await app.close();
  });

  it('runs on y where it is disruptive, never on enter', async () => {
    const session = aSession(aLab({ report }), { plan: async () => aPlan() });
    const app = anApp(session);
    await app.until((screen) => screen.includes('f fix'));
    app.type('f');
    await app.until((screen) => screen.includes('y does it'));
    app.type('\r');
    app.type('yy');
    await app.until(() => session.asked.length > 1);
    expect(session.asked).toEqual(['plan set-runtime-class', 'start set-runtime-class']);
    await app.close();
  });

  it('runs on enter where it is safe', async () => {
    const session = aSession(aLab({ report }), { plan: async () => aPlan({ risk: 'safe' }) });
    const app = anApp(session);
    await app.until((screen) => screen.includes('f fix'));
    app.type('f');
    await app.until((screen) => screen.includes('enter does it'));
    app.type('\r');
    await app.until(() => session.asked.includes('start set-runtime-class'));
    await app.close();
  });

  it('that is destructive wants the name typed', async () => {
    const session = aSession(aLab({ report }), {
      plan: async () => aPlan({ risk: 'destructive', confirmName: 'lab' }),
      start: async () => {
        throw new Error('type lab to confirm: got la');
      },
    });
    const app = anApp(session);
    await app.until((screen) => screen.includes('f fix'));
    app.type('f');
    await app.until((screen) => screen.includes('then type lab'));
    app.type('y');
    app.type('\r');
    await app.until((screen) => screen.includes('type lab:'));
    app.type('la\r');
    await app.until((screen) => screen.includes('type lab to confirm: got la'));
    expect(session.asked).toEqual(['plan set-runtime-class', 'start set-runtime-class la']);
    await app.close();
  });

  it("is copied with its exact requests to the terminal's clipboard", async () => {
    const app = anApp(aSession(aLab({ report }), { plan: async () => aPlan() }));
    await app.until((screen) => screen.includes('f fix'));
    app.type('f');
    await app.until((screen) => screen.includes('c copy'));
    app.type('c');
    await app.until((screen) => screen.includes('copied, where the terminal allows it'));
    const [, encoded = ''] = /\x1b\]52;c;([A-Za-z0-9+/=]+)\x07/.exec(app.written.stdout()) ?? [];
    expect(Buffer.from(encoded, 'base64').toString()).toBe(`${aPlan().items[0]?.exact}\n`);
    await app.close();
  });

  it('with something in its way cannot be started', async () => {
    const session = aSession(aLab({ report }), { plan: async () => aPlan({ blockers: ['not allowed to patch daemonsets.apps in kube-system'] }) });
    const app = anApp(session);
    await app.until((screen) => screen.includes('f fix'));
    app.type('f');
    const screen = await app.until((shown) => shown.includes('cannot be done as things are'));
    expect(screen).toContain('✗ not allowed to patch daemonsets.apps in kube-system');
    app.type('y\r');
    await app.until((shown) => shown.includes('cannot be done'));
    expect(session.asked).toEqual(['plan set-runtime-class']);
    await app.close();
  });

  it('that needs a login asks for it, hides the secret and plans again with it', async () => {
    const asks = [
      { field: 'user', label: 'user of Grafana', secret: false },
      { field: 'password', label: 'password', secret: true },
    ];
    const given: unknown[] = [];
    const session = aSession(aLab({ report }), {
      plan: async (ref) => {
        given.push(ref.input['password']);
        return ref.input['password'] === undefined ? aPlan({ ref, asks }) : aPlan({ title: 'Import five dashboards' });
      },
    });
    const app = anApp(session);
    await app.until((screen) => screen.includes('f fix'));
    app.type('f');
    await app.until((screen) => screen.includes('then type the user of Grafana'));
    app.type('\r');
    await app.until((screen) => screen.includes('user of Grafana: '));
    app.type('admin\r');
    await app.until((screen) => screen.includes('then type the password'));
    app.type('\r');
    app.type('hunter2');
    expect(await app.until((screen) => screen.includes('password: •••••••'))).not.toContain('hunter');
    app.type('\r');
    await app.until((screen) => screen.includes('Import five dashboards') && screen.includes('y does it'));
    expect(given).toEqual([undefined, 'hunter2']);
    await app.close();
  });

  it('that cannot be planned says why', async () => {
    const app = anApp(aSession(aLab({ report }), { plan: () => Promise.reject(new Error('there is no daemonset kube-system/nvidia-device-plugin')) }));
    await app.until((screen) => screen.includes('f fix'));
    app.type('f');
    await app.until((screen) => screen.includes('there is no daemonset') && screen.includes('Nothing was changed'));
    await app.close();
  });

  it('is not offered in a read-only session, which says so when it is wanted', async () => {
    const session = aSession(aLab({ report }), { readOnly: true });
    const app = anApp(session);
    const screen = await app.until((shown) => shown.includes('gpu-2 registers 0 of 8') && shown.includes('enter why'));
    expect(screen).not.toContain('f fix');
    app.type('f');
    await app.until((shown) => shown.includes('this session is read-only: no "fix" from here'));
    await app.close();
    expect(session.asked).toEqual(['close']);
  });

  it('leads from one to the next with n after F', async () => {
    const [cause] = aReport().causes;
    if (cause === undefined) throw new Error('the report has a cause');
    const second = {
      ...cause,
      finding: {
        ...cause.finding,
        id: 'node-schedulable',
        object: 'node/gpu-1',
        fix: { summary: 'Uncordon it', command: null, operation: { id: 'uncordon', input: { node: 'gpu-1' } } },
      },
    };
    const session = aSession(aLab({ report: live(aReport({ causes: [cause, second] }), now) }), {
      plan: async (ref): Promise<Plan> => aPlan({ ref, title: `Do ${ref.id}` }),
    });
    const app = anApp(session);
    await app.until((screen) => screen.includes('F fix all'));
    app.type('F');
    await app.until((screen) => screen.includes('Do set-runtime-class') && screen.includes('1 more to mend'));
    app.type('n');
    await app.until((screen) => screen.includes('Do uncordon') && !screen.includes('more to mend'));
    await app.close();
  });
});

describe('a run', () => {
  it('shows each step and what was seen, and goes on in the last row when it is left', async () => {
    const session = aSession(aLab({ report }), { plan: async () => aPlan() });
    const app = anApp(session);
    await app.until((screen) => screen.includes('f fix'));
    app.type('f');
    await app.until((screen) => screen.includes('y does it'));
    app.type('y');
    await app.until(() => session.asked.includes('start set-runtime-class'));
    session.show(aLab({ report, operations: live([aRun()], now) }));
    await app.until((screen) => screen.includes('under way') && screen.includes('x stop'));
    app.type('x');
    await app.until(() => session.asked.includes('cancel run-1'));
    app.type('\x1b');
    await app.until((screen) => screen.includes('◌ Set runtimeClassName nvidia on') && screen.includes('0 of 1 5s'));
    session.show(
      aLab({
        report,
        operations: live(
          [
            aRun({
              state: 'done',
              endedAt: now,
              items: [{ id: '1', state: 'done', said: null }],
              verification: { seen: true, text: '8 of 8 GPUs registered after 21 s' },
            }),
          ],
          now,
        ),
      }),
    );
    await app.until((screen) => screen.includes('✓ Set runtimeClassName'));
    await app.close();
  });

  it('of very many steps shows how far it is and only what failed', async () => {
    const items = Array.from({ length: 8513 }, (_, index) => ({
      id: String(index),
      object: 'pod/a/b',
      text: `Delete pod tigera-operator-${index}`,
      exact: 'DELETE …',
    }));
    const plan = aPlan({ ref: { id: 'delete-ended-pods', input: { reason: 'Evicted' } }, title: 'Delete 8,513 evicted pods', items, risk: 'safe' });
    const run = aRun({
      plan,
      items: items.map(({ id }, index) => ({
        id,
        state: index < 4000 ? 'done' : index === 4000 ? 'failed' : 'waiting',
        said: index === 4000 ? '409 Conflict' : null,
      })),
    });
    const session = aSession(aLab({ report, operations: live([run], now) }), { plan: async () => plan });
    const app = anApp(session, { columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('◌ Delete 8,513 evicted pods'));
    session.show(
      aLab({
        report: live(
          aReport({
            causes: [
              {
                finding: {
                  id: 'evicted',
                  object: 'cluster',
                  status: 'warn',
                  severity: 'warning',
                  message: '8,513 evicted pods',
                  fix: { summary: 'Delete them', command: null, operation: plan.ref },
                },
                follows: [],
              },
            ],
          }),
          now,
        ),
        operations: live([run], now),
      }),
    );
    await app.until((screen) => screen.includes('8,513 evicted pods') && screen.includes('f fix'));
    app.type('f');
    const screen = await app.until((shown) => shown.includes('4,000 of 8,513 done, 1 failed'));
    expect(screen).toContain('✗ Delete pod tigera-operator-4000');
    expect(screen).not.toContain('tigera-operator-3999');
    expect(session.asked).toEqual([]);
    await app.close();
  });
});

describe('the checklist', () => {
  it('stands behind enter, each finding with its evidence and fix', async () => {
    const session = aSession(aLab({ report }), { plan: async () => aPlan() });
    const app = anApp(session);
    await app.until((screen) => screen.includes('enter why'));
    app.type('\r');
    const list = await app.until((screen) => screen.includes('└ workloads-ready'));
    expect(list).toContain('✓ node-ready');
    app.type('\r');
    await app.until(
      (screen) => screen.includes('No devices found. Waiting indefinitely.') && screen.includes('f does it from here') && screen.includes('Follows from it'),
    );
    app.type('f');
    await app.until((screen) => screen.includes('y does it'));
    await app.close();
  });
});

describe('the journal', () => {
  it('lists what was done with its result, and opens one with its exact commands', async () => {
    const entries = [
      aJournalEntry({ id: 'b', title: 'Restart kubelet on gpu-2', result: 'interrupted', said: 'the program that began it is gone', tookMs: null }),
      aJournalEntry(),
    ];
    const session = aSession(aLab({ journal: live({ file: '~/.local/state/gpuk8s-tui/journal.jsonl', entries, unreadable: [] }, now) }));
    const app = anApp(session, { screen: 'journal' });
    expect(await app.until((screen) => screen.includes('Restart kubelet'))).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Over 2 Node 3 GPU 4 Mon 5 Lat 6 Work 7 Clean 8 Setup▸9 Jour
      ╭─ Journal 2 ──────────────────────── ~/.local/state/gpuk8s-tui/journal.jsonl ─╮
      │   WHEN      OPERATION                                      RESULT       TOOK │
      │ ▸ 14:01:11  Restart kubelet on gpu-2                       interrupted     – │
      │ ✓ 14:01:11  Set runtimeClassName nvidia on daemonset kub…  done          21s │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │ ──────────────────────────────────────────────────────────────────────────── │
      │ the program that began it is gone                                            │
      │ undo: kubectl -n kube-system rollout undo daemonset/nvidia-device-plugin     │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       ? help  : go to  / filter            ! interrupted: Restart kubelet on gpu-2 9"
    `);
    app.type('j\r');
    await app.until(
      (screen) =>
        screen.includes('PATCH /apis/apps/v1/namespaces/kube-system/daemonsets/nvidia-device-plugin') && screen.includes('set-runtime-class kind=DaemonSet'),
    );
    await app.close();
  });
});
