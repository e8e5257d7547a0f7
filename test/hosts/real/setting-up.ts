import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetsPath } from '../../../src/assets-path.js';
import { type Journal, openJournal } from '../../../src/journal/journal.js';
import { loadCatalogue } from '../../../src/runbooks/load.js';
import { openSetup } from '../../../src/setup.js';
import type { CellState, RunWish, SetupDesk, SetupHost, SetupOutline } from '../../../src/state/setup.js';
import { createStore } from '../../../src/state/store.js';
import { until } from '../../kube/until.js';
import { scriptedAsker } from '../asking.js';
import type { Machines } from './machines.js';

/** Guided setup of real machines, as ops over SSH with sudo, from the program's own playbooks. */
export interface SettingUp {
  readonly desk: SetupDesk;
  readonly journal: Journal;
  outline(): Promise<SetupOutline>;
  /** Looks at all of them. */
  look(): Promise<CellWords>;
  /** Runs to the end: all steps, or those of the wish. */
  run(wish?: Partial<RunWish>): Promise<CellWords>;
  /** Takes a step back, to its end. */
  undo(step: string, column: string): Promise<CellState>;
  cell(step: string, column: string): CellState;
  /** A cell as soon as it is as wanted. */
  when(step: string, column: string, wanted: (state: CellState) => boolean, ms?: number): Promise<CellState>;
  states(): CellWords;
  /** What was applied or taken back so far, as `apply STEP COLUMN RESULT`, oldest first. */
  done(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What each cell is, by `step column`; where it is not as it should be, with the reason. */
export type CellWords = Readonly<Record<string, string>>;

export interface SettingUpOptions {
  readonly hosts: readonly SetupHost[];
  readonly steps: readonly string[];
  readonly values?: Readonly<Record<string, string>>;
  readonly who?: string;
  /** Where the journal lies; one that goes with the machines by default. */
  readonly folder?: string;
  /** Playbooks of the test's own, as texts. */
  readonly playbooks?: readonly string[];
}

/** Opens guided setup with these steps alone; nothing is looked at yet. */
export async function setUpMachines(machines: Machines, options: SettingUpOptions): Promise<SettingUp> {
  const { hosts, steps, values = {}, who = 'ann@desk', folder = mkdtempSync(join(machines.home, 'state-')), playbooks = [] } = options;
  const own = ownFolder(folder, steps, playbooks);
  const store = createStore({ flushMs: 1, settleMs: 0 });
  const journal = openJournal({ dir: folder });
  const desk = openSetup({
    store,
    journal,
    journalFolder: folder,
    who,
    program: 'gpuk8s-tui 0.0.0',
    ownPlaybooks: own,
    asker: scriptedAsker({}),
    hosts: { user: 'ops', key: machines.key },
    env: {},
    homeDir: machines.home,
    context: null,
    kubeconfig: { file: null, text: null },
    nodes: () => null,
    readOnly: false,
    lastChoice: () => null,
    keepChoice: () => undefined,
  });
  const choice = { profile: 'of-the-test', playbooks: [], hosts, values, seat: 'first-control-plane' } as const;
  const { problems } = await desk.outline(choice);
  if (problems.length > 0) throw new Error(problems.join(' '));
  await desk.open(choice, {});
  const cells = () => store.snapshot().setup.value?.cells ?? new Map();
  const cell = (step: string, column: string): CellState => cells().get(`${step} ${column}`)?.state ?? { state: 'unknown', why: 'there is no such cell' };
  const states = (): CellWords => Object.fromEntries([...cells().values()].map(({ step, column, state }) => [`${step} ${column}`, words(state)]));
  /** The last change is shown a moment later. */
  const shown = () => until(() => ![...cells().values()].some(({ state }) => ['checking', 'running'].includes(state.state)), 5_000);
  return {
    desk,
    journal,
    outline: () => desk.outline(choice),
    cell,
    states,
    async look() {
      await desk.check();
      await shown();
      return states();
    },
    async run(wish = {}) {
      await desk.run({ steps: null, columns: null, stepByStep: false, typed: null, ...wish });
      await desk.settled();
      await shown();
      return states();
    },
    async undo(step, column) {
      await desk.undo(step, column, null);
      await desk.settled();
      await shown();
      return cell(step, column);
    },
    async when(step, column, wanted, ms = 30_000) {
      const look = () => {
        const state = cell(step, column);
        return wanted(state) ? state : null;
      };
      return until(look, ms).catch(() => {
        throw new Error(`${step} on ${column} after ${ms} ms: ${JSON.stringify(cell(step, column))}`);
      });
    },
    async done() {
      const { entries } = await journal.read();
      return entries
        .map(
          ({ operation, result }) =>
            `${wordIn(operation.input, 'phase')} ${wordIn(operation.input, 'step')} ${wordIn(operation.input, 'column')} ${result ?? 'open'}`,
        )
        .reverse();
    },
    async close() {
      await desk.close();
      store.close();
    },
  };
}

/** A folder of playbooks with a profile that has these steps and no others. */
export function ownFolder(folder: string, steps: readonly string[], playbooks: readonly string[] = []): string {
  const own = mkdtempSync(join(folder, 'runbooks-'));
  mkdirSync(join(own, 'profiles'));
  for (const [index, text] of playbooks.entries()) writeFileSync(join(own, `own-${index}.yaml`), text);
  const known = loadCatalogue({ assets: assetsPath(), own }).playbooks;
  const chosen = known.filter((each) => each.steps.some(({ id }) => steps.includes(id)));
  const without = chosen.flatMap((each) => each.steps.flatMap(({ id }) => (steps.includes(id) ? [] : [id])));
  const profile = `id: of-the-test\ntitle: Of the test\nabout: Steps that a test is about.\nplaybooks: [${chosen.map(({ id }) => id).join(', ')}]\nwithout: [${without.join(', ')}]\n`;
  writeFileSync(join(own, 'profiles', 'of-the-test.yaml'), profile);
  return own;
}

function wordIn(input: unknown, field: string): string {
  return typeof input === 'object' && input !== null ? String(new Map(Object.entries(input)).get(field)) : '';
}

function words(state: CellState): string {
  switch (state.state) {
    case 'failed':
    case 'unknown':
    case 'missing':
    case 'drifted':
      return `${state.state}: ${state.why}`;
    case 'asks':
      return `asks: ${state.question}`;
    default:
      return state.state;
  }
}
