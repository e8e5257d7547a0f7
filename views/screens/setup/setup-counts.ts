import type { Setup } from '../../../src/state/setup.js';
import { count } from '../../../src/text/amount.js';

/** How a setup stands, in cells. */
export interface SetupCounts {
  /** Those that apply. */
  readonly total: number;
  readonly done: number;
  readonly drifted: number;
  readonly failed: number;
  readonly unknown: number;
  readonly checking: number;
  readonly asks: number;
}

export function setupCounts({ cells }: Pick<Setup, 'cells'>): SetupCounts {
  const states = [...cells.values()].map(({ state }) => state.state);
  const of = (wanted: string) => states.filter((state) => state === wanted).length;
  return {
    total: states.length - of('not-applicable'),
    done: of('done'),
    drifted: of('drifted'),
    failed: of('failed'),
    unknown: of('unknown'),
    checking: of('checking'),
    asks: of('asks'),
  };
}

/** `41 of 58 done, 2 drifted` */
export function countsText({ total, done, drifted, failed, unknown, asks }: SetupCounts): string {
  const others = [
    [failed, 'failed'],
    [asks, 'asks'],
    [drifted, 'drifted'],
    [unknown, 'unknown'],
  ] as const;
  return [`${count(done)} of ${count(total)} done`, ...others.flatMap(([amount, word]) => (amount === 0 ? [] : [`${count(amount)} ${word}`]))].join(', ');
}
