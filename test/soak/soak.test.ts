import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Resolves with the exit code and all that was printed. */
function soak(...args: readonly string[]): Promise<{ readonly status: number; readonly said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'test', 'run.ts'), 'soak/main.ts', ...args], { cwd: root, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, said: `${stdout}${stderr}` }),
    );
  });
}

describe('soaking the program', () => {
  it('leaves it none the worse after a quarter of a minute of everything', async () => {
    const { status, said } = await soak('--minutes', '0.25', '--seed', '1');
    expect(said).toMatch(/no fault$/m);
    expect(said).toMatch(/all screens say what is so/);
    expect(status).toBe(0);
  }, 300_000);

  it.concurrent('would find a leak', async () => {
    const { status, said } = await soak('--minutes', '0.2', '--seed', '2', '--planted', 'leak');
    expect(said).toMatch(/✗ the heap grew by \d/);
    expect(said).toMatch(/faults with seed 2$/m);
    expect(status).toBe(1);
  }, 120_000);

  it.concurrent('would find a crash', async () => {
    const { status, said } = await soak('--minutes', '1', '--seed', '3', '--planted', 'crash');
    expect(said).toMatch(/✗ the program ended with 1/);
    expect(said).toMatch(/✗ it said on stderr: gpuk8s-tui: a planted crash/);
    expect(status).toBe(1);
  }, 120_000);

  it.concurrent('would find a raw escape sequence', async () => {
    const { status, said } = await soak('--minutes', '1', '--seed', '4', '--planted', 'escape');
    expect(said).toMatch(/✗ raw text on the terminal: a foreign sequence .*a planted title/);
    expect(status).toBe(1);
  }, 120_000);
});
