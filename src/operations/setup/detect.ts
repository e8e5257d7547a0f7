import { detectScript, type HostTold, parseHostTold } from '../../runbooks/detected.js';
import type { Seats } from './work.js';

/** What each host says of itself; those that do not answer are left out. */
export async function hostsTold(names: readonly string[], seats: Seats): Promise<ReadonlyMap<string, HostTold>> {
  const told = await Promise.all(
    names.map(async (name) => {
      try {
        const host = await seats(name).host();
        const { stdout } = await host.run({ argv: ['bash', '-s'], stdin: detectScript, timeoutMs: 20_000 });
        return [[name, parseHostTold(stdout)] as const];
      } catch {
        return [];
      }
    }),
  );
  return new Map(told.flat());
}
