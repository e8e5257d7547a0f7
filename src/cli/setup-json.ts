import type { CellState, Setup, SetupOutline, SetupVariable } from '../state/setup.js';
import { cellOf, type Place, reasonOf, verdictOf } from './setup-cells.js';

/** What `setup status --output json` prints, and with more beside it `setup plan` and `setup run`; a change of meaning raises schemaVersion. */
export interface SetupJson {
  readonly schemaVersion: 1;
  readonly cluster: string;
  readonly profile: string | null;
  readonly playbooks: readonly string[];
  readonly hosts: SetupOutline['choice']['hosts'];
  readonly kubectl: SetupOutline['choice']['seat'];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly variables: readonly Pick<SetupVariable, 'name' | 'title' | 'type' | 'value' | 'origin' | 'secret' | 'problem'>[];
  readonly steps: readonly StepJson[];
}

export interface StepJson {
  readonly id: string;
  readonly playbook: string;
  readonly title: string;
  readonly risk: string;
  readonly needs: readonly string[];
  readonly reportOnly: boolean;
  readonly reboots: boolean;
  readonly canUndo: boolean;
  readonly on: readonly CellJson[];
}

export interface CellJson {
  readonly host: string;
  /** Null where it was not looked. */
  readonly state: CellState['state'] | null;
  readonly why: string | null;
  /** Of a file that was changed. */
  readonly diff?: readonly string[];
  readonly diagnosis?: Extract<CellState, { readonly state: 'failed' }>['diagnosis'];
}

/** `setup` null: nobody looked. */
export function setupJson(outline: SetupOutline, places: readonly Place[], setup: Setup | null): SetupJson {
  const { cluster, choice, problems, warnings, variables, steps } = outline;
  return {
    schemaVersion: 1,
    cluster,
    profile: choice.profile,
    playbooks: choice.playbooks,
    hosts: choice.hosts,
    kubectl: choice.seat,
    problems,
    warnings,
    variables: variables.map(({ name, title, type, value, origin, secret, problem }) => ({ name, title, type, value, origin, secret, problem })),
    steps: steps.flatMap(({ id, playbook, title, risk, needs, reportOnly, reboots, canUndo }) => {
      const on = places.filter(({ step }) => step === id).map((place) => cellJson(place, setup));
      return on.length === 0 ? [] : [{ id, playbook, title, risk, needs, reportOnly, reboots, canUndo, on }];
    }),
  };
}

/** How many cells there are of each state. */
export function countsOf(setup: Setup, places: readonly Place[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const place of places) {
    const { state } = cellOf(setup, place).state;
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

/** The exit code for what was seen: 0 all done, 1 something is not, 2 not all could be looked at. */
export function exitCode(setup: Setup, places: readonly Place[]): 0 | 1 | 2 {
  const verdict = verdictOf(places.map((place) => cellOf(setup, place).state));
  return verdict === 'all' ? 0 : verdict === 'some' ? 1 : 2;
}

function cellJson(place: Place, setup: Setup | null): CellJson {
  if (setup === null) return { host: place.column, state: null, why: null };
  const { state } = cellOf(setup, place);
  return {
    host: place.column,
    state: state.state,
    why: reasonOf(state),
    ...('diff' in state && state.diff.length > 0 ? { diff: state.diff } : {}),
    ...(state.state === 'failed' && state.diagnosis !== null ? { diagnosis: state.diagnosis } : {}),
  };
}
