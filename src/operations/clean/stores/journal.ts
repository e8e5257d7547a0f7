import { bytes } from '../../../text/amount.js';
import { type FoundFile, filesBelow, sum } from '../disk-files.js';
import type { Store } from './store.js';

const folders = ['/var/log/journal'];

/** Files that journald has put aside, the oldest first, until no more than the wanted amount is left. */
export const journal: Store = {
  id: 'journal',
  title: 'old journal entries',
  harm: 'the oldest entries of the journal are gone',
  risk: 'safe',
  ticked: true,
  async measure(look) {
    // Without systemd there is no journal to ask for.
    await look.ask(['journalctl', '--version']);
    const files = await filesBelow(look, folders, ['(', '-name', '*.journal', '-o', '-name', '*.journal~', ')']);
    const goes = vacuumed(files, look.keepJournal);
    const kept = `${Math.round(look.keepJournal / 2 ** 20)}M`;
    return {
      bytes: goes,
      exact: true,
      how: `files put aside in /var/log/journal, which holds ${bytes(sum(files))}`,
      path: '/var/log',
      parts: [],
      commands: () => (goes === 0 ? [] : [{ argv: ['journalctl', `--vacuum-size=${kept}`], timeoutMs: 300_000 }]),
    };
  },
};

/**
 * What `journalctl --vacuum-size` deletes: in each machine's folder, of the files that are no longer written to (`…@….journal`, and `….journal~` after a crash), the oldest
 * until all that is left is no more than `keep`. As systemd 252 does it; those of years ago do not count the files that are written to, and keep a little more.
 */
export function vacuumed(files: readonly FoundFile[], keep: number): number {
  let freed = 0;
  for (const own of Map.groupBy(files, ({ path }) => path.slice(0, path.lastIndexOf('/'))).values()) {
    const aside = own.filter(({ path }) => /@[^/]*\.journal$|\.journal~$/.test(path)).sort((a, b) => writtenAt(a) - writtenAt(b));
    let left = sum(own);
    for (const { bytes: size } of aside) {
      if (left <= keep) break;
      left -= size;
      freed += size;
    }
  }
  return freed;
}

/** `system@SEQNUM_ID-SEQNUM-REALTIME.journal`, `system@REALTIME-RANDOM.journal~`: µs since the epoch, in hexadecimal digits. */
function writtenAt({ path }: FoundFile): number {
  const [, realtime] = /-([0-9a-f]{16})\.journal$/.exec(path) ?? /@([0-9a-f]{16})-[0-9a-f]+\.journal~$/.exec(path) ?? [];
  return realtime === undefined ? 0 : Number.parseInt(realtime, 16);
}
