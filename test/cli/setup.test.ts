import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SetupWish } from '../../src/cli/setup-choice.js';
import type { SetupPlace } from '../../src/cli/setup-place.js';
import { runSetupPlan } from '../../src/cli/setup-plan.js';
import { runSetup, type SetupRunCommand, undoSetup } from '../../src/cli/setup-run.js';
import { runSetupStatus } from '../../src/cli/setup-status.js';
import { aSetupStep, labChoice, type ScriptedPlaceOptions, scriptedPlace } from './setup-desk.js';
import { written } from './written.js';

const wish: SetupWish = { target: null, hosts: [], inventory: null, set: {}, seat: null };
const command: SetupRunCommand = {
  output: 'text',
  dryRun: false,
  yes: true,
  confirm: null,
  overwrite: false,
  signal: new AbortController().signal,
  secrets: async () => ({}),
};
const host = (name: string) => ({ name, host: null });

async function status(options: ScriptedPlaceOptions, over: Partial<SetupWish> = {}, output: 'text' | 'json' = 'text') {
  const out = written();
  const code = await runSetupStatus(scriptedPlace(options), { ...wish, ...over }, output, out);
  return { code, text: out.text(), errors: out.errors() };
}

describe('setup status', () => {
  it('shows which step is done where, with reasons and differences, and exits 1 where something is not', async () => {
    const { code, text } = await status({
      seen: {
        'swap-off gpu-1': { state: 'missing', why: 'swap is on: /dev/sda2' },
        'swap-off gpu-2': { state: 'missing', why: 'swap is on: /dev/sda2' },
        'sysctl-k8s gpu-2': { state: 'drifted', why: 'the file was changed', diff: ['-net.core = 1', '+net.core = 2'] },
        'cni cluster': { state: 'not-applicable', why: 'there is another one' },
      },
    });
    expect(code).toBe(1);
    expect(text).toBe(`lab  cluster lab · 2 hosts
STEP        gpu-1      gpu-2      cluster
swap-off    ✗ missing  ✗ missing                    Do swap-off
sysctl-k8s  ✓ done     ! drifted                    Do sysctl-k8s
cni                               · not applicable  Do cni

✗ swap-off: missing on gpu-1 and gpu-2: swap is on: /dev/sda2

! sysctl-k8s: drifted on gpu-2: the file was changed
    -net.core = 1
    +net.core = 2

2 missing, 1 done, 1 drifted, 1 not applicable
`);
  });

  it('exits 0 where all is done, and 2 where not all could be looked at', async () => {
    expect((await status({})).code).toBe(0);
    const { code, text } = await status({ seen: { 'swap-off gpu-1': { state: 'unknown', why: 'gpu-1 does not answer' } } });
    expect(code).toBe(2);
    expect(text).toContain('? swap-off: unknown on gpu-1: gpu-1 does not answer');
  });

  it('looks only at the playbook and the host that are named', async () => {
    const { text } = await status({}, { target: 'host-prep', hosts: [host('gpu-2')] });
    expect(text).toContain('STEP        gpu-2\n');
    expect(text).not.toContain('gpu-1 ');
    expect(text).not.toContain('cni');
  });

  it('is JSON for programs', async () => {
    const { text } = await status({ seen: { 'cni cluster': { state: 'missing', why: 'no pods' } } }, {}, 'json');
    expect(JSON.parse(text)).toMatchObject({
      schemaVersion: 1,
      cluster: 'lab',
      profile: 'lab',
      kubectl: 'here',
      allDone: false,
      steps: [{ id: 'swap-off' }, { id: 'sysctl-k8s', needs: ['swap-off'] }, { id: 'cni', on: [{ host: 'cluster', state: 'missing', why: 'no pods' }] }],
    });
  });

  it('says on which hosts it cannot look, what was meant, and what was never chosen', async () => {
    await expect(status({ last: null }, { target: 'lab' })).rejects.toThrow('on which hosts? Give --host NAME=ADDRESS:ROLE,ROLE for each, or --inventory FILE');
    await expect(status({}, { target: 'host-prp' })).rejects.toThrow('there is no profile, playbook or step "host-prp", did you mean host-prep?');
    await expect(status({ last: null })).rejects.toThrow(
      'nothing has been set up from here yet: name a profile or a playbook, gpuk8s-tui setup list shows them',
    );
    await expect(status({}, { hosts: [host('gpu-9')] })).rejects.toThrow(
      'gpu-9 is none of the hosts: there are gpu-1, gpu-2 and cluster; a new one is given as gpu-9=ADDRESS:ROLE,ROLE',
    );
  });

  it('shows what could be set up on the nodes of a cluster for which nothing was chosen, without what destroys', async () => {
    const steps = [aSetupStep('swap-off'), aSetupStep('reset', { risk: 'destructive' })];
    const { code, text, errors } = await status({ last: { ...labChoice, profile: null }, steps });
    expect(errors).toBe('nothing was chosen for lab yet: this is all that could be set up on its nodes\n');
    expect(code).toBe(0);
    expect(text).not.toContain('reset');
  });

  it('takes hosts and values from an inventory, and numbers as they were typed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-inventory-'));
    const file = join(folder, 'lab.yaml');
    try {
      writeFileSync(file, 'cluster: lab\nhosts:\n  - {name: gpu-1, address: 10.0.0.31, roles: [gpu]}\nvalues:\n  K8S_MINOR: 1.30\n');
      const place = scriptedPlace({ last: null });
      await runSetupStatus(place, { ...wish, target: 'lab', inventory: file, set: { POD_CIDR: '10.9.0.0/16' } }, 'text', written());
      expect(place.asked[0]).toMatchObject([
        'open',
        {
          profile: 'lab',
          hosts: [{ name: 'gpu-1', address: '10.0.0.31', roles: ['gpu'] }],
          values: { K8S_MINOR: '1.30', POD_CIDR: '10.9.0.0/16' },
          seat: 'first-control-plane',
        },
        {},
        'not kept',
      ]);
      writeFileSync(file, 'hosts:\n  - {name: gpu-1, adress: 10.0.0.31}\n');
      await expect(runSetupStatus(place, { ...wish, target: 'lab', inventory: file }, 'text', written())).rejects.toThrow(
        'lab.yaml has hosts of which number 1 has an unknown key "adress" (known: name, address, roles)',
      );
      writeFileSync(file, 'hosts:\n  - {name: gpu-1\nvalues: {\n');
      await expect(runSetupStatus(place, { ...wish, target: 'lab', inventory: file }, 'text', written())).rejects.toThrow(/lab\.yaml line \d+, column \d+: /);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('setup plan', () => {
  it('tells each step in its order with its state, its risk and its commands, once for hosts where they are the same', async () => {
    const out = written();
    const place = scriptedPlace({ seen: { 'swap-off gpu-2': { state: 'missing', why: 'swap is on' } } });
    expect(await runSetupPlan(place, { ...wish, target: 'host-prep' }, { format: 'text', look: true }, out)).toBe(0);
    expect(out.text()).toBe(`Playbook host-prep  lab · cluster lab · 2 hosts

1. swap-off  Do swap-off  safe
   on gpu-1 and gpu-2
   ✓ gpu-1: done
   ✗ gpu-2: missing: swap is on
     file swap-off.conf, 2 lines
     do swap-off

2. sysctl-k8s  Do sysctl-k8s  disruptive
   on gpu-1 and gpu-2; after swap-off
   ✓ gpu-1: done
   ✓ gpu-2: done

2 steps on 2 places; nothing was changed
`);
    expect(place.asked.map((each) => (Array.isArray(each) ? each[0] : each))).toEqual(['open', 'check']);
  });

  it('asks no host with --no-look', async () => {
    const place = scriptedPlace();
    const out = written();
    await runSetupPlan(place, { ...wish, target: 'lab' }, { format: 'json', look: false }, out);
    expect(place.asked.map((each) => (Array.isArray(each) ? each[0] : each))).toEqual(['open']);
    expect(out.json()).toMatchObject({
      schemaVersion: 1,
      steps: [
        {
          on: [
            { host: 'gpu-1', state: null },
            { host: 'gpu-2', state: null },
          ],
        },
        {},
        {},
      ],
      commands: [{ step: 'swap-off', apply: ['do swap-off'] }, {}, {}, {}, {}],
    });
  });

  it('is for this machine where no hosts are known, and says so', async () => {
    const place = scriptedPlace({ last: null });
    const out = written();
    expect(await runSetupPlan(place, { ...wish, target: 'lab' }, { format: 'script', look: true }, out)).toBe(0);
    expect(out.errors()).toBe(`no hosts were given: planned for this machine, ${hostname().toLowerCase()} as control-plane\n`);
    expect(out.text()).toBe('#!/usr/bin/env bash\n');
  });

  it('exits 1 where it contradicts itself', async () => {
    const out = written();
    expect(
      await runSetupPlan(scriptedPlace({ problems: ['two pod networks are chosen'] }), { ...wish, target: 'lab' }, { format: 'text', look: false }, out),
    ).toBe(1);
    expect(out.text()).toContain('✗ two pod networks are chosen\n');
  });
});

describe('setup run', () => {
  async function run(options: ScriptedPlaceOptions, over: Partial<SetupWish> = {}, how: Partial<SetupRunCommand> = {}) {
    const out = written();
    const place = scriptedPlace(options);
    const code = await runSetup(place, { ...wish, target: 'lab', ...over }, { ...command, ...how }, out);
    return { code, text: out.text(), errors: out.errors(), asked: place.asked };
  }

  it('does what it is told, tells how it goes, and exits 0 when all is done', async () => {
    const { code, text, errors, asked } = await run(
      {
        comesTo: {
          'swap-off gpu-1': [
            { state: 'running', phase: 'apply', since: 0, said: 'swapoff -a' },
            { state: 'done', said: 'no swap' },
          ],
        },
      },
      { target: 'swap-off', hosts: [host('gpu-1')] },
    );
    expect(asked.at(-1)).toEqual(['run', { steps: ['swap-off'], columns: ['gpu-1'], stepByStep: false, typed: null }]);
    expect(errors.replaceAll(/\d\d:\d\d:\d\d/g, 'TIME')).toMatch(
      /^TIME ▸ swap-off on gpu-1: carried out(?: for \S+(?: \S+)?)?: swapoff -a\nTIME ✓ swap-off on gpu-1: done: no swap\n$/,
    );
    expect({ code, text }).toEqual({ code: 0, text: 'all done: 1 of 1\n' });
  });

  it('shows a failure with what is known of it, and exits 1', async () => {
    const diagnosis = {
      signature: 'swap-on',
      line: 'running with swap on is not supported',
      cause: 'the kubelet refuses swap',
      step: 'swap-off',
      remedy: 'turn swap off',
    };
    const { code, errors, text } = await run({ comesTo: { 'sysctl-k8s gpu-2': [{ state: 'failed', why: 'exit code 1', diagnosis }] } });
    expect(code).toBe(1);
    expect(errors).toContain(`✗ sysctl-k8s on gpu-2: failed: exit code 1
           it said: running with swap on is not supported
           that is swap-on: the kubelet refuses swap
           turn swap off
           step swap-off mends it: gpuk8s-tui setup run swap-off
`);
    expect(text).toContain('✗ sysctl-k8s: failed on gpu-2: exit code 1');
    expect((await run({ comesTo: { 'sysctl-k8s gpu-2': [{ state: 'failed', why: 'exit code 1', diagnosis }] } }, {}, { output: 'json' })).text).toContain(
      '"result": "failed"',
    );
  });

  it('shows the plan and says so without --yes', async () => {
    const { code, text, errors, asked } = await run({}, {}, { yes: false });
    expect(code).toBe(2);
    expect(text).toContain('nothing was changed\n');
    expect(errors).toBe('gpuk8s-tui: nothing was changed: --yes does it, --dry-run only shows it\n');
    expect(asked.some((each) => Array.isArray(each) && each[0] === 'run')).toBe(false);
    expect((await run({}, {}, { dryRun: true })).code).toBe(0);
  });

  it('does not begin where it contradicts itself, where nobody may change anything, or where a loss was not confirmed', async () => {
    expect(await run({ problems: ['two pod networks are chosen'] })).toMatchObject({ code: 1, errors: 'gpuk8s-tui: two pod networks are chosen\n', asked: [] });
    expect(await run({ readOnly: true })).toMatchObject({ code: 2, errors: expect.stringContaining('this session is read-only') });
    const refuse = () => {
      throw new Error('reset on gpu-1 destroys what does not come back: type lab to confirm');
    };
    expect(await run({ steps: [aSetupStep('reset', { risk: 'destructive' })], run: refuse })).toMatchObject({
      code: 2,
      errors: 'gpuk8s-tui: nothing was changed: reset on gpu-1 destroys what does not come back: type lab to confirm: --confirm lab confirms it\n',
    });
  });

  it('asks for the secrets that are not known, and takes none among the values', async () => {
    const password = {
      name: 'GRAFANA_PASSWORD',
      title: 'Password',
      help: '',
      type: 'text',
      choices: [],
      value: null,
      origin: 'none',
      secret: true,
      problem: null,
    } as const;
    const { asked } = await run({ variables: [password] }, {}, { secrets: async (names) => Object.fromEntries(names.map(({ name }) => [name, 'hunter2'])) });
    expect(asked[0]).toMatchObject(['open', {}, { GRAFANA_PASSWORD: 'hunter2' }, 'kept']);
    await expect(run({ variables: [password] }, { set: { GRAFANA_PASSWORD: 'hunter2' } })).rejects.toThrow(
      'GRAFANA_PASSWORD is a secret, which is kept nowhere: it is asked for, or taken from the environment as GPUK8S_SETUP_GRAFANA_PASSWORD',
    );
  });

  it('writes over what was edited by hand only with --overwrite', async () => {
    const comesTo = { 'sysctl-k8s gpu-1': [{ state: 'asks', question: 'it was edited by hand', diff: ['-a', '+b'] }] } as const;
    expect(await run({ comesTo })).toMatchObject({ code: 1, errors: expect.stringContaining('a file was edited by hand: --overwrite writes over it\n') });
    const { code, asked } = await run({ comesTo }, {}, { overwrite: true });
    expect(asked).toContainEqual(['answer', 'sysctl-k8s', 'gpu-1', 'overwrite']);
    expect(code).toBe(0);
  });

  it('begins no further step when it is interrupted', async () => {
    const ending = new AbortController();
    const { code, asked, errors } = await run(
      { run: () => ending.abort(), comesTo: { 'cni cluster': [{ state: 'waiting', for: 'swap-off' }] } },
      {},
      { signal: ending.signal },
    );
    expect(asked).toContainEqual(['stop']);
    expect(errors).toContain('stopping: what is under way is finished, no further step begins\n');
    expect(code).toBe(1);
  });
});

describe('what was chosen', () => {
  it.each([
    ['status', 'not kept', (place: SetupPlace) => runSetupStatus(place, wish, 'text', written())],
    ['plan', 'not kept', (place: SetupPlace) => runSetupPlan(place, { ...wish, target: 'lab' }, { format: 'text', look: true }, written())],
    ['run --dry-run', 'not kept', (place: SetupPlace) => runSetup(place, wish, { ...command, dryRun: true }, written())],
    ['run without --yes', 'not kept', (place: SetupPlace) => runSetup(place, wish, { ...command, yes: false }, written())],
    ['undo', 'not kept', (place: SetupPlace) => undoSetup(place, { ...wish, target: 'swap-off', hosts: [host('gpu-1')] }, command, written())],
    ['run --yes', 'kept', (place: SetupPlace) => runSetup(place, wish, command, written())],
  ])('by setup %s is %s for the next time', async (_name, expected, action) => {
    const place = scriptedPlace();
    await action(place);
    expect(place.asked[0]).toMatchObject(['open', {}, {}, expected]);
  });
});

describe('setup undo', () => {
  async function undo(over: Partial<SetupWish>, how: Partial<SetupRunCommand> = {}, options: ScriptedPlaceOptions = {}) {
    const out = written();
    const place = scriptedPlace(options);
    const code = await undoSetup(place, { ...wish, ...over }, { ...command, ...how }, out);
    return { code, text: out.text(), errors: out.errors(), asked: place.asked };
  }

  it('takes a step back on the hosts that are named', async () => {
    const { code, text, asked } = await undo({ target: 'swap-off', hosts: [host('gpu-2')] });
    expect(asked.at(-1)).toEqual(['undo', 'swap-off', 'gpu-2', null]);
    expect({ code, text }).toEqual({ code: 0, text: 'swap-off was taken back on gpu-2\n' });
  });

  it('wants to know where, and shows what it would do without --yes', async () => {
    expect(await undo({ target: 'swap-off' })).toMatchObject({
      code: 2,
      errors: 'gpuk8s-tui: on which hosts? Give --host for each: there are gpu-1 and gpu-2\n',
    });
    expect(await undo({ target: 'host-prep', hosts: [host('gpu-1')] })).toMatchObject({
      code: 2,
      errors: 'gpuk8s-tui: host-prep is no step of this setup: only single steps are taken back\n',
    });
    expect(await undo({ target: 'swap-off', hosts: [host('gpu-1')] }, { yes: false })).toMatchObject({
      code: 2,
      text: 'take swap-off back on gpu-1 (safe)\n  undo swap-off\n',
    });
  });

  it('says why it could not be taken back', async () => {
    const comesTo = { 'swap-off gpu-1': [{ state: 'failed', why: 'no room', diagnosis: null }] } as const;
    expect(await undo({ target: 'swap-off', hosts: [host('gpu-1')] }, {}, { comesTo })).toMatchObject({
      code: 1,
      text: expect.stringContaining('✗ swap-off: failed on gpu-1: no room\n'),
    });
  });
});
