import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openJournal } from '../../../src/journal/journal.js';
import { begun } from '../../../src/operations/experiment/begin.js';
import { openChronicle } from '../../../src/operations/experiment/chronicle.js';
import { conduct } from '../../../src/operations/experiment/conduct.js';
import { lockHolder, takeLock } from '../../../src/operations/experiment/lock.js';
import { marksOf } from '../../../src/operations/experiment/marks.js';
import { parseState, stateDocument } from '../../../src/operations/experiment/state-document.js';
import { experimentFiles } from '../../../src/operations/experiment/state-file.js';
import { createSteadyClock } from '../../../src/operations/experiment/steady-clock.js';
import { summaryCsv, summaryMarkdown, summaryText } from '../../../src/operations/experiment/summary.js';
import { aBench, aSpec, aWorkload, plainClock } from './a-bench.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-experiment-'));
  folders.push(folder);
  return folder;
}

/** An experiment that has gone through all of its phases, with its journal and state on disk. */
async function done() {
  const folder = aFolder();
  const files = experimentFiles({ XDG_STATE_HOME: folder }, folder);
  const journal = openJournal({ dir: join(folder, 'gpuk8s-tui') });
  const spec = aSpec({ warmUpMs: 0, coolDownMs: 0 });
  const plan = { spec, context: 'lab', file: null, before: [2], phases: [], totalMs: 0, dataBytes: 0, warnings: [], blockers: [], resumesIn: null };
  const start = begun(plan, [{ ...aWorkload, uid: 'uid-1', replicas: 2 }], Date.now());
  const chronicle = await openChronicle(start, { journal, who: 'ops@headnode', onTrouble: (text) => expect(text).toBe('') });
  const interrupt = new AbortController().signal;
  const state = await conduct(start, { bench: aBench(), clock: plainClock, files, chronicle, interrupt, onState: () => undefined, everyMs: 2 });
  return { folder, files, journal, state };
}

