import { describe, expect, it } from 'vitest';
import { HostError } from '../../../src/hosts/host-error.js';
import type { PhaseEnd } from '../../../src/operations/setup/cell-state.js';
import { type LifeWorld, liveStep, takeBack } from '../../../src/operations/setup/step-life.js';
import type { CellState } from '../../../src/state/setup.js';
import { aStep } from './a-step.js';

const dropped = new HostError('dropped', 'the connection to gpu-1 was lost');

/** A world in which phases end as the test says, one after another. */
function aWorld(ends: readonly (readonly [phase: string, end: Partial<PhaseEnd> | Error])[], overrides: Partial<LifeWorld> = {}) {
  const script = [...ends];
  const asked: string[] = [];
  const shown: CellState[] = [];
  const journal: string[] = [];
  let clock = 0;
  const world: LifeWorld = {
    step: aStep('install'),
    async phase(name, { overwrite = false, onLine }) {
      asked.push(overwrite ? `${name}!` : name);
      const [expected, end] = script.shift() ?? ['nothing', new Error('nothing more was expected')];
      if (expected !== name) throw new Error(`${name} came where ${expected} was expected`);
      if (end instanceof Error) throw end;
      for (const line of end.lines ?? []) onLine?.(line);
      return anEnd(end);
    },
    reboots: { reboot: async () => 'nobody thought of a reboot', after: async () => 'nobody thought of a reboot' },
    show: (state) => shown.push(state),
    async record(phase) {
      journal.push(`begin ${phase}`);
      return { line: () => undefined, end: async (result, said) => void journal.push(`${result}${said === null ? '' : `: ${said}`}`) };
    },
    diagnose: (line) => (line.includes('swap') ? { signature: 'swap-on', line, cause: 'swap is on', step: 'swap-off', remedy: null } : null),
    lacking: () => [],
    give: () => undefined,
    refusal: null,
    overwrite: false,
    again: false,
    anew: false,
    stopping: () => false,
    leaving: new AbortController().signal,
    async pause(ms) {
      clock += ms;
    },
    now: () => clock,
    ...overrides,
  };
  return { world, asked, shown, journal, left: script };
}

function anEnd(end: Partial<PhaseEnd>): PhaseEnd {
  return {
    exit: 0,
    lines: [],
    heldBy: null,
    broken: null,
    late: false,
    mark: 'none',
    boot: 'none',
    drained: false,
    unmarked: null,
    unleased: null,
    gives: new Map(),
    ...end,
  };
}

