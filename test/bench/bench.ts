import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findKubectl } from './peers.js';

/** What every group of the benchmark has at hand. */
export interface Bench {
  /** The words that start the program that was built for this run. */
  readonly program: readonly [string, ...string[]];
  /** The single executable, where one was built. */
  readonly binary: string | null;
  /** Null where there is none: its lines are left out. */
  readonly kubectl: string | null;
  /** Rounds of what is quick: at least seven. */
  readonly rounds: number;
  /** Rounds of what takes long or counts thousands of things in one. */
  readonly fewRounds: number;
  readonly quick: boolean;
  readonly churnMinutes: number;
  /** For everything that is thrown away at the end. */
  readonly folder: string;
  /** Compiled code is kept here from one start to the next, as in a user's own cache folder. */
  readonly cache: string;
  /** Says what goes on, for whoever waits. */
  say(text: string): void;
}

/** Builds the program apart from the one in dist/ and finds what it is compared with. */
export function prepareBench({ quick, churnMinutes }: { readonly quick: boolean; readonly churnMinutes: number }): Bench {
  const root = process.cwd();
  const built = join(root, 'build', 'bench');
  mkdirSync(built, { recursive: true });
  execFileSync(process.execPath, ['build.ts', 'build/bench/dist'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  cpSync(join(root, 'package.json'), join(built, 'package.json'));
  cpSync(join(root, 'assets'), join(built, 'assets'), { recursive: true });
  const binary = join(root, 'build', 'gpuk8s-tui-linux-x64');
  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-bench-'));
  const started = performance.now();
  return {
    program: [process.execPath, join(built, 'dist', 'gpuk8s-tui.js')],
    binary: process.platform === 'linux' && process.arch === 'x64' && existsSync(binary) ? binary : null,
    kubectl: findKubectl(),
    rounds: quick ? 3 : 7,
    fewRounds: quick ? 1 : 3,
    quick,
    churnMinutes,
    folder,
    cache: join(folder, 'cache'),
    say: (text) => void process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${text}\n`),
  };
}
