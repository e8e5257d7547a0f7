import type { CellState, Setup } from '../state/setup.js';
import { listed } from '../text/wording.js';
import { jsonText } from './json-text.js';
import type { Output } from './output.js';
import { paint } from './paint.js';
import { cellOf, type Place, placesOf, shownAtLast } from './setup-cells.js';
import { type Chosen, chosen, type SetupWish } from './setup-choice.js';
import { exitCode, setupJson } from './setup-json.js';
import { headLines, matrixLines } from './setup-lines.js';
import type { SetupPlace } from './setup-place.js';
import { runSetupPlan } from './setup-plan.js';
import { tellProgress } from './setup-progress.js';
import { titleOf } from './setup-status.js';

export interface SetupRunCommand {
  readonly output: 'text' | 'json';
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly confirm: string | null;
  /** Write over files that were edited by hand. */
  readonly overwrite: boolean;
  /** No further step begins. */
  readonly signal: AbortSignal;
  /** The values of these secrets, by name; those that nobody knows are left out. */
  readonly secrets: (names: readonly { readonly name: string; readonly title: string }[]) => Promise<Readonly<Record<string, string>>>;
}

/** `setup run`: does what is not done yet. Resolves to 0 when all is done, or shown · 1 where something failed or was stopped, or it contradicts itself · 2 where it was not told to, or could not look. Rejects with a sentence. */
export async function runSetup(place: SetupPlace, wish: SetupWish, command: SetupRunCommand, out: Output): Promise<number> {
  const { dryRun, yes, output, confirm } = command;
  const refused = (why: string) => {
    out.stderr(`gpuk8s-tui: ${why}\n`);
    return 2;
  };
  if (dryRun || !yes) {
    const code = await runSetupPlan(place, wish, { format: output, look: true }, out);
    return dryRun || code !== 0 ? code : refused('nothing was changed: --yes does it, --dry-run only shows it');
  }
  if (place.readOnly) return refused('this session is read-only: nothing is set up from here; --dry-run shows what would be done');
  const meant = await chosen(place.desk, wish, { anywhere: false, ask: true });
  const { choice, outline } = meant;
  for (const problem of outline.problems) out.stderr(`gpuk8s-tui: ${problem}\n`);
  if (outline.problems.length > 0) return 1;
  const places = placesOf(meant, outline);
  if (places.length === 0) return refused('there is nothing to do there: none of these steps is done on those hosts');
  const wanted = outline.variables.filter(({ secret, value }) => secret && value === null);
  await place.desk.open(choice, await command.secrets(wanted));
  try {
    await carriedOut(place, meant, places, command, out);
  } catch (error) {
    const hint = confirm !== outline.cluster && outline.steps.some(({ risk }) => risk === 'destructive') ? `: --confirm ${outline.cluster} confirms it` : '';
    return refused(`nothing was changed: ${error instanceof Error ? error.message : String(error)}${hint}`);
  }
  return ended(await shownAtLast(place), meant, places, command, out);
}

