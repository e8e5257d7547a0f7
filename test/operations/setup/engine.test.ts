import { beforeEach, describe, expect, it } from 'vitest';
import { setupBook } from '../../../src/operations/setup/book.js';
import { type DoOptions, type Engine, setupEngine } from '../../../src/operations/setup/engine.js';
import type { Checked } from '../../../src/operations/setup/phases.js';
import { allCells } from '../../../src/operations/setup/scope.js';
import type { LifeEnd } from '../../../src/operations/setup/step-life.js';
import { type CellRef, cellKey, type Work } from '../../../src/operations/setup/work.js';
import type { CellState, RunWish } from '../../../src/state/setup.js';
import { createStore } from '../../../src/state/store.js';
import { anOutline, aStep, someWork } from './a-step.js';

const all: RunWish = { steps: null, columns: null, stepByStep: false, typed: null };
const missing: Checked = { state: { state: 'missing', why: 'not there' }, mark: 'none', lines: [] };
const done: Checked = { state: { state: 'done', said: null }, mark: 'verified', lines: [] };
const ended: LifeEnd = { end: 'state', state: { state: 'done', said: null } };
const broke: LifeEnd = { end: 'state', state: { state: 'failed', why: 'it broke', diagnosis: null } };

/** An engine whose steps begin and end as the test says. */
function anEngine(
  work: Work,
  { looked = {}, machines = {} }: { readonly looked?: Readonly<Record<string, Checked>>; readonly machines?: Readonly<Record<string, string>> } = {},
) {
  const begun: string[] = [];
  const options = new Map<string, DoOptions>();
  const ends = new Map<string, (end: LifeEnd) => void>();
  const forgotten: string[] = [];
  const columns = [...new Set(allCells(work).map(({ column }) => column))];
  const store = createStore();
  const book = setupBook({ store, outline: anOutline(work, columns), now: () => 1_000 });
  const engine = setupEngine({
    work,
    book,
    carryOut(cell, how) {
      const key = cellKey(cell);
      begun.push(how.job === 'undo' ? `undo ${key}` : key);
      options.set(key, how);
      return new Promise((resolve) => ends.set(key, resolve));
    },
    async look(cells, onChecked) {
      for (const cell of cells) onChecked(cell, looked[cellKey(cell)] ?? missing);
    },
    machine: (column) => machines[column] ?? column,
    giver(name) {
      const step = work.steps.find(({ gives }) => gives.includes(name));
      const [column] = step === undefined ? [] : work.columns(step.id);
      return step === undefined || column === undefined ? null : { step: step.id, column };
    },
    forget: (step) => forgotten.push(step),
  });
  return {
    engine,
    begun,
    options,
    forgotten,
    run: () => book.run(),
    state: (key: string): CellState['state'] => book.state(cellOf(key)).state,
    cell: (key: string): CellState => book.state(cellOf(key)),
    async end(key: string, end: LifeEnd = ended) {
      const resolve = ends.get(key);
      if (resolve === undefined) throw new Error(`${key} has not begun`);
      ends.delete(key);
      resolve(end);
      await new Promise((settled) => setImmediate(settled));
    },
  };
}

function cellOf(key: string): CellRef {
  const [step = '', column = ''] = key.split(' ');
  return { step, column };
}

