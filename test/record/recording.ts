import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { startProgram } from '../e2e/program.js';
import { type Cast, type CastEvent, castSeconds } from './asciicast.js';
import type { Scene } from './story.js';

/** Plays a story in a shell of its own, with the built program on its path, and records what its terminal gets. Rejects where something does not come on the screen. */
export async function recorded(story: readonly Scene[], title: string, program: string): Promise<Cast> {
  const [columns, rows] = [120, 34];
  const bin = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-bin-'));
  symlinkSync(program, join(bin, 'gpuk8s-tui'));
  const events: CastEvent[] = [];
  const start = performance.now();
  const note = (kind: CastEvent['kind'], text: string) => events.push({ at: (performance.now() - start) / 1000, kind, text });
  const shell = startProgram(['--noprofile', '--norc', '-i'], {
    columns,
    rows,
    command: 'bash',
    env: { PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter), PS1: '\\[\\e[32m\\]ops@bastion\\[\\e[0m\\]:~$ ' },
    onOutput: (data) => note('output', data),
  });
  const scenes: Played[] = [];
  try {
    await shell.waitFor(/ops@bastion:~\$/);
    for (const { caption, keys, until, atMost, hold } of story) {
      const from = (performance.now() - start) / 1000;
      note('marker', caption);
      for (const key of keys) {
        await passed(keys.length === 1 ? 700 : 45 + 70 * Math.abs(Math.sin(events.length)));
        note('input', key);
        shell.type(key);
      }
      await shell.waitFor(until, 90_000);
      const to = (performance.now() - start) / 1000;
      scenes.push({ from, to, atMost });
      await passed(hold * 1000);
    }
    note('marker', '');
  } finally {
    await shell.close();
    rmSync(bin, { recursive: true, force: true });
  }
  return quickened({ columns, rows, title, events: events.slice(0, events.findLastIndex(({ kind }) => kind === 'marker') + 1) }, scenes);
}

/** When something was waited for, in seconds, and how long that is to be shown at most. */
interface Played {
  readonly from: number;
  readonly to: number;
  readonly atMost: number;
}

/** The same with its long waits played faster. */
function quickened(cast: Cast, scenes: readonly Played[]): Cast {
  const playedAt = (at: number) =>
    scenes.reduce((sum, { from, to, atMost }) => {
      const waited = Math.max(0, Math.min(at, to) - from);
      return sum - waited + waited * Math.min(1, atMost / Math.max(to - from, 0.001));
    }, at);
  const faster = { ...cast, events: cast.events.map((event) => ({ ...event, at: playedAt(event.at) })) };
  if (castSeconds(faster) > 75) throw new Error(`the recording takes ${castSeconds(faster).toFixed()} s`);
  return faster;
}