/** `setup undo STEP`: takes it back on each host that is named. */
export async function undoSetup(place: SetupPlace, wish: SetupWish, command: SetupRunCommand, out: Output): Promise<number> {
  const meant = await chosen(place.desk, wish, { anywhere: false, ask: true });
  const places = placesOf(meant, meant.outline);
  const step = meant.outline.steps.find(({ id }) => id === wish.target);
  const refused = (why: string) => {
    out.stderr(`gpuk8s-tui: ${why}\n`);
    return 2;
  };
  if (meant.target?.kind !== 'step' || step === undefined)
    return refused(`${wish.target ?? 'that'} is no step of this setup: only single steps are taken back`);
  if (!step.canUndo) return refused(`${step.id} cannot be taken back by a program`);
  if (meant.columns === null) return refused(`on which hosts? Give --host for each: there are ${listed(step.on, 12)}`);
  if (places.length === 0) return refused(`${step.id} is done on ${listed(step.on, 12)}`);
  await place.desk.open(meant.choice, {}, { keep: false });
  if (command.dryRun || !command.yes) {
    for (const { step: id, column } of places) {
      const { undo } = await place.desk.page(id, column);
      out.stdout(`take ${id} back on ${column} (${step.risk})\n${undo.map((text) => `  ${text}\n`).join('')}`);
    }
    return command.dryRun ? 0 : refused('nothing was changed: --yes does it, --dry-run only shows it');
  }
  if (place.readOnly) return refused('this session is read-only: nothing is taken back from here');
  if (step.risk === 'destructive' && command.confirm !== meant.outline.cluster)
    return refused(`nothing was changed: it destroys something; confirm it with --confirm ${meant.outline.cluster}`);
  const stop = tellProgress(place, place.setup()?.cells ?? new Map(), (lines) => out.stderr(paint(lines, out.live?.colours ?? false)));
  try {
    for (const { step: id, column } of places) await place.desk.undo(id, column, command.confirm);
    await place.desk.settled();
  } finally {
    stop();
  }
  const setup = await shownAtLast(place);
  const failed = places.filter((at) => isFailure(cellOf(setup, at).state));
  const where = listed(
    places.map(({ column }) => column),
    12,
  );
  out.stdout(failed.length === 0 ? `${step.id} was taken back on ${where}\n` : paint(matrixLines(setup.outline, failed, setup), out.isTty));
  return failed.length === 0 ? 0 : 1;
}

async function carriedOut(place: SetupPlace, { steps, columns }: Chosen, places: readonly Place[], command: SetupRunCommand, out: Output): Promise<void> {
  const { desk } = place;
  const stopTelling = tellProgress(place, place.setup()?.cells ?? new Map(), (lines) => out.stderr(paint(lines, out.live?.colours ?? false)));
  const stop = () => {
    out.stderr('stopping: what is under way is finished, no further step begins\n');
    desk.stop();
  };
  command.signal.addEventListener('abort', stop, { once: true });
  try {
    await desk.run({
      steps: steps === null ? null : [...steps],
      columns: columns === null ? null : [...columns],
      stepByStep: false,
      typed: command.confirm,
    });
    if (command.signal.aborted) stop();
    await desk.settled();
    if (command.overwrite) await writeOver(place, places);
  } finally {
    command.signal.removeEventListener('abort', stop);
    stopTelling();
  }
}

/** Has files that were edited by hand written over; each is asked for once. */
async function writeOver(place: SetupPlace, places: readonly Place[]): Promise<void> {
  const answered = new Set<Place>();
  for (;;) {
    const setup = await shownAtLast(place);
    const asking = places.filter((at) => !answered.has(at) && cellOf(setup, at).state.state === 'asks');
    if (asking.length === 0) return;
    for (const at of asking) {
      answered.add(at);
      await place.desk.answer(at.step, at.column, 'overwrite');
    }
    await place.desk.settled();
  }
}

function ended(setup: Setup, meant: Chosen, asked: readonly Place[], { output, signal }: SetupRunCommand, out: Output): number {
  // What was needed and went wrong belongs to it.
  const others = [...setup.cells.values()].filter(
    (cell) => isFailure(cell.state) && !asked.some(({ step, column }) => step === cell.step && column === cell.column),
  );
  const places = [...asked, ...others.map(({ step, column }) => ({ step, column }))];
  const code = exitCode(setup, places);
  const result = code === 0 ? 'done' : signal.aborted ? 'stopped' : 'failed';
  if (output === 'json') out.stdout(jsonText({ ...setupJson(setup.outline, places, setup), result }));
  else if (code === 0) out.stdout(`all done: ${places.length === 1 ? '' : 'all '}${places.length} of ${places.length}\n`);
  else out.stdout(paint([...headLines(setup.outline, titleOf(meant, setup.outline)), ...matrixLines(setup.outline, places, setup)], out.isTty));
  if (places.some((at) => cellOf(setup, at).state.state === 'asks')) out.stderr('gpuk8s-tui: a file was edited by hand: --overwrite writes over it\n');
  return code === 0 ? 0 : 1;
}

function isFailure({ state }: CellState): boolean {
  return state === 'failed' || state === 'asks' || state === 'held';
}
