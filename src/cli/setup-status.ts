import type { SetupOutline } from '../state/setup.js';
import { jsonText } from './json-text.js';
import type { Output } from './output.js';
import { paint } from './paint.js';
import { placesOf, shownAtLast } from './setup-cells.js';
import { type Chosen, chosen, type SetupWish } from './setup-choice.js';
import { exitCode, setupJson } from './setup-json.js';
import { headLines, matrixLines } from './setup-lines.js';
import type { SetupPlace } from './setup-place.js';

/** `setup status`: looks at each step on each host and changes nothing. Resolves to 0 all done · 1 something is missing or drifted · 2 not all could be looked at. Rejects with a sentence. */
export async function runSetupStatus(place: SetupPlace, wish: SetupWish, output: 'text' | 'json', out: Output): Promise<number> {
  const meant = await chosen(place.desk, wish, { anywhere: false, ask: true });
  for (const note of meant.notes) out.stderr(`${note}\n`);
  const places = placesOf(meant, meant.outline);
  await place.desk.open(meant.choice, {}, { keep: false });
  await place.desk.check(places);
  const setup = await shownAtLast(place);
  const code = exitCode(setup, places);
  if (output === 'json') out.stdout(jsonText({ ...setupJson(setup.outline, places, setup), allDone: code === 0 }));
  else out.stdout(paint([...headLines(setup.outline, titleOf(meant, setup.outline)), ...matrixLines(setup.outline, places, setup)], out.isTty));
  return code;
}

/** What is set up, in words. */
export function titleOf({ target, choice }: Chosen, { cluster }: SetupOutline): string {
  if (target !== null) return target.title;
  return choice.profile ?? `Setup of ${cluster}`;
}
