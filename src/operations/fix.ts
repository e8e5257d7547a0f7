import { HostError } from '../hosts/host-error.js';
import { KubeError } from '../kube/kube-error.js';
import type { OperationRef, Plan } from '../state/operations.js';
import { clean } from '../text/clean.js';
import type { Operation, PlannedOperation, Step, World } from './operation.js';
import type { Change } from './steps.js';

/** What a fix would do, before it is a plan. */
export interface Proposal extends Pick<Plan, 'risk' | 'undo' | 'goal'> {
  readonly changes: readonly Change[];
  readonly warnings?: readonly string[];
  readonly blockers?: readonly string[];
  /** Where the title says more than the wish did: how many pods, which objects. */
  readonly title?: string;
  readonly concurrency?: number;
  readonly goesOn?: boolean;
  readonly verify: PlannedOperation['verify'];
}

export interface FixDefinition<Field extends string> {
  readonly id: string;
  /** What it does, in a few words: "restart a systemd unit". */
  readonly title: string;
  /** What it wants to know, and how each of them looks. */
  readonly fields: Readonly<Record<Field, RegExp>>;
  /** One line in the imperative: "Restart kubelet on gpu-2". */
  headline(field: (name: Field) => string): string;
  /** What has to be typed if it turns out destructive. */
  subject(field: (name: Field) => string, world: World): string;
  /** Reads only. Throws Blocked for what keeps it from being done, and an Error where there is nothing to be done. */
  propose(field: (name: Field) => string, world: World): Promise<Proposal>;
}

/** Why a fix cannot be done as things are, in one sentence: it becomes the plan's blocker. So do a machine that nobody can log in to, and a 403. */
export class Blocked extends Error {}

/** All is as the fix would leave it. */
export function nothingToDo(why: string): Error {
  return new Error(`nothing to do: ${why}`);
}

/** An operation made of a proposal: fields checked, steps numbered, what blocks it told in its plan. */
export function defineFix<Field extends string>(definition: FixDefinition<Field>): Operation {
  const { id, title, headline, subject, propose } = definition;
  return {
    id,
    title,
    async plan(input, world) {
      const values = checkedFields(definition, input);
      const field = (name: Field) => values.get(name) ?? '';
      const ref: OperationRef = { id, input: Object.fromEntries(values) };
      const frame = { ref, title: headline(field), confirmName: subject(field, world) };
      try {
        return planned({ ...frame, ...(await propose(field, world)) });
      } catch (error) {
        const blocker = blockerOf(error);
        if (blocker === null) throw error;
        return planned({
          ...frame,
          risk: 'safe',
          changes: [],
          blockers: [blocker],
          undo: null,
          goal: frame.title,
          verify: async () => ({ seen: false, text: blocker }),
        });
      }
    },
  };
}

/** Patterns of what fixes are told. None lets a word begin with a dash: it would be an option to the program that gets it. */
export const fieldForms = {
  /** Names of nodes and machines. */
  host: /^[A-Za-z0-9_][\w.:-]{0,252}$/,
  /** Names and namespaces of Kubernetes objects. */
  object: /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/,
  kind: /^(?:deployment|daemonset|statefulset)$/i,
  unit: /^[A-Za-z0-9_@:][\w@:.\\-]{0,255}$/,
  /** Names with spaces between them. */
  words: /^[A-Za-z0-9][\w.+:-]*(?: +[A-Za-z0-9][\w.+:-]*)*$/,
  path: /^\/[^\0\n]{1,4095}$/,
  user: /^[A-Za-z_][\w.-]{0,63}$/,
} as const;

function checkedFields<Field extends string>({ id, fields }: FixDefinition<Field>, input: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const entries: readonly [string, RegExp][] = Object.entries(fields);
  return new Map(
    entries.map(([name, form]) => {
      const value = input[name]?.trim() ?? '';
      if (value === '' && !form.test('')) throw new Error(`${id} needs to know the ${name}`);
      if (!form.test(value)) throw new Error(`"${clean(value, 80)}" cannot be the ${name} that ${id} needs`);
      return [name, value] as const;
    }),
  );
}

function planned({
  ref,
  title,
  confirmName,
  changes,
  warnings = [],
  blockers = [],
  concurrency = 1,
  goesOn = false,
  verify,
  ...rest
}: Proposal & Pick<Plan, 'ref' | 'title' | 'confirmName'>): PlannedOperation {
  const steps: readonly Step[] = changes.map(({ action, ...change }, index) => ({ item: { id: String(index + 1), ...change }, action }));
  const { risk, undo, goal } = rest;
  const plan = { ref, title, risk, items: steps.map(({ item }) => item), warnings, blockers, undo, confirmName, goal, plannedAt: Date.now() };
  return { plan, steps, concurrency, goesOn, verify };
}

function blockerOf(error: unknown): string | null {
  if (error instanceof Blocked) return error.message;
  if (error instanceof HostError) return error.fix === null ? error.message : `${error.message}; ${error.fix}`;
  if (error instanceof KubeError && error.kind === 'forbidden') return error.message;
  return null;
}
