import type { SetupPlace } from '../../src/cli/setup-place.js';
import type { CellState, RunWish, Setup, SetupCatalogue, SetupChoice, SetupDesk, SetupOutline, SetupStep } from '../../src/state/setup.js';

/** A step of an outline. */
export function aSetupStep(id: string, over: Partial<SetupStep> = {}): SetupStep {
  return {
    id,
    playbook: 'host-prep',
    title: `Do ${id}`,
    why: `So that ${id} is done.`,
    risk: 'safe',
    needs: [],
    on: ['gpu-1', 'gpu-2'],
    reportOnly: false,
    reboots: false,
    canUndo: true,
    replaces: null,
    ...over,
  };
}

export const labChoice: SetupChoice = {
  profile: 'lab',
  playbooks: [],
  hosts: [
    { name: 'gpu-1', address: '10.0.0.11', roles: ['control-plane', 'gpu'] },
    { name: 'gpu-2', address: '10.0.0.12', roles: ['gpu'] },
  ],
  values: {},
  seat: 'here',
};

export interface ScriptedPlaceOptions {
  readonly last?: SetupChoice | null;
  readonly steps?: readonly SetupStep[];
  readonly problems?: readonly string[];
  readonly variables?: SetupOutline['variables'];
  /** What is seen, by `step column`; done where nothing stands. */
  readonly seen?: Readonly<Record<string, CellState>>;
  /** What each cell comes to when it is run, one state after the other; done where nothing stands. */
  readonly comesTo?: Readonly<Record<string, readonly CellState[]>>;
  readonly run?: (wish: RunWish) => void;
  readonly readOnly?: boolean;
}

/** Guided setup on hosts that are made up. `asked` records what it was asked. */
export function scriptedPlace({
  last = labChoice,
  steps = [
    aSetupStep('swap-off'),
    aSetupStep('sysctl-k8s', { needs: ['swap-off'], risk: 'disruptive' }),
    aSetupStep('cni', { playbook: 'calico', on: ['cluster'] }),
  ],
  problems = [],
  variables = [],
  seen = {},
  comesTo = {},
  run = () => undefined,
  readOnly = false,
}: ScriptedPlaceOptions = {}): SetupPlace & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const listeners = new Set<() => void>();
  let setup: Setup | null = null;
  const publish = (next: Setup) => {
    setup = next;
    for (const listener of [...listeners]) listener();
  };
  const show = (key: string, state: CellState) => {
    if (setup === null) throw new Error('no setup is open');
    const [step = '', column = ''] = key.split(' ');
    publish({ ...setup, cells: new Map(setup.cells).set(key, { step, column, state, at: 1 }) });
  };
  const catalogue: SetupCatalogue = {
    profiles: [
      { id: 'lab', title: 'The lab', about: 'Two machines.', playbooks: ['host-prep', 'calico'], hosts: [{ role: 'control-plane', atLeast: 1, atMost: 1 }] },
    ],
    playbooks: ['host-prep', 'calico'].map((id) => ({
      id,
      title: `Playbook ${id}`,
      about: '',
      file: null,
      steps: steps.filter(({ playbook }) => playbook === id).map((step) => ({ id: step.id, title: step.title, risk: step.risk })),
    })),
    problems: [],
  };
  const outline = (choice: SetupChoice): SetupOutline => {
    const columns = [...choice.hosts.map(({ name }) => name), 'cluster'];
    const chosen = steps.filter(({ playbook }) => choice.playbooks.length === 0 || choice.playbooks.includes(playbook));
    return {
      cluster: 'lab',
      choice,
      variables,
      problems,
      warnings: [],
      steps:
        choice.profile === null && choice.playbooks.length === 0
          ? []
          : chosen.map((step) => ({ ...step, on: step.on.filter((column) => columns.includes(column)) })),
      columns,
    };
  };
  const desk: SetupDesk = {
    catalogue: async () => catalogue,
    lastChoice: async () => last,
    outline: async (choice) => outline(choice),
    detect: async () => ({}),
    async open(choice, secrets, { keep } = { keep: true }) {
      asked.push(['open', choice, secrets, keep ? 'kept' : 'not kept']);
      const cells = outline(choice).steps.flatMap(({ id, on }) =>
        on.map((column) => [`${id} ${column}`, { step: id, column, state: { state: 'unknown', why: null }, at: 0 }] as const),
      );
      publish({ outline: outline(choice), cells: new Map(cells), run: 'idle', startedAt: null });
    },
    async check(cells) {
      asked.push(['check', cells?.length]);
      for (const { step, column } of cells ?? []) show(`${step} ${column}`, seen[`${step} ${column}`] ?? { state: 'done', said: null });
    },
    async page(id, column) {
      const step = steps.find((each) => each.id === id);
      if (step === undefined || setup === null) throw new Error(`there is no step ${id}`);
      const state = setup.cells.get(`${id} ${column}`)?.state ?? { state: 'unknown', why: null };
      return {
        step,
        column,
        state,
        check: [`look ${id}`],
        apply: [`do ${id}`],
        verify: [`look ${id}`],
        undo: [`undo ${id}`],
        files: [{ name: `${id}.conf`, lines: ['a', 'b'] }],
        output: [],
      };
    },
    async run(wish) {
      asked.push(['run', wish]);
      run(wish);
      for (const step of outline(labChoice).steps) {
        if (wish.steps !== null && !wish.steps.includes(step.id)) continue;
        for (const column of step.on) {
          if (wish.columns !== null && !wish.columns.includes(column)) continue;
          for (const state of comesTo[`${step.id} ${column}`] ?? [{ state: 'done', said: null }]) show(`${step.id} ${column}`, state);
        }
      }
    },
    next: () => undefined,
    async answer(step, column, answer) {
      asked.push(['answer', step, column, answer]);
      show(`${step} ${column}`, { state: 'done', said: 'written anew' });
    },
    async undo(step, column, typed) {
      asked.push(['undo', step, column, typed]);
      show(`${step} ${column}`, comesTo[`${step} ${column}`]?.at(-1) ?? { state: 'missing', why: 'taken back' });
    },
    stop: () => asked.push(['stop']),
    shell: async () => [],
    async script(choice) {
      asked.push(['script', choice]);
      return '#!/usr/bin/env bash\n';
    },
    settled: async () => undefined,
    close: async () => undefined,
  };
  return {
    desk,
    setup: () => setup,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    readOnly,
    asked,
    close: async () => undefined,
  };
}
