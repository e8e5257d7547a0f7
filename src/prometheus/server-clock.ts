import { parseJson, recordAt, textAt } from './json.js';
import { numberIn } from './query-answers.js';
import type { Answer } from './road.js';

/** How far the clock of an answering program is ahead of ours, in ms, as one answer shows it; null where it does not. */
export interface ClockReading {
  readonly skewMs: number;
  /** It may be off by as much. */
  readonly withinMs: number;
}

/**
 * Reads the answer to the query `time()`, given with our own time when it came. `time()` is precise but some relatives answer it for half a minute ago, so where there is a Date
 * header (in whole seconds) it is only believed as far as that header bears it out.
 */
export function clockReading(answer: Answer, receivedAt: number): ClockReading | null {
  const middle = receivedAt - answer.roundTripMs / 2;
  const data = recordAt(parseJson(answer.text), 'data');
  const result = textAt(data, 'resultType') === 'scalar' ? data?.['result'] : null;
  const said = Array.isArray(result) ? numberIn(result[1]) : null;
  const precise = said === null ? null : said * 1000;
  if (answer.date === null) return precise === null ? null : { skewMs: precise - middle, withinMs: answer.roundTripMs / 2 };
  if (precise !== null && Math.abs(precise - (answer.date + 500)) <= 1500 + answer.roundTripMs)
    return { skewMs: precise - middle, withinMs: answer.roundTripMs / 2 };
  return { skewMs: answer.date + 500 - middle, withinMs: 500 + answer.roundTripMs / 2 };
}
