import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** A program of a few lines with our sources in it, each run of it a process of its own. */
export interface ChildProgram {
  /** Starts it; `said` resolves at its first line on stdout, `ended` when it is gone. */
  start(...args: readonly string[]): { readonly process: ChildProcess; readonly said: Promise<string>; readonly ended: Promise<number | null> };
  remove(): void;
}

/** `source` is TypeScript; `@src/…` stands for our own sources. */
export function childProgram(source: string): ChildProgram {
  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-child-'));
  const entry = join(folder, 'entry.ts');
  const outfile = join(folder, 'program.mjs');
  writeFileSync(entry, source.replaceAll('@src', join(import.meta.dirname, '..', '..', 'src')));
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' });
  return {
    start(...args) {
      const child = spawn(process.execPath, [outfile, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      const said = new Promise<string>((resolve, reject) => {
        let text = '';
        child.stdout.on('data', (chunk) => {
          text += String(chunk);
          if (text.includes('\n')) resolve(text.trim());
        });
        child.once('exit', (code) => reject(new Error(`ended with ${code} before it said anything`)));
      });
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      said.catch(() => undefined);
      return { process: child, said, ended };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