describe('carrying out a setup', () => {
  const chain = someWork([aStep('repo'), aStep('install', { needs: ['repo'] }), aStep('config', { needs: ['install'] })], ['a', 'b']);
  let run: ReturnType<typeof anEngine>;
  let engine: Engine;

  beforeEach(() => {
    run = anEngine(chain);
    engine = run.engine;
  });

  it('works on all machines at once, one step after another on each', async () => {
    await engine.run(all);
    expect(run.begun).toEqual(['repo a', 'repo b']);
    expect(run.cell('install a')).toEqual({ state: 'waiting', for: 'repo' });
    await run.end('repo b');
    expect(run.begun).toEqual(['repo a', 'repo b', 'install b']);
    for (const key of ['install b', 'config b', 'repo a', 'install a', 'config a']) await run.end(key);
    await engine.settled();
    expect(run.run()).toBe('ended');
  });

  it('does nothing where everything is done already', async () => {
    run = anEngine(chain, { looked: Object.fromEntries(allCells(chain).map((cell) => [cellKey(cell), done])) });
    await run.engine.run(all);
    await run.engine.settled();
    expect(run.begun).toEqual([]);
    expect(run.run()).toBe('ended');
  });

  it('takes up what was begun and whose end nobody saw, although it looks done', async () => {
    run = anEngine(chain, { looked: { 'repo a': { ...done, mark: 'begun' } } });
    await run.engine.run({ ...all, steps: ['repo'], columns: ['a'] });
    expect(run.begun).toEqual(['repo a']);
  });

  it('pauses only what depends on a failure', async () => {
    await engine.run(all);
    await run.end('repo a', broke);
    for (const key of ['repo b', 'install b', 'config b']) await run.end(key);
    expect(run.run()).toBe('paused');
    expect(run.cell('install a')).toEqual({ state: 'waiting', for: 'repo' });
    expect(run.state('config b')).toBe('done');
    await engine.settled();
  });

  it('goes on after another try, and makes secrets anew for it', async () => {
    await engine.run({ ...all, columns: ['a'] });
    await run.end('repo a', broke);
    engine.answer({ step: 'repo', column: 'a' }, 'retry');
    expect(run.options.get('repo a')).toMatchObject({ anew: true, overwrite: false });
    expect(run.forgotten).toEqual(['repo']);
    await run.end('repo a');
    expect(run.begun.at(-1)).toBe('install a');
  });

  it('goes on without a step that is left out', async () => {
    await engine.run({ ...all, columns: ['a'] });
    await run.end('repo a', broke);
    engine.answer({ step: 'repo', column: 'a' }, 'skip');
    expect(run.state('repo a')).toBe('skipped');
    expect(run.begun.at(-1)).toBe('install a');
  });

  it('writes over a file when it is told to', async () => {
    await engine.run({ ...all, columns: ['a'] });
    await run.end('repo a', { end: 'state', state: { state: 'asks', question: 'x was edited by hand', diff: [] } });
    expect(run.run()).toBe('paused');
    engine.answer({ step: 'repo', column: 'a' }, 'overwrite');
    expect(run.options.get('repo a')?.overwrite).toBe(true);
  });

  it('takes a failed step back without going on to what needs it', async () => {
    await engine.run({ ...all, columns: ['a'] });
    await run.end('repo a', broke);
    engine.answer({ step: 'repo', column: 'a' }, 'undo');
    await run.end('repo a', { end: 'state', state: { state: 'missing', why: null } });
    expect(run.begun).toEqual(['repo a', 'undo repo a']);
    expect(run.run()).toBe('paused');
  });

  it('takes a step back when nothing else runs', async () => {
    engine.undo({ step: 'config', column: 'b' }, null);
    await run.end('config b', { end: 'state', state: { state: 'missing', why: null } });
    await engine.settled();
    expect(run.begun).toEqual(['undo config b']);
    expect(run.run()).toBe('ended');
  });

  it('begins nothing more once it is stopped, and shows what was seen of the rest', async () => {
    await engine.run(all);
    engine.stop();
    expect(run.run()).not.toBe('ended');
    expect(run.cell('install a')).toEqual({ state: 'missing', why: 'not there' });
    await run.end('repo a');
    await run.end('repo b');
    expect(run.begun).toEqual(['repo a', 'repo b']);
    expect(run.run()).toBe('ended');
  });

  it('waits for a key before each step when it goes step by step', async () => {
    await engine.run({ ...all, columns: ['a'], stepByStep: true });
    expect(run.begun).toEqual([]);
    engine.next();
    expect(run.begun).toEqual(['repo a']);
    await run.end('repo a');
    expect(run.begun).toEqual(['repo a']);
    engine.next();
    expect(run.begun).toEqual(['repo a', 'install a']);
  });

  it('does what a wished step needs, and no more', async () => {
    await engine.run({ ...all, steps: ['install'], columns: ['b'] });
    await run.end('repo b');
    await run.end('install b');
    expect(run.begun).toEqual(['repo b', 'install b']);
    expect(run.run()).toBe('ended');
  });

  it('waits for all machines where the step that is needed is done elsewhere', async () => {
    const work = someWork([aStep('init'), aStep('join', { needs: ['init'] })], { init: ['cp'], join: ['g1', 'g2'] });
    run = anEngine(work);
    await run.engine.run(all);
    expect(run.begun).toEqual(['init cp']);
    await run.end('init cp');
    expect(run.begun).toEqual(['init cp', 'join g1', 'join g2']);
  });

  it('does serial steps on one machine at a time', async () => {
    run = anEngine(someWork([aStep('join', { serial: true })], ['a', 'b']));
    await run.engine.run(all);
    expect(run.begun).toEqual(['join a']);
    await run.end('join a');
    expect(run.begun).toEqual(['join a', 'join b']);
  });

  it('lets no two machines be down at once', async () => {
    run = anEngine(someWork([aStep('cgroups', { reboots: true }), aStep('driver', { reboots: true })], { cgroups: ['a'], driver: ['b'] }));
    await run.engine.run(all);
    expect(run.begun).toEqual(['cgroups a']);
  });

  it('works on one thing at a time where two columns are one machine', async () => {
    run = anEngine(someWork([aStep('host'), aStep('api')], { host: ['cp'], api: ['cluster'] }), { machines: { cluster: 'cp' } });
    await run.engine.run(all);
    expect(run.begun).toEqual(['host cp']);
  });

  it('has a secret made again by the step that gives it', async () => {
    const work = someWork([aStep('init', { gives: ['TOKEN'] }), aStep('join', { needs: ['init'] })], { init: ['cp'], join: ['g1'] });
    run = anEngine(work, { looked: { 'init cp': done } });
    await run.engine.run(all);
    expect(run.begun).toEqual(['join g1']);
    await run.end('join g1', { end: 'lacks', names: ['TOKEN'] });
    expect(run.begun).toEqual(['join g1', 'init cp']);
    expect(run.options.get('init cp')?.again).toBe(true);
    await run.end('init cp');
    expect(run.begun.at(-1)).toBe('join g1');
    await run.end('join g1', { end: 'lacks', names: ['TOKEN'] });
    expect(run.cell('join g1')).toMatchObject({ state: 'failed', why: 'init was done and did not give TOKEN' });
  });

  it('runs nothing destructive unless the name of the cluster was typed', async () => {
    const work = someWork([aStep('wipe', { risk: 'destructive' })], ['a']);
    run = anEngine(work);
    await expect(run.engine.run(all)).rejects.toThrow('wipe on a destroys what does not come back: type lab to confirm');
    await expect(run.engine.run({ ...all, typed: 'prod' })).rejects.toThrow('type lab');
    expect(run.begun).toEqual([]);
    await run.engine.run({ ...all, typed: 'lab' });
    expect(run.begun).toEqual(['wipe a']);
  });

  it('does not begin twice', async () => {
    await engine.run(all);
    await expect(engine.run(all)).rejects.toThrow('something runs already');
    expect(() => engine.answer({ step: 'repo', column: 'a' }, 'retry')).toThrow('repo on a is being done just now');
  });
});
