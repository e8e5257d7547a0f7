import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { endedChildrenSeconds } from './usage.js';

/** kubectl itself: some systems have a program of that name that looks which version the server wants and starts that one. */
export function findKubectl(): string | null {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'kubectl'))
    .find((file) => existsSync(file));
  if (found === undefined) return null;
  const folder = dirname(realpathSync(found));
  const newest = readdirSync(folder)
    .flatMap((name) => /^kubectl\.1\.(\d+)$/.exec(name)?.[1] ?? [])
    .sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? found : join(folder, `kubectl.1.${newest}`);
}

export function kubectlVersion(kubectl: string): string {
  const text = execFileSync(kubectl, ['version', '--client'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return /v\d[\w.+-]*/.exec(text)?.[0] ?? 'unknown';
}

/** Runs a command to its end with nobody reading what it prints. Rejects where it does not end with one of these codes. */
export async function timed(
  [command, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  codes: readonly number[] = [0],
): Promise<{ readonly ms: number; readonly processorMs: number }> {
  const before = endedChildrenSeconds();
  const started = performance.now();
  const child = spawn(command, args, { env, stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  const ms = performance.now() - started;
  if (!codes.includes(Number(code))) throw new Error(`${command} ${args.join(' ')} ended with ${String(code)}`);
  return { ms, processorMs: (endedChildrenSeconds() - before) * 1000 };
}
