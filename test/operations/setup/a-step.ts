import { readFileSync } from 'node:fs';
import type { CellRef, Work } from '../../../src/operations/setup/work.js';
import type { StepSpec } from '../../../src/runbooks/playbook.js';
import type { SetupOutline } from '../../../src/state/setup.js';

/** A step as its playbook has it. */
export function aStep(id: string, overrides: Partial<StepSpec> = {}): StepSpec {
  return {
    id,
    title: `Do ${id}`,
    why: 'The node needs it.',
    on: ['all'],
    when: {},
    needs: [],
    serial: false,
    risk: 'safe',
    reboots: false,
    gives: [],
    files: [],
    check: 'false',
    apply: 'true',
    verify: null,
    undo: 'true',
    patienceMs: 0,
    timeoutMs: 60_000,
    replaces: null,
    mends: [],
    variables: {},
    ...overrides,
  };
}

/** Steps in columns, all in the same or each in its own; each step needs others of its own column, or in all columns where it is not done there. */
export function someWork(
  steps: readonly StepSpec[],
  columns: Readonly<Record<string, readonly string[]>> | readonly string[],
  values: Readonly<Record<string, string>> = {},
): Work {
  const places = new Map(isList(columns) ? steps.map(({ id }) => [id, columns] as const) : Object.entries(columns));
  const on = (step: string) => places.get(step) ?? [];
  return {
    steps,
    columns: on,
    needsOf: (step, column) =>
      (steps.find(({ id }) => id === step)?.needs ?? []).flatMap((need): readonly CellRef[] => {
        const there = on(need);
        return (there.includes(column) ? [column] : there).map((where) => ({ step: need, column: where }));
      }),
    values: () => values,
    secretNames: new Set(),
    files: () => [],
    clusterName: 'lab',
  };
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

export function anOutline(work: Work, columns: readonly string[]): SetupOutline {
  return {
    cluster: 'lab',
    choice: { profile: null, playbooks: [], hosts: [], values: {}, seat: 'here' },
    variables: [],
    problems: [],
    warnings: [],
    steps: work.steps.map(({ id, title, why, risk, needs, apply, undo, reboots, replaces }) => ({
      id,
      playbook: 'lab',
      title,
      why,
      risk,
      needs,
      on: work.columns(id),
      reportOnly: apply === null,
      reboots,
      canUndo: undo !== null,
      replaces,
    })),
    columns,
  };
}

export const prelude = readFileSync('assets/runbooks/prelude.sh', 'utf8');
