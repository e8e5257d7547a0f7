import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const fuzz = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(root, 'test', 'run.ts'), 'fuzz/main.ts', ...args], { cwd: root, encoding: 'utf8' });

describe('fuzzing the parsers', () => {
  it('finds no crash, no hang and no raw text in a few seconds of a fixed seed', () => {
    const { stdout, status } = fuzz('--seconds', '6', '--seed', '1');
    expect(stdout).toMatch(/\d+ inputs, no fault/);
    expect(status).toBe(0);
  });

  it('would find a crash, a hang and a raw escape sequence', () => {
    const { stdout, status } = fuzz('--seconds', '14', '--seed', '5', '--planted');
    expect(stdout).toMatch(/^crash: planted crash: TypeError/m);
    expect(stdout).toMatch(/^raw text: planted escape/m);
    expect(stdout).toMatch(/^hang: planted hang/m);
    expect(status).toBe(1);
  });
});
