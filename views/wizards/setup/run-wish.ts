import type { Risk } from '../../../src/state/operations.js';
import type { CellState, RunWish, Setup, SetupStep } from '../../../src/state/setup.js';

/** What a page of a setup is to do, as its object: steps on hosts, or a step taken back. */
export type SetupWish =
  | { readonly do: 'run'; readonly steps: RunWish['steps']; readonly columns: RunWish['columns'] }
  | { readonly do: 'undo'; readonly step: string; readonly column: string };

export interface Place {
  readonly step: string;
  readonly column: string;
}

/** What would be done: a step, where, and whether it was asked for or is only needed. */
export interface PlannedStep {
  readonly step: SetupStep;
  readonly columns: readonly string[];
  readonly needed: boolean;
}

export function setupWishObject(wish: SetupWish): string {
  return JSON.stringify(wish);
}

/** Null where the text is no such wish. */
export function parseSetupWish(object: string): SetupWish | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(object);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || !('do' in parsed)) return null;
  if (parsed.do === 'run' && 'steps' in parsed && 'columns' in parsed && isNames(parsed.steps) && isNames(parsed.columns))
    return { do: 'run', steps: parsed.steps, columns: parsed.columns };
  if (parsed.do !== 'undo' || !('step' in parsed) || !('column' in parsed)) return null;
  return typeof parsed.step === 'string' && typeof parsed.column === 'string' ? { do: 'undo', step: parsed.step, column: parsed.column } : null;
}

/** The steps that a wish would do, in their order, those that they need and that are not done among them. */
export function plannedSteps({ outline, cells }: Pick<Setup, 'outline' | 'cells'>, wish: SetupWish): readonly PlannedStep[] {
  const byId = new Map(outline.steps.map((step) => [step.id, step]));
  const stateOf = ({ step, column }: Place): CellState['state'] => cells.get(`${step} ${column}`)?.state.state ?? 'unknown';
  if (wish.do === 'undo') {
    const step = byId.get(wish.step);
    return step === undefined ? [] : [{ step, columns: [wish.column], needed: false }];
  }
  const asked: Place[] = outline.steps
    .filter(({ id, reportOnly }) => !reportOnly && (wish.steps === null || wish.steps.includes(id)))
    .flatMap(({ id, on }) => on.filter((column) => wish.columns === null || wish.columns.includes(column)).map((column) => ({ step: id, column })))
    .filter((place) => !settled.has(stateOf(place)) || (wish.steps !== null && wish.columns !== null));
  const wanted = new Set(asked.map(key));
  const all = new Set(wanted);
  const waiting = [...asked];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    for (const need of needsOf(place, byId)) {
      if (all.has(key(need)) || settled.has(stateOf(need)) || byId.get(need.step)?.reportOnly === true) continue;
      all.add(key(need));
      waiting.push(need);
    }
  }
  return outline.steps.flatMap((step) => {
    const columns = step.on.filter((column) => all.has(key({ step: step.id, column })));
    return columns.length === 0 ? [] : [{ step, columns, needed: !columns.some((column) => wanted.has(key({ step: step.id, column }))) }];
  });
}

/** The worst of them. */
export function worstRisk(planned: readonly PlannedStep[]): Risk {
  return planned.map(({ step }) => step.risk).reduce<Risk>((worst, risk) => (risks.indexOf(risk) > risks.indexOf(worst) ? risk : worst), 'safe');
}

const risks: readonly Risk[] = ['safe', 'disruptive', 'needs-reboot', 'destructive'];

const settled: ReadonlySet<CellState['state']> = new Set(['done', 'not-applicable', 'skipped']);

/** Of the same host; of all hosts where the step that is needed is done elsewhere. */
function needsOf({ step, column }: Place, byId: ReadonlyMap<string, SetupStep>): readonly Place[] {
  return (byId.get(step)?.needs ?? []).flatMap((id) => {
    const needed = byId.get(id);
    if (needed === undefined) return [];
    return (needed.on.includes(column) ? [column] : needed.on).map((where) => ({ step: id, column: where }));
  });
}

function key({ step, column }: Place): string {
  return `${step} ${column}`;
}

function isNames(value: unknown): value is readonly string[] | null {
  return value === null || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
}
