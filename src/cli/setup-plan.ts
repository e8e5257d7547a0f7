import type { Risk } from '../state/operations.js';
import type { SetupDesk, SetupStep, StepPage } from '../state/setup.js';
import { clean } from '../text/clean.js';
import { type Line, line, type Tone } from '../text/line.js';
import { counted, listed } from '../text/wording.js';
import { jsonText } from './json-text.js';
import type { Output } from './output.js';
import { paint } from './paint.js';
import { cellOf, type Place, placesOf, reasonOf, shownAtLast, stateWords } from './setup-cells.js';
import { chosen, type SetupWish } from './setup-choice.js';
import { setupJson } from './setup-json.js';
import { diffLines, headLines, paragraph } from './setup-lines.js';
import type { SetupPlace } from './setup-place.js';
import { titleOf } from './setup-status.js';

export interface SetupPlanCommand {
  readonly format: 'text' | 'json' | 'script';
  /** Whether the hosts are asked how they are. */
  readonly look: boolean;
}

/** `setup plan`: what would be done, in order, or as one script. Resolves to 0, and to 1 where it contradicts itself. Rejects with a sentence. */
export async function runSetupPlan(place: SetupPlace, wish: SetupWish, { format, look }: SetupPlanCommand, out: Output): Promise<number> {
  const meant = await chosen(place.desk, wish, { anywhere: true, ask: look });
  for (const note of meant.notes) out.stderr(`${note}\n`);
  const { choice, outline } = meant;
  const code = outline.problems.length === 0 ? 0 : 1;
  if (format === 'script') {
    for (const problem of outline.problems) out.stderr(`gpuk8s-tui: ${problem}\n`);
    const script = await place.desk.script(choice);
    out.stdout(out.isTerminal === true ? visible(script) : script);
    return code;
  }
  const places = placesOf(meant, outline);
  await place.desk.open(choice, {}, { keep: false });
  // What was taken for granted is not looked at.
  const looked = look && !meant.isAssumed;
  if (looked) await place.desk.check(places);
  const pages = await pagesOf(place.desk, places);
  const setup = looked ? await shownAtLast(place) : null;
  if (format === 'json') {
    out.stdout(jsonText({ ...setupJson(outline, places, setup), commands: pages.map(commandsJson) }));
    return code;
  }
  const steps = outline.steps.filter(({ id }) => places.some(({ step }) => step === id));
  out.stdout(
    paint(
      [
        ...headLines(outline, titleOf(meant, outline)),
        ...steps.flatMap((step, index) => [
          line(),
          ...stepLines(step, index + 1),
          ...(setup === null ? [] : stateLines(step, places, (at) => cellOf(setup, at).state)),
          ...commandLines(
            pages.filter(
              (page) => page.step.id === step.id && !(setup !== null && isSettled(cellOf(setup, { step: step.id, column: page.column }).state.state)),
            ),
          ),
        ]),
        line(),
        line(['strong', counted(steps.length, 'step')], ` on ${counted(new Set(places.map(({ column }) => column)).size, 'place')}; nothing was changed`),
      ],
      out.isTty,
    ),
  );
  return code;
}

/** For looking at: in a file or a pipe it stays as it is. */
function visible(script: string): string {
  return script
    .split('\n')
    .map((row) => clean(row.replaceAll('\t', '  '), row.length * 2))
    .join('\n');
}

/** The page of each cell, in the same order. */
async function pagesOf(desk: SetupDesk, places: readonly Place[]): Promise<readonly StepPage[]> {
  const pages: StepPage[] = [];
  for (const { step, column } of places) pages.push(await desk.page(step, column));
  return pages;
}

function isSettled(state: string): boolean {
  return state === 'done' || state === 'not-applicable';
}

function stepLines({ id, title, risk, needs, reportOnly, reboots, on }: SetupStep, number: number): readonly Line[] {
  const notes = [
    `on ${listed(on, 8)}`,
    ...(needs.length === 0 ? [] : [`after ${listed(needs, 6)}`]),
    ...(reboots ? ['reboots the host'] : []),
    ...(reportOnly ? ['only reports'] : []),
  ];
  return [line(['strong', `${number}. ${id}  ${title}`], '  ', [riskTones[risk], risk]), line(['dim', `   ${notes.join('; ')}`])];
}

const riskTones: Readonly<Record<Risk, Tone>> = { safe: 'good', disruptive: 'warn', destructive: 'bad', 'needs-reboot': 'warn' };

function stateLines(step: SetupStep, places: readonly Place[], stateOf: (place: Place) => Parameters<typeof reasonOf>[0]): readonly Line[] {
  return places
    .filter((place) => place.step === step.id)
    .flatMap((place) => {
      const state = stateOf(place);
      const { mark, word, tone } = stateWords[state.state];
      const why = reasonOf(state);
      return [...paragraph([tone, `   ${mark} `], `${place.column}: ${word}${why === null ? '' : `: ${why}`}`), ...diffLines(state)];
    });
}

/** The commands, once for all hosts on which they are the same. */
function commandLines(pages: readonly StepPage[]): readonly Line[] {
  const groups = new Map<string, { readonly columns: string[]; readonly page: StepPage }>();
  for (const page of pages) {
    const key = JSON.stringify([page.apply, page.files]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { columns: [page.column], page });
    else known.columns.push(page.column);
  }
  return [...groups.values()].flatMap(({ columns, page }) => [
    ...(groups.size > 1 ? [line(['dim', `   on ${listed(columns, 8)}:`])] : []),
    ...page.files.map(({ name, lines }) => line(['dim', `     file ${name}, ${counted(lines.length, 'line')}`])),
    ...page.apply.map((text) => line(`     ${text}`)),
  ]);
}

function commandsJson({ step, column, check, apply, verify, undo, files }: StepPage) {
  return { step: step.id, host: column, check, apply, verify, undo, files };
}