describe('the life of a step', () => {
  it('looks, does, and sees that it is done', async () => {
    const { world, asked, journal } = aWorld([
      ['check', { exit: 1 }],
      ['apply', {}],
      ['verify', { lines: ['3 of 3 run'] }],
    ]);
    expect(await liveStep(world)).toEqual({ end: 'state', state: { state: 'done', said: '3 of 3 run' } });
    expect(asked).toEqual(['check', 'apply', 'verify']);
    expect(journal).toEqual(['begin apply', 'done: 3 of 3 run']);
  });

  it('does nothing where it is done', async () => {
    const { world, journal } = aWorld([['check', { exit: 0 }]]);
    expect(await liveStep(world)).toMatchObject({ state: { state: 'done' } });
    expect(journal).toEqual([]);
  });

  it('does nothing where it could not look', async () => {
    const { world } = aWorld([['check', { exit: 82, lines: ['kubeadm is not installed here'] }]]);
    expect(await liveStep(world)).toMatchObject({ state: { state: 'failed', why: 'it could not be looked at: kubeadm is not installed here' } });
  });

  it('says why a step that only reports cannot be done', async () => {
    const { world } = aWorld([['check', { exit: 1, lines: ['1 CPU, kubeadm takes 2'] }]], { step: aStep('host-facts', { apply: null }) });
    expect(await liveStep(world)).toMatchObject({ state: { state: 'failed', why: '1 CPU, kubeadm takes 2' } });
  });

  it('is asked again for as long as it has patience', async () => {
    const { world, asked } = aWorld(
      [
        ['check', { exit: 1 }],
        ['apply', {}],
        ['verify', { exit: 1 }],
        ['verify', { exit: 1 }],
        ['verify', { exit: 0 }],
      ],
      { step: aStep('wait', { patienceMs: 60_000 }) },
    );
    expect(await liveStep(world)).toMatchObject({ state: { state: 'done' } });
    expect(asked.filter((phase) => phase === 'verify')).toHaveLength(3);
  });

  it('fails when its patience is over, with what was seen last', async () => {
    const { world, journal } = aWorld(
      [
        ['check', { exit: 1 }],
        ['apply', {}],
        ['verify', { exit: 1 }],
        ['verify', { exit: 1, lines: ['the node is NotReady'] }],
      ],
      { step: aStep('wait', { patienceMs: 2_000 }) },
    );
    expect(await liveStep(world)).toMatchObject({ state: { state: 'failed', why: 'not seen to be done within 2s: the node is NotReady' } });
    expect(journal.at(-1)).toBe('failed: not seen to be done within 2s: the node is NotReady');
  });

  it('tells what the output means when it fails', async () => {
    const { world } = aWorld([
      ['check', { exit: 1 }],
      ['apply', { exit: 1, lines: ['running with swap on is not supported', 'kubelet did not start'] }],
    ]);
    expect(await liveStep(world)).toMatchObject({
      state: { state: 'failed', why: 'kubelet did not start', diagnosis: { signature: 'swap-on', step: 'swap-off' } },
    });
  });

  it('waits for somebody else who is at work there, and tells who it is', async () => {
    const { world, shown } = aWorld([
      ['check', { heldBy: 'bob@desk since 11:58, step crio-install', exit: 84 }],
      ['check', { exit: 0 }],
    ]);
    expect(await liveStep(world)).toMatchObject({ state: { state: 'done' } });
    expect(shown).toContainEqual({ state: 'held', by: 'bob@desk since 11:58, step crio-install', since: 0 });
  });

  it('does not do what somebody else has done meanwhile', async () => {
    const { world, asked, shown } = aWorld([
      ['check', { exit: 1 }],
      ['apply', { heldBy: 'bob@desk since 11:58, step install', exit: 84 }],
      ['check', { heldBy: 'bob@desk since 11:58, step install', exit: 84 }],
      ['check', { exit: 0 }],
      ['verify', {}],
    ]);
    expect(await liveStep(world)).toMatchObject({ state: { state: 'done' } });
    expect(asked).toEqual(['check', 'apply', 'check', 'check', 'verify']);
    expect(shown.filter(({ state }) => state === 'held')).toHaveLength(2);
  });

  it('says on its page where nobody else could be kept out', async () => {
    const lines: string[] = [];
    const { world } = aWorld(
      [
        ['check', { exit: 1 }],
        ['apply', { unleased: 'Error from server (Forbidden): leases is forbidden' }],
        ['verify', {}],
      ],
      { record: async () => ({ line: (text) => void lines.push(text), end: async () => undefined }) },
    );
    expect(await liveStep(world)).toMatchObject({ state: { state: 'done' } });
    expect(lines).toEqual([
      'nobody on another computer is kept from working on this cluster meanwhile: its Lease cannot be taken: Error from server (Forbidden): leases is forbidden',
    ]);
  });

  it('stops waiting when it is stopped', async () => {
    const { world } = aWorld([['check', { heldBy: 'bob@desk', exit: 84 }]], { stopping: () => true });
    expect(await liveStep(world)).toEqual({ end: 'stopped' });
  });

  it('asks whether to write over what was edited by hand', async () => {
    const diff = ['--- /etc/a', '+++ /etc/a (as it should be)', '@@ -1 +1 @@', '-by hand', '+ours'];
    const { world } = aWorld([
      ['check', { exit: 80 }],
      ['apply', { exit: 83, lines: [...diff, '/etc/a was edited by hand since it was written'] }],
    ]);
    expect(await liveStep(world)).toEqual({ end: 'state', state: { state: 'asks', question: '/etc/a was edited by hand since it was written', diff } });
  });

  it('does not do a second time what went on there after the connection was lost', async () => {
    const { world, asked, shown } = aWorld([
      ['check', { exit: 1 }],
      ['apply', dropped],
      ['check', dropped],
      ['check', { heldBy: 'alice@laptop since 12:01, step install', exit: 84 }],
      ['check', { exit: 0 }],
      ['verify', {}],
    ]);
    expect(await liveStep(world)).toMatchObject({ state: { state: 'done' } });
    expect(asked).toEqual(['check', 'apply', 'check', 'check', 'check', 'verify']);
    expect(shown.map((state) => (state.state === 'running' ? state.said : null))).toContain(
      'the connection is back; alice@laptop since 12:01, step install is still at work there',
    );
  });

  it('does again what came to no end there', async () => {
    const { world, asked } = aWorld([
      ['check', { exit: 1 }],
      ['apply', dropped],
      ['check', { exit: 1 }],
      ['apply', {}],
      ['verify', {}],
    ]);
    expect(await liveStep(world)).toMatchObject({ state: { state: 'done' } });
    expect(asked).toEqual(['check', 'apply', 'check', 'apply', 'verify']);
  });

  it('gives up on a machine that does not come back', async () => {
    const { world } = aWorld([['check', { exit: 1 }], ['apply', dropped], ...Array.from({ length: 200 }, () => ['check', dropped] as const)]);
    expect(await liveStep(world)).toMatchObject({ state: { state: 'failed', why: 'the connection to gpu-1 was lost' } });
  });

  it('does not try again what a person has to put right', async () => {
    const { world, asked } = aWorld([
      ['check', new HostError('sudo', 'the password of alice for sudo on gpu-1 is wrong', { fix: 'refresh to be asked again' })],
    ]);
    expect(await liveStep(world)).toMatchObject({ state: { why: 'the password of alice for sudo on gpu-1 is wrong: refresh to be asked again' } });
    expect(asked).toEqual(['check']);
  });

  it('changes nothing that cannot be written down', async () => {
    const { world, asked } = aWorld([['check', { exit: 1 }]], { record: () => Promise.reject(new Error('nothing was changed: cannot write the journal')) });
    expect(await liveStep(world)).toMatchObject({ state: { state: 'failed', why: 'nothing was changed: cannot write the journal' } });
    expect(asked).toEqual(['check']);
  });

  it('says what it lacks before anything is done', async () => {
    const { world, asked } = aWorld([['check', { exit: 1 }]], { lacking: () => ['JOIN_TOKEN'] });
    expect(await liveStep(world)).toEqual({ end: 'lacks', names: ['JOIN_TOKEN'] });
    expect(asked).toEqual(['check']);
  });

  it('is done again for what it gives', async () => {
    const given = new Map<string, string>();
    const { world } = aWorld(
      [
        ['check', { exit: 0 }],
        ['apply', { gives: new Map([['JOIN_TOKEN', 'abc']]) }],
        ['verify', {}],
      ],
      { again: true, give: (name, value) => void given.set(name, value) },
    );
    await liveStep(world);
    expect(given.get('JOIN_TOKEN')).toBe('abc');
  });

  it('reboots after it was applied, and only then is verified', async () => {
    const done: string[] = [];
    const reboots: LifeWorld['reboots'] = {
      reboot: async (drained) => {
        done.push(`reboot ${drained}`);
        return null;
      },
      after: async (drained) => {
        done.push(`after ${drained}`);
        return null;
      },
    };
    const step = aStep('cgroups', { reboots: true });
    const fresh = aWorld(
      [
        ['check', { exit: 1 }],
        ['apply', {}],
        ['verify', {}],
      ],
      { step, reboots },
    );
    expect(await liveStep(fresh.world)).toMatchObject({ state: { state: 'done' } });
    const begun = aWorld(
      [
        ['check', { exit: 1, boot: 'same', drained: true }],
        ['verify', {}],
      ],
      { step, reboots },
    );
    expect(await liveStep(begun.world)).toMatchObject({ state: { state: 'done' } });
    const back = aWorld(
      [
        ['check', { exit: 1, boot: 'new', drained: true }],
        ['verify', {}],
      ],
      { step, reboots },
    );
    expect(await liveStep(back.world)).toMatchObject({ state: { state: 'done' } });
    expect(done).toEqual(['reboot false', 'reboot true', 'after true']);
  });

  it('is taken back, and seen to be gone', async () => {
    const { world, journal } = aWorld([
      ['undo', {}],
      ['check', { exit: 1, lines: ['it is not there'] }],
    ]);
    expect(await takeBack(world)).toMatchObject({ state: { state: 'missing' } });
    expect(journal).toEqual(['begin undo', 'done: it is not there']);
    const stays = aWorld([
      ['undo', {}],
      ['check', { exit: 0 }],
    ]);
    expect(await takeBack(stays.world)).toMatchObject({ state: { state: 'failed', why: 'it was taken back, and is there all the same' } });
  });
});
