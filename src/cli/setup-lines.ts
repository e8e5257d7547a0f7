import type { CellState, Setup, SetupOutline, SetupStep } from '../state/setup.js';
import { type Line, line } from '../text/line.js';
import { wrap } from '../text/width.js';
import { counted, listed } from '../text/wording.js';
import { cellOf, type Place, reasonOf, stateWords } from './setup-cells.js';
import { countsOf } from './setup-json.js';
import { table } from './table.js';

/** What is set up where, and what is wrong with that. */
export function headLines({ cluster, choice, problems, warnings }: SetupOutline, title: string): readonly Line[] {
  const what = choice.profile === null ? listed(choice.playbooks, 6) : choice.profile;
  return [
    line(
      ['title', title],
      `  ${[what === title ? '' : what, `cluster ${cluster}`, counted(choice.hosts.length, 'host')].filter((text) => text !== '').join(' · ')}`,
    ),
    ...problems.flatMap((text) => paragraph(['bad', '✗ '], text)),
    ...warnings.flatMap((text) => paragraph(['warn', '! '], text)),
  ];
}

/** Steps by hosts, then what there is to say of each cell that is not done. */
export function matrixLines(outline: SetupOutline, places: readonly Place[], setup: Setup): readonly Line[] {
  const columns = outline.columns.filter((column) => places.some((place) => place.column === column));
  const steps = outline.steps.filter(({ id }) => places.some(({ step }) => step === id));
  const rows = steps.map((step) => [
    { text: step.id },
    ...columns.map((column) => {
      if (!places.some((place) => place.step === step.id && place.column === column)) return { text: '' };
      const { mark, word, tone } = stateWords[cellOf(setup, { step: step.id, column }).state.state];
      return { text: `${mark} ${word}`, tone };
    }),
    { text: step.title, tone: 'dim' as const },
  ]);
  const counts = Object.entries(countsOf(setup, places)).map(([state, number]) => `${number} ${state.replace('-', ' ')}`);
  return [...table(['STEP', ...columns, ''], rows), ...reasonLines(steps, places, setup), line(), line(['strong', counts.join(', ')])];
}

/** Hosts that say the same of a step are named together, and steps of which the same is said. */
function reasonLines(steps: readonly SetupStep[], places: readonly Place[], setup: Setup): readonly Line[] {
  const told = new Map<string, Saying & { readonly steps: string[] }>();
  for (const { id } of steps) {
    for (const saying of sayings(id, places, setup)) {
      const key = JSON.stringify([saying.state.state, reasonOf(saying.state), saying.columns, diffLines(saying.state)]);
      const known = told.get(key);
      if (known === undefined) told.set(key, { ...saying, steps: [id] });
      else known.steps.push(id);
    }
  }
  return [...told.values()].flatMap(({ state, columns, steps: ids }) => {
    const { mark, word, tone } = stateWords[state.state];
    const why = reasonOf(state);
    const what = `${listed(ids, 8)}: ${word} on ${listed(columns, 8)}`;
    return [line(), ...paragraph([tone, `${mark} `], why === null ? what : `${what}: ${why}`), ...diffLines(state)];
  });
}

interface Saying {
  readonly state: CellState;
  readonly columns: readonly string[];
}

function sayings(step: string, places: readonly Place[], setup: Setup): readonly Saying[] {
  const said = new Map<string, { readonly state: CellState; readonly columns: string[] }>();
  for (const place of places.filter(({ step: id }) => id === step)) {
    const { state } = cellOf(setup, place);
    if (state.state === 'done' || state.state === 'not-applicable') continue;
    const key = `${state.state} ${reasonOf(state) ?? ''}`;
    const known = said.get(key);
    if (known === undefined) said.set(key, { state, columns: [place.column] });
    else known.columns.push(place.column);
  }
  return [...said.values()];
}

/** What was changed in a file, as diff -u has it. */
export function diffLines(state: CellState): readonly Line[] {
  const diff = 'diff' in state ? state.diff : [];
  return diff.map((text) => line('    ', [text.startsWith('+') ? 'good' : text.startsWith('-') ? 'bad' : 'dim', text]));
}

/** Text after a sign, its further lines below its first. */
export function paragraph(sign: readonly [Line[number]['tone'], string], text: string): readonly Line[] {
  return wrap(text, 98).map((part, index) => line(index === 0 ? sign : ' '.repeat(sign[1].length), part));
}