describe('the state of an experiment', () => {
  it('is read back as it was written, by its owner alone', async () => {
    const { files, state } = await done();
    expect(await files.read('replicas')).toEqual(state);
    expect(parseState(stateDocument(state))).toEqual(state);
    expect(statSync(join(files.folder, 'replicas.json')).mode & 0o777).toBe(0o600);
  });

  it('that cannot be understood is told of, with what to do', async () => {
    const { files } = await done();
    for (const broken of [
      '',
      '{"schemaVersion":1',
      '{"schemaVersion":9}',
      '{"schemaVersion":1,"status":"running"}',
      '[]',
      '{"schemaVersion":1,"spec":{"phases":7}}',
    ]) {
      writeFileSync(join(files.folder, 'replicas.json'), broken);
      await expect(files.read('replicas')).rejects.toThrow(/cannot understand .*look at the workload's replicas yourself/);
    }
    expect(await files.readAll()).toEqual([]);
    expect(await files.read('other')).toBeNull();
  });

  it('marks charts of its services where its phases begin and end', async () => {
    const { files, state } = await done();
    const all = { from: 0, to: Date.now() };
    expect((await marksOf(files, 'lab', 'ai/resnet50-inference', all)).map(({ text }) => text)).toEqual([
      'Baseline: 1 replica',
      'Baseline: 1 replica end',
      'Modest: 3 replicas',
      'Modest: 3 replicas end',
      'High: 8 replicas',
      'High: 8 replicas end',
    ]);
    expect(await marksOf(files, 'lab', 'ai/whisper', all)).toEqual([]);
    expect(await marksOf(files, 'prod', 'ai/resnet50-inference', all)).toEqual([]);
    expect(await marksOf(files, 'lab', 'ai/resnet50-inference', { from: 0, to: (state.phases[0]?.from ?? 0) - 1 })).toEqual([]);
  });
});

describe('the journal of an experiment', () => {
  it('has a beginning and an end for it, for each phase with its figures, and for the way back', async () => {
    const { journal } = await done();
    const { entries } = await journal.read();
    expect([...entries].reverse().map(({ title, result }) => `${result}: ${title}`)).toEqual([
      'done: Experiment replicas: 1, 3, 8 replicas of deployment ai/resnet50-inference',
      'done: Experiment replicas, phase 1 of 3 (Baseline): 1 replica of deployment ai/resnet50-inference',
      'done: Experiment replicas, phase 2 of 3 (Modest): 3 replicas of deployment ai/resnet50-inference',
      'done: Experiment replicas, phase 3 of 3 (High): 8 replicas of deployment ai/resnet50-inference',
      'done: Experiment replicas: scale deployment ai/resnet50-inference back',
    ]);
    expect(entries.find(({ title }) => title.includes('phase 2'))).toMatchObject({
      said: 'p95 38 ms, 212 req/s, load Modest',
      undo: 'kubectl -n ai scale deployment/resnet50-inference --replicas=2',
      plan: ['PATCH /apis/apps/v1/namespaces/ai/deployments/resnet50-inference/scale {"spec":{"replicas":3}}'],
    });
  });
});

describe('the summary of an experiment', () => {
  it('is one row for each phase, as text, CSV and Markdown', async () => {
    const { state } = await done();
    expect(summaryText(state).split('\n')[0]).toMatch(/^phase {2}name {6}replicas {2}least ready {2}p50 \[s\]/);
    expect(summaryCsv(state).trimEnd().split('\n')).toEqual([
      'phase,name,replicas,least ready,p50 [s],p95 [s],p99 [s],mean [s],requests [1/s],load,CPU [%],GPU [%],PSI cpu [%],PSI io [%],PSI memory full [%],gaps [s]',
      '1,Baseline,1,1,0.02,0.038,0.061,0.023,212,Modest,48.2,61,3.5,0.2,0,0',
      '2,Modest,3,3,0.02,0.038,0.061,0.023,212,Modest,48.2,61,3.5,0.2,0,0',
      '3,High,8,8,0.02,0.038,0.061,0.023,212,Modest,48.2,61,3.5,0.2,0,0',
    ]);
    expect(summaryMarkdown(state)).toContain('| 2 | Modest | 3 | 3 | 0.02 | 0.038 |');
    const unmeasured = { ...state, phases: state.phases.map((phase) => ({ ...phase, measured: null, leastReady: null })) };
    expect(summaryCsv(unmeasured).split('\n')[1]).toBe('1,Baseline,1,,,,,,,,,,,,,0');
  });
});

describe('the lock on a context', () => {
  it('is refused while its holder lives, and taken from one that is gone', async () => {
    const folder = aFolder();
    const lock = await takeLock(folder, 'lab', 'one');
    expect(await lockHolder(folder, 'lab')).toMatchObject({ experiment: 'one' });
    expect(await lockHolder(folder, 'prod')).toBeNull();
    await lock.release();
    expect(await lockHolder(folder, 'lab')).toBeNull();
    const again = await takeLock(folder, 'a/b:c', 'two');
    const [file = ''] = readdirSync(folder);
    const held = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    writeFileSync(join(folder, file), JSON.stringify({ ...held, process: { ...held.process, pid: 1, started: null, host: 'another-machine' } }));
    await expect(takeLock(folder, 'a/b:c', 'three')).rejects.toThrow('experiment two runs on context a/b:c (process 1 on another-machine)');
    writeFileSync(join(folder, file), JSON.stringify({ ...held, process: { ...held.process, started: 'an earlier boot' } }));
    await (await takeLock(folder, 'a/b:c', 'three')).release();
    await again.release();
  });
});

describe('the clock of an experiment', () => {
  it('goes on as before when the clock of this machine is put forward, and says so', async () => {
    let [wall, steady] = [1_000_000, 0];
    const clock = await createSteadyClock(async () => 5_000_000 + steady, { wall: () => wall, steady: () => steady });
    wall += 3_600_000 + 1_000;
    steady += 1_000;
    expect(await clock.look()).toBe("this machine's clock was put forward by 3600 s; the experiment counts on as before");
    expect(clock.now()).toBe(5_001_000);
    wall -= 7_200_000;
    expect(await clock.look()).toMatch(/put back by 7200 s/);
    expect(clock.now()).toBe(5_001_000);
    expect(await clock.look()).toBeNull();
  });

  it('counts the time for which this machine slept, by Prometheus’ clock', async () => {
    let [wall, steady, told] = [1_000_000, 0, 5_000_000];
    const clock = await createSteadyClock(async () => told, { wall: () => wall, steady: () => steady });
    wall += 720_000;
    told += 720_000;
    steady += 10;
    expect(await clock.look()).toBe('this machine slept for 720 s');
    expect(clock.now()).toBe(5_720_000);
  });

  it('is this machine’s where Prometheus does not tell its time', async () => {
    const clock = await createSteadyClock(() => Promise.reject(new Error('refused')), { wall: () => 42, steady: () => 0 });
    expect(clock.now()).toBe(42);
  });
});
